import type { z } from 'zod';
import { aiEndpoints } from './aiEndpoints.ts';
import { auditEndpoints } from './auditEndpoints.ts';
import { authEndpoints } from './authEndpoints.ts';
import { contextEndpoints } from './contextEndpoints.ts';
import { conversationEndpoints } from './conversationEndpoints.ts';
import type { EndpointContract } from './endpoint.ts';
import { evaluationEndpoints } from './evaluationEndpoints.ts';
import { integrationEndpoints } from './integrationEndpoints.ts';
import { memoryEndpoints } from './memoryEndpoints.ts';
import { modelEndpoints } from './modelEndpoints.ts';
import { modelPerformanceEndpoints } from './modelPerformanceEndpoints.ts';
import { observationEndpoints } from './observationEndpoints.ts';
import { vectorEndpoints } from './vectorEndpoints.ts';
import { webhookEndpoints } from './webhookEndpoints.ts';

/** Every endpoint of `/api`, by its name: the `operationId` of `/openapi.json`. */
export const endpoints = {
  ...conversationEndpoints,
  ...memoryEndpoints,
  ...contextEndpoints,
  ...observationEndpoints,
  ...authEndpoints,
  ...evaluationEndpoints,
  ...vectorEndpoints,
  // Before those with `{model_id}` in the same place: the first that fits answers.
  ...aiEndpoints,
  ...modelPerformanceEndpoints,
  ...modelEndpoints,
  ...integrationEndpoints,
  ...auditEndpoints,
  ...webhookEndpoints,
} satisfies Record<string, EndpointContract>;

type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;

/** A schema without fields adds nothing to the object that holds them all. */
type Given<S extends z.ZodObject> = keyof S['shape'] extends never ? unknown : z.input<S>;
type Parsed<S extends z.ZodObject> = keyof S['shape'] extends never ? unknown : z.output<S>;

/** What a caller gives: the fields of path, query and body in one object. */
export type EndpointInput<N extends EndpointName> = Given<Endpoints[N]['params']> &
  Given<Endpoints[N]['query']> &
  Given<Endpoints[N]['body']>;
/** What a handler gets. */
export type EndpointArguments<N extends EndpointName> = Parsed<Endpoints[N]['params']> &
  Parsed<Endpoints[N]['query']> &
  Parsed<Endpoints[N]['body']>;
export type EndpointOutput<N extends EndpointName> = z.output<Endpoints[N]['output']>;
/** Endpoints that answer with server-sent events. */
export type EventEndpointName = {
  [N in EndpointName]: Endpoints[N] extends { answers: 'events' } ? N : never;
}[EndpointName];
/** The others: they answer with the envelope. */
export type JsonEndpointName = Exclude<EndpointName, EventEndpointName>;
