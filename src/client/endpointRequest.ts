import { type EndpointContract, isEmpty } from '../contracts/endpoint.ts';
import { TurnkeepError } from '../contracts/errors.ts';
import type { HttpRequest } from './http.ts';

type Fields = Record<string, unknown>;

/**
 * Where the fields of an input go: into the path, the query or the body. `url` is a path.
 * @throws TurnkeepError `usage` for a field of the path that is missing, or of no place.
 */
export function endpointRequest(
  { method, path, params, query, body }: EndpointContract,
  input: Fields,
): Pick<HttpRequest, 'method' | 'url' | 'body'> {
  const search = new URLSearchParams();
  const content: Fields = {};
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || name in params.shape) continue;
    if (name in query.shape) search.set(name, String(value));
    else if (name in body.shape) content[name] = value;
    else throw new TurnkeepError('usage', `${method} ${path} takes no field "${name}".`);
  }
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = input[name];
    if (value === undefined || value === '') {
      throw new TurnkeepError('usage', `${method} ${path} needs the field "${name}".`);
    }
    return encodeURIComponent(String(value));
  });
  const asked = search.toString();
  const url = asked === '' ? filled : `${filled}?${asked}`;
  // A write is refused that does not say that it is JSON, also when there is nothing to say.
  const isWrite = method === 'POST' || method === 'PUT' || method === 'PATCH';
  return isEmpty(body) && !isWrite ? { method, url } : { method, url, body: content };
}
