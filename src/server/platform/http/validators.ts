import type { ValidatorName } from '../../../contracts/endpoint.ts';
import type { FieldError } from '../../../contracts/errors.ts';
import { invalidFields } from './endpointInput.ts';

type Fields = Record<string, unknown>;

/** The checks that definitions name: what is wrong, or null. */
export const validators: Record<ValidatorName, (input: Fields) => FieldError | null> = {
  timeRange({ since, until }) {
    if (typeof since !== 'string' || typeof until !== 'string') return null;
    if (Date.parse(since) < Date.parse(until)) return null;
    return { path: 'until', message: 'It must be after `since`.' };
  },
  oneScope({ session_id, project }) {
    if (session_id === undefined || project === undefined) return null;
    return { path: 'project', message: 'Give either `session_id` or `project`.' };
  },
  someFilter({ project, older_than_days }) {
    if (project !== undefined || older_than_days !== undefined) return null;
    return {
      path: 'project',
      message: 'Say what to delete: `project`, `older_than_days` or both.',
    };
  },
};

/** @throws TurnkeepError `invalid_request` with what the named checks find wrong. */
export function validate(names: readonly ValidatorName[], input: Fields): void {
  const wrong = names.flatMap((name) => validators[name](input) ?? []);
  if (wrong.length > 0) throw invalidFields(wrong);
}
