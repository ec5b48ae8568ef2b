import type { Context } from 'hono';
import type { CallContext } from '../../../contracts/context.ts';
import type {
  EndpointArguments,
  EndpointName,
  EndpointOutput,
  EventEndpointName,
} from '../../../contracts/endpoints.ts';
import type { Principal } from '../../auth/service.ts';
import type { Variables } from './envelope.ts';

/** What a handler, a middleware and a validator know of a request beside its input. */
export type EndpointCall = {
  principal: Principal;
  context: CallContext;
  requestId: string;
  idempotencyKey: string | undefined;
  /** Aborted when the client leaves or the time of the endpoint is over. */
  readonly signal: AbortSignal;
  header(name: string): string | undefined;
  /** The same for the same request of the same caller. */
  fingerprint(): string;
  /** Answers with this status of success instead of 200; the definition names it. */
  answerWith(status: 201): void;
};

/** One server-sent event. */
export type ServerEvent<D = unknown> = { id: string; event: string; data: D };

type Events<D> = AsyncIterable<ServerEvent<D>>;
/** What is wrong before the first event is thrown at once: it is answered as any other error. */
export type EndpointHandler<N extends EndpointName> = (
  input: EndpointArguments<N>,
  call: EndpointCall,
) => N extends EventEndpointName
  ? Events<EndpointOutput<N>> | Promise<Events<EndpointOutput<N>>>
  : Promise<EndpointOutput<N>>;
export type EndpointHandlers = { [N in EndpointName]: EndpointHandler<N> };

/** A handler whose endpoint is known by its definition alone. */
export type AnyHandler = (input: never, call: EndpointCall) => unknown;

/** What goes back: the envelope is put around `data`, unless `status` is 304. */
export type Answer = { status: 200 | 201 | 304; data: unknown; headers: Record<string, string> };
export type Middleware = (call: EndpointCall, next: () => Promise<Answer>) => Promise<Answer>;

export type AppContext = Context<{ Variables: Variables }>;
