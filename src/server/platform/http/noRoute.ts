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
export function noRoute(
  app: Hono<{ Variables: Variables }>,
  c: AppContext,
): { error: TurnkeepError; headers: Record<string, string> } {
  const { method, path } = c.req;
  const others = methodsOf(app, path);
  const shown = path.slice(0, 200);
  if (others.length === 0) {
    const error = new TurnkeepError('not_found', `There is no route ${method} ${shown}.`);
    return { error, headers: {} };
  }
  const allowed = others.join(', ');
  const error = new TurnkeepError(
    'method_not_allowed',
    `${shown} does not take ${method}, but ${allowed}.`,
  );
  return { error, headers: { Allow: allowed } };
}
