import * as vscode from 'vscode';
import type { Metric, Threshold } from '../../contracts/modelPerformance.ts';
import { oneLine } from '../pages/plainText.ts';
import type { ServerLink } from '../server.ts';
import { type ModelChooser, modelOf } from './pickModel.ts';
import { boundText, metricName } from './standingText.ts';

type Direction = Threshold['direction'];
type Wanted = { metric: string; threshold: number | undefined; direction?: Direction };
type Row = vscode.QuickPickItem & { metric: string; direction?: Direction; unit: string };

/** Holds a model to a bound; an empty one takes the bound away. */
export function setThreshold(chooser: ModelChooser, done: () => void) {
  return async (argument?: unknown) => {
    const model = await modelOf(chooser, argument, 'Set Threshold');
    if (!model) return;
    const { messages, server } = chooser.app;
    const known = await readKnown(server, model);
    const name = oneLine(known.model_name, 60);
    const wanted = given(argument) ?? (await ask(`Set Threshold · ${name}`, known));
    if (!wanted) return;
    const { metric, threshold, direction } = wanted;
    if (threshold === undefined) {
      const own = known.thresholds.filter((one) => one.metric === metric && one.model_id !== null);
      for (const { threshold_id } of own) {
        await server.request('deleteModelThreshold', { threshold_id });
      }
      messages.done(`Turnkeep: ${metricName(metric)} of ${name} has no threshold any more.`);
    } else {
      const input = { model, metric, threshold, ...(direction ? { direction } : {}) };
      const made = await server.request('setModelThreshold', input);
      messages.done(`Turnkeep: ${metricName(metric)} of ${name} is to be ${boundText(made)}.`);
    }
    done();
  };
}

type Known = { model_name: string; metrics: Metric[]; given: string[]; thresholds: Threshold[] };

async function readKnown(server: ServerLink, model_id: string): Promise<Known> {
  const [model, { metrics, thresholds }] = await Promise.all([
    server.request('getModel', { model_id }),
    server.request('listModelThresholds', { model: model_id }),
  ]);
  const measured = new Set(metrics.map(({ metric }) => metric));
  const given = Object.keys(model.performance_metrics).filter((name) => !measured.has(name));
  return { model_name: model.model_name, metrics, given, thresholds };
}

/** What a program asks for: `{ model, metric, threshold }`. */
function given(argument: unknown): Wanted | undefined {
  if (typeof argument !== 'object' || argument === null || !('metric' in argument))
    return undefined;
  const threshold = 'threshold' in argument ? Number(argument.threshold) : undefined;
  return { metric: String(argument.metric), threshold };
}

async function ask(title: string, known: Known): Promise<Wanted | undefined> {
  const placeHolder = 'What is to be held to a bound?';
  const picked = await vscode.window.showQuickPick(rowsOf(known), {
    ...{ title, placeHolder, matchOnDescription: true, ignoreFocusOut: true },
  });
  if (!picked) return undefined;
  const now = known.thresholds.find(
    ({ metric, model_id }) => metric === picked.metric && model_id !== null,
  );
  const direction = now?.direction ?? picked.direction ?? (await askDirection(title, picked));
  if (!direction) return undefined;
  const bound = direction === 'ceiling' ? 'at most' : 'at least';
  const unit = picked.unit ? ` (${picked.unit})` : '';
  const text = await vscode.window.showInputBox({
    title,
    prompt: `${metricName(picked.metric)} is to be ${bound}${unit}; empty takes the threshold away`,
    ...(now ? { value: String(now.threshold) } : {}),
    ignoreFocusOut: true,
    validateInput: (value) => {
      const isNumber = value.trim() === '' || Number.isFinite(Number(value));
      return isNumber ? undefined : 'Type a number such as 500 or 0.9.';
    },
  });
  if (text === undefined) return undefined;
  const threshold = text.trim() === '' ? undefined : Number(text);
  return { metric: picked.metric, threshold, direction };
}

function rowsOf({ metrics, given, thresholds }: Known): Row[] {
  const now = (metric: string) => {
    const found = thresholds.filter((one) => one.metric === metric);
    const texts = found.map(
      (one) => `${boundText(one)}${one.model_id === null ? ' for every model' : ''}`,
    );
    return texts.length > 0 ? { description: texts.join(', ') } : {};
  };
  return [
    ...metrics.map(({ metric, description, direction, unit }) => ({
      ...{ label: metricName(metric), detail: description, metric, direction },
      ...{ unit: unit === '1' ? '0 to 1' : unit.replace(/[{}]/g, ''), ...now(metric) },
    })),
    ...given.map((metric) => ({
      ...{ label: metricName(metric), detail: 'Given for this model', metric, unit: '' },
      ...now(metric),
    })),
  ];
}

async function askDirection(title: string, { metric }: Row): Promise<Direction | undefined> {
  const rows: { label: string; direction: Direction }[] = [
    { label: 'At least: less is worse', direction: 'floor' },
    { label: 'At most: more is worse', direction: 'ceiling' },
  ];
  const placeHolder = `How is ${metricName(metric)} to be?`;
  const picked = await vscode.window.showQuickPick(rows, { title, placeHolder });
  return picked?.direction;
}
