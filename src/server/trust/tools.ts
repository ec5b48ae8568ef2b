import type { trustTools as contracts } from '../../contracts/trustTools.ts';
import type { Handlers } from '../platform/tool.ts';
import type { Trust } from './service.ts';

/** The tools about trusted folders. */
export function trustTools(trust: Trust): Pick<Handlers, keyof typeof contracts> {
  return {
    list_trusted_folders: async () => ({ folders: await trust.list() }),
    trust_folder: ({ folder, by }) => trust.add(folder, by ?? 'person'),
    untrust_folder: ({ folder }) => trust.remove(folder),
  };
}
