import type { Handlers } from '../platform/tool.ts';
import { historyTools } from './history/tools.ts';
import type { Capture } from './service.ts';

type CaptureTools = Pick<
  Handlers,
  | 'get_capture_health'
  | 'get_capture_settings'
  | 'set_capture_settings'
  | 'list_dead_letters'
  | 'retry_dead_letters'
  | 'delete_dead_letters'
> &
  ReturnType<typeof historyTools>;

/** The tools of automatic capture: its health and settings, dead letters, and history. */
export function captureTools(capture: Capture): CaptureTools {
  return {
    ...historyTools(capture.historyDeps, capture.jobs),
    get_capture_health: () => capture.health(),
    async get_capture_settings() {
      return { settings: await capture.settings.current() };
    },
    async set_capture_settings(patch) {
      return { settings: await capture.set(patch) };
    },
    async list_dead_letters() {
      return { dead_letters: await capture.spool.deadLetters() };
    },
    async retry_dead_letters({ names }) {
      return { retried: await capture.spool.retry(names) };
    },
    async delete_dead_letters({ names }) {
      return { deleted: await capture.spool.forget(names) };
    },
  };
}
