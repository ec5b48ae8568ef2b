import type { Discovery } from '../contracts/server.ts';
import type { Problem } from './problem.ts';

/**
 * What the window knows of the server. `asleep`: it ended by itself because nobody used it; the
 * next call starts it. `down`: it could not be reached or started.
 */
export type ServerState =
  | { kind: 'starting' }
  | { kind: 'connected'; discovery: Discovery }
  | { kind: 'asleep' }
  | { kind: 'down'; problem: Problem };

/** One line about a state, for tooltips and the status bar. */
export function describeState(state: ServerState): string {
  switch (state.kind) {
    case 'starting':
      return 'The server is starting.';
    case 'connected':
      return `The server runs at ${state.discovery.url} (version ${state.discovery.version}).`;
    case 'asleep':
      return 'The server sleeps; it starts by itself at the next use.';
    case 'down':
      return `The server is not running: ${state.problem.message}`;
  }
}

/** Whether two states look the same to a person, so that nothing needs to be drawn again. */
export function sameState(one: ServerState, other: ServerState): boolean {
  return one.kind === other.kind && describeState(one) === describeState(other);
}
