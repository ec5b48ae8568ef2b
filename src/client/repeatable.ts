import { type ToolName, tools } from '../contracts/tools.ts';

const REPEATABLE: ReadonlySet<string> = new Set([
  'close_session',
  'import_messages',
  'delete_conversations',
  'migrate_database',
  'stop_server',
]);

/** Whether calling the tool twice with this input is the same as calling it once. */
export function isRepeatable(name: string, input: object): boolean {
  if (name in tools && tools[name as ToolName].readOnly) return true;
  if (REPEATABLE.has(name) || ('event_id' in input && input.event_id !== undefined)) return true;
  if (!('turns' in input) || !Array.isArray(input.turns)) return false;
  return input.turns.every((turn: unknown) => {
    return typeof turn === 'object' && turn !== null && 'event_id' in turn && !!turn.event_id;
  });
}
