import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  PerformanceCard,
  PerformanceCheck,
  Rule,
  Threshold,
} from '../../src/contracts/modelPerformance.ts';
import { type CliHome, cliHome } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
  await models('add', 'quick', '--provider', 'acme', '--metrics', '{"accuracy":0.8}');
});
afterAll(() => cli.remove());

const models = (...args: string[]) => cli.run(['models', ...args]);
const json = <T>(...args: string[]) => cli.json<T>(['models', ...args]);

it('shows the figures of a model, and sets its metrics', async () => {
  expect((await models('performance')).stdout).toContain('No model was called');
  const set = await models('performance', 'quick', '--set', 'accuracy=0.96', 'f1=0.5');
  expect(set).toMatchObject({ code: 0, stdout: 'acme/quick: accuracy 0.96, f1 0.5.\n' });
  await models('performance', 'quick', '--set', 'f1=', '--reason', 'not of use');
  const card = await json<PerformanceCard>('performance', 'quick', '--since', '2w');
  expect(card).toMatchObject({ performance_metrics: { accuracy: 0.96 }, figures: { calls: 0 } });
  const shown = (await models('performance', 'quick')).stdout;
  expect(shown).toMatch(/calls +0\n/);
  expect(shown).toContain('accuracy 0.96');
  expect((await models('performance', 'quick', '--set', 'accuracy=much')).code).toBe(2);
  expect((await models('performance', '--since', '1d')).code).toBe(2);
});

it('sets, lists, checks and removes thresholds; a violated one is exit code 1', async () => {
  expect((await models('check')).stdout).toBe('No threshold is violated.\n');
  const set = await models('threshold', 'quick', 'accuracy', '0.99');
  expect(set.stdout).toBe('acme/quick: accuracy at least 0.99.\n');
  const all = await models('threshold', '--all', 'error_rate', '0.05', '--window', '120');
  expect(all.stdout).toBe('Every model: error_rate at most 0.05.\n');
  const check = await models('check', 'quick', '--json');
  expect(check.code).toBe(1);
  expect(JSON.parse(check.stdout) as PerformanceCheck).toMatchObject({
    is_performing_well: false,
    violations: [{ metric: 'accuracy', value: 0.96, threshold: 0.99 }],
  });
  expect(await models('check')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/violated/),
  });
  const { thresholds } = await json<{ thresholds: Threshold[] }>('threshold');
  expect(thresholds).toMatchObject([{ metric: 'accuracy' }, { window_seconds: 7200 }]);
  const removed = await models('threshold', '--remove', thresholds[0]?.threshold_id ?? '');
  expect(removed.stdout).toBe('It is gone.\n');
  const kept = await models('check', 'quick');
  expect(kept).toMatchObject({ code: 0, stdout: expect.stringContaining('keeps 0 of 1') });
  expect((await models('threshold', 'quick', 'accuracy', 'high')).code).toBe(2);
  const unknown = await models('threshold', 'quick', 'zing', '1');
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('direction') });
});

it('keeps rules, and says what they advise', async () => {
  expect((await models('recommendations')).stdout).toBe('The rules advise nothing.\n');
  const parts = ['--title', 'Not exact', '--advice', 'Try another.'];
  const when = ['--when', '{"metric":"accuracy","op":"<","value":0.97}'];
  expect((await models('rules', 'exact', ...parts, ...when)).stdout).toBe(
    'The rule exact is on.\n',
  );
  const advice = (await models('recommendations', 'quick')).stdout;
  expect(advice).toBe('acme/quick: Not exact\n  Try another.\n  (accuracy 0.96)\n');
  expect((await models('rules', 'long_prompts', '--off')).stdout).toContain('is off');
  const { rules } = await json<{ rules: Rule[] }>('rules');
  expect(rules.find(({ rule_id }) => rule_id === 'long_prompts')?.enabled).toBe(false);
  expect((await models('rules')).stdout).toContain('your own');
  expect((await models('rules', 'exact', '--when', '{"metric":1}')).code).toBe(2);
  const misspelt = ['--when', '{"metric":"acuracy","op":"<","value":1}'];
  await models('rules', 'exact', ...misspelt);
  const failed = await models('recommendations');
  expect(failed.stderr).toContain('No model has a metric "acuracy".');
  expect((await models('rules', 'exact', '--remove')).stdout).toContain('is gone');
});
