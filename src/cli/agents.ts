import { InvalidArgumentError } from 'commander';
import { TurnkeepError } from '../contracts/errors.ts';
import { AGENTS, type Agent } from '../contracts/observed.ts';

function agentOf(name: string): Agent | undefined {
  return AGENTS.find((agent) => agent === name);
}

/** A parser for an option that may be repeated, each value one of the agents. */
export function oneMoreAgent(value: string, before: Agent[] = []): Agent[] {
  const agent = agentOf(value);
  if (agent) return [...before, agent];
  throw new InvalidArgumentError(`Expected is one of ${AGENTS.join(', ')}.`);
}

/** A parser for an option that may be repeated. */
export function oneMoreText(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Operands as agents. Throws `usage` for a name that is none. */
export function agentsOf(names: readonly (string | undefined)[]): Agent[] {
  return names.flatMap((name) => {
    if (name === undefined) return [];
    const agent = agentOf(name);
    if (agent) return [agent];
    throw new TurnkeepError('usage', `There is no agent "${name}": ${AGENTS.join(', ')}.`);
  });
}
