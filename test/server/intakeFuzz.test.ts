import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AGENTS } from '../../src/contracts/observed.ts';
import { HookIntake } from '../../src/server/capture/intake/hooks.ts';
import type { HookObservation } from '../../src/server/capture/intake/payloads/fields.ts';
import { Projects } from '../../src/server/capture/settings/projects.ts';
import { SettingsStore } from '../../src/server/capture/settings/settings.ts';
import type { Database } from '../../src/server/database/database.ts';
import { type HookFile, hookFile } from '../support/hooks.ts';
import { openTestDatabase } from '../support/memoryDatabase.ts';

const RUNS = 500;
const ENTRIES_A_RUN = 20;

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const NAMES = [
  ...[
    'conversation_id',
    'generation_id',
    'session_id',
    'sessionId',
    'prompt_id',
    'hook_event_name',
  ],
  ...['hookEventName', 'prompt', 'text', 'last_assistant_message', 'prompt_response', 'status'],
  ...['model', 'input_tokens', 'duration_ms', 'file_path', 'workspace_roots', 'cwd', 'attachments'],
  ...['transcript_path', 'timestamp', 'cursor_version', '__proto__', 'constructor'],
];
const KINDS = [
  ...['beforeSubmitPrompt', 'afterAgentResponse', 'afterAgentThought', 'afterFileEdit', 'stop'],
  ...['sessionStart', 'sessionEnd', 'UserPromptSubmit', 'Stop', 'SubagentStop', 'SessionStart'],
  ...['userPromptSubmitted', 'agentStop', 'BeforeAgent', 'AfterAgent', 'hasOwnProperty', 'newer'],
];
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constant('a\u0000\uD800b'),
);
const anyValue = fc.oneof(
  anyText,
  fc.jsonValue(),
  fc.constantFrom('', ' ', '/w', '../x', -1, 1e300),
);
const few = fc.constantFrom('one', 'two', 'three');
/** Half of what an agent would send, half of something else. */
const payload = fc
  .record(
    {
      hook_event_name: fc.constantFrom(...KINDS),
      conversation_id: few,
      session_id: few,
      generation_id: fc.oneof(few, anyValue),
      prompt: anyText,
      text: anyText,
      last_assistant_message: anyText,
      prompt_response: anyText,
      workspace_roots: fc.oneof(fc.constant(['/w']), anyValue),
    },
    { requiredKeys: [] },
  )
  .chain((good) =>
    fc
      .dictionary(fc.constantFrom(...NAMES), anyValue, { maxKeys: 4 })
      .map((bad) => ({ ...good, ...bad })),
  );
const standardInput = fc.oneof(
  { weight: 6, arbitrary: payload.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: payload.map((value) => JSON.stringify(value).slice(0, -3)) },
  { weight: 1, arbitrary: anyText },
  { weight: 1, arbitrary: fc.json() },
);
const entry = fc.record({
  agent: fc.constantFrom(...AGENTS),
  text: standardInput,
  id: fc.oneof(fc.uuid(), fc.string({ minLength: 1, unit: 'binary' })),
  cwd: fc.oneof(fc.constant('/w'), anyText),
  env: fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constant({ CURSOR_VERSION: '3' }) },
  ),
});

it('10,000 payloads of any kind end as a stored turn, an event or a named dead letter', async () => {
  const stored: HookObservation[] = [];
  const settings = new SettingsStore(join(tmpdir(), 'turnkeep-no-such-file.json'), () => {});
  const projects = new Projects(database);
  const intake = new HookIntake({
    ...{ database, person: 'test', settings, projects },
    observed: { resolve: projects.ofFolder },
    isReadable: async () => false,
    onStored: (observation) => stored.push(observation),
    deferred: { keep: async () => Promise.reject(new Error('no transcript is readable')) },
  });
  const counts = { entries: 0, dead: 0, repeats: 0 };
  const reasons = new Set<string>();
  const start = Date.parse('2026-01-01T00:00:00Z');
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { minLength: ENTRIES_A_RUN, maxLength: ENTRIES_A_RUN }),
      async (entries) => {
        const files: HookFile[] = entries.map(({ agent, text, ...more }, index) => {
          const at = new Date(start + (counts.entries + index) * 4000).toISOString();
          const file = hookFile(agent, text, { ...more, at });
          return { ...file, name: `${index}-${file.name}` };
        });
        const before = stored.length;
        const refused = await intake.take(files);
        counts.entries += files.length;
        counts.dead += refused.size;
        counts.repeats += files.length - refused.size - (stored.length - before);
        for (const { code, message } of refused.values()) {
          expect(['invalid_json', 'invalid_request']).toContain(code);
          reasons.add(message);
        }
      },
    ),
    { numRuns: RUNS, seed: 4, endOnFailure: true },
  );
  expect(counts.entries).toBe(RUNS * ENTRIES_A_RUN);
  expect(counts.dead + counts.repeats + stored.length).toBe(counts.entries);
  // Nothing ends without a reason, and the reasons are few enough to be read.
  expect(reasons.size).toBeGreaterThan(3);
  expect(reasons.size).toBeLessThan(12);
  expect(stored.length).toBeGreaterThan(1000);
  const events = await database.read.selectFrom('capture_events').select('count').execute();
  expect(events.reduce((sum, { count }) => sum + Number(count), 0)).toBe(stored.length);
  const said = stored.filter(({ turn }) => turn?.prompt || turn?.answers.length).length;
  const turns = await database.read
    .selectFrom('conversation_messages')
    .select(({ fn }) => fn.count<string>('turn_id').distinct().as('turns'))
    .executeTakeFirstOrThrow();
  expect(Number(turns.turns)).toBeGreaterThan(100);
  expect(Number(turns.turns)).toBeLessThanOrEqual(said);
}, 300_000);
