import { EDITOR_CONNECTION } from '../../contracts/modelConnections.ts';
import type { modelTools } from '../../contracts/modelTools.ts';
import type { Handlers } from '../platform/tool.ts';
import { putConnection } from './connections/store.ts';
import { known } from './discovery/source.ts';
import { takeIn } from './discovery/takeIn.ts';
import type { Models } from './service.ts';
import { modelsWithTurns } from './withTurns.ts';

/** The tools of the registry. */
export function registryTools(models: Models): Pick<Handlers, keyof typeof modelTools> {
  return {
    async list_models(input, { signal }) {
      return { models: await modelsWithTurns(models, input, signal) };
    },
    offer_models({ models: offered }) {
      const found = offered.map(({ name, provider, version, family, context_window }) => ({
        ...{ model_name: name, model_type: 'llm' as const, provider, version },
        metadata: known({ family, context_window }),
      }));
      return models.database.write(async (tx) => {
        const there = await tx.read
          .selectFrom('model_connections')
          .select('connection_id')
          .where('connection_id', '=', EDITOR_CONNECTION)
          .executeTakeFirst();
        // One that the person has switched off stays so.
        if (!there) await putConnection(tx, { connection_id: EDITOR_CONNECTION, kind: 'vscode' });
        return takeIn(tx, EDITOR_CONNECTION, found, 'editor');
      });
    },
    async provide_keys({ keys }) {
      models.keys.provide(keys);
      const lacking = (await models.connections()).flatMap(({ key_ref, has_key }) =>
        key_ref?.startsWith('secret:') && !has_key ? [key_ref.slice('secret:'.length)] : [],
      );
      return { missing: [...new Set(lacking)] };
    },
  };
}
