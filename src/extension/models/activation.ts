import { oneLine } from '../pages/plainText.ts';
import { type ModelChooser, modelOf } from './pickModel.ts';

/** Takes a model out of use, or into it again. Its figures and history stay either way. */
export function setActive(chooser: ModelChooser, isActive: boolean, done: () => void) {
  return async (argument?: unknown) => {
    const title = isActive ? 'Activate Model' : 'Deactivate Model';
    const model_id = await modelOf(chooser, argument, title, (one) => one.is_active !== isActive);
    if (!model_id) return;
    const { messages, server } = chooser.app;
    const name = isActive ? 'activateModel' : 'deactivateModel';
    const model = await server.request(name, { model_id, reason: 'in the editor' });
    done();
    const state = isActive ? 'active again' : 'inactive now';
    messages.done(`Turnkeep: ${oneLine(model.model_name, 60)} is ${state}.`);
  };
}
