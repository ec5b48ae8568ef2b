import type { ModelAlias } from '../../contracts/modelEndpoints.ts';
import { type Choice, pickOrType } from '../capture/pickOrType.ts';
import { oneLine } from '../pages/plainText.ts';
import { type ModelChooser, modelOf } from './pickModel.ts';

/** As the contract has it; the server says the same in more words. */
const ALIAS = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const SUGGESTED = ['fast', 'best', 'cheap'];

type Change = { alias: string; isTakenAway: boolean };

/** Gives a model a name of the person's own, or takes one away. */
export function setAlias(chooser: ModelChooser, done: () => void) {
  return async (argument?: unknown) => {
    const given = await modelOf(chooser, argument, 'Set Alias');
    if (!given) return;
    const { messages, server } = chooser.app;
    const [{ model_id, model_name }, { aliases }] = await Promise.all([
      server.request('getModel', { model_id: given }),
      server.request('listModelAliases', {}),
    ]);
    const name = oneLine(model_name, 60);
    const change = wanted(argument) ?? (await askAlias(name, model_id, aliases));
    if (!change) return;
    const { alias } = change;
    if (change.isTakenAway) await server.request('deleteModelAlias', { alias });
    else await server.request('setModelAlias', { alias, model: model_id });
    done();
    messages.done(
      change.isTakenAway
        ? `Turnkeep: ${name} has no alias “${alias}” any more.`
        : `Turnkeep: “${alias}” is ${name} now.`,
    );
  };
}

/** What a program asks for: `{ model, alias }`. */
function wanted(argument: unknown): Change | undefined {
  if (typeof argument !== 'object' || argument === null || !('alias' in argument)) return undefined;
  return { alias: String(argument.alias), isTakenAway: false };
}

function askAlias(name: string, model_id: string, aliases: ModelAlias[]) {
  const own = aliases.filter((one) => one.model_id === model_id).map(({ alias }) => alias);
  const others = new Map(aliases.map((one) => [one.alias, one.model_id]));
  const give = (alias: string): Choice<Change | undefined> => {
    const owner = others.get(alias);
    return {
      label: `$(tag) ${alias}`,
      ...(owner && owner !== model_id ? { description: `now ${oneLine(owner, 60)}` } : {}),
      value: { alias, isTakenAway: false },
    };
  };
  const takeAway = (alias: string): Choice<Change | undefined> => ({
    label: `$(trash) Take “${alias}” away`,
    value: { alias, isTakenAway: true },
  });
  const known = [...new Set([...aliases.map(({ alias }) => alias), ...SUGGESTED])];
  return pickOrType<Change | undefined>({
    title: `Set Alias · ${name}`,
    placeholder: 'Type a name of your own, or choose one; another model loses it',
    choices: [...own.map(takeAway), ...known.filter((alias) => !own.includes(alias)).map(give)],
    typed: (text) => {
      const alias = text.trim().toLowerCase();
      if (ALIAS.test(alias)) return give(alias);
      return { label: '$(warning) Letters, digits and . _ - are expected', value: undefined };
    },
  });
}
