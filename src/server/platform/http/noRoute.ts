import type { Hono } from 'hono';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { AppContext } from './endpoint.ts';
import type { Variables } from './envelope.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Methods that a path has a route for, other than the middlewares of every path. */
function methodsOf(app: Hono<{ Variables: Variables }>, path: string): string[] {
  return METHODS.filter((method) => {
    const [found] = app.router.match(method, path);
    return found.some(([[, route]]) => !route.path.includes('*'));
  });
}

/** The error of a request that no route takes; with `Allow` where another method would do. */
export function noRoute(app: Hono<{ Variables: Variables }>, c: AppContext): TurnkeepError {
  const { method, path } = c.req;
  const others = methodsOf(app, path);
  if (others.length === 0) {
    return new TurnkeepError('not_found', `There is no route ${method} ${path.slice(0, 200)}.`);
  }
  c.header('Allow', others.join(', '));
  return new TurnkeepError(
    'method_not_allowed',
    `${path.slice(0, 200)} does not take ${method}, but ${others.join(', ')}.`,
  );
}
