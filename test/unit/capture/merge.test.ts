import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Seen } from '../../../src/server/conversations/observed/model.ts';
import { BEGIN, iso, Stored, type StoryTurn, saidAt, seen } from './story.ts';

const story: StoryTurn[] = [
  { prompt: 'continue', parts: ['First I read the configuration and its tests.'] },
  { prompt: 'continue', parts: ['Then I changed the parser.', 'All of its tests pass now.'] },
  { prompt: 'yes', parts: ['Done.'] },
  { prompt: 'continue', parts: ['Done.'] },
];
const lines = (turns: StoryTurn[]) =>
  turns.map(({ prompt, parts }) => `${prompt} > ${parts.join(' + ')}`);
const LATE = BEGIN + 86_400_000;

/** All events of the hooks, in their order. */
function events(turns: StoryTurn[]): { at: number; seen: Seen }[] {
  return turns.flatMap(({ prompt, parts }, turn) => {
    const refs = [`generation:${turn}`];
    const event = (name: string) => `event:${turn}-${name}`;
    return [
      {
        at: saidAt(turn),
        seen: seen({ refs, event: event('ask'), prompt, at: saidAt(turn), status: 'open' }),
      },
      ...parts.map((text, index) => ({
        at: saidAt(turn, index + 1),
        seen: seen({
          refs,
          event: event(`part${index}`),
          parts: [text],
          at: saidAt(turn, index + 1),
          status: 'open',
        }),
      })),
      { at: saidAt(turn, 9), seen: seen({ refs, event: event('stop') }) },
    ];
  });
}

/** What a file or store holds of it at a moment. */
function snapshot(
  turns: StoryTurn[],
  at: number,
  how: { refs?: string; dated?: boolean } = {},
): Seen[] {
  return turns.flatMap(({ prompt, parts }, turn) => {
    if (saidAt(turn) > at) return [];
    const said = parts.filter((_part, index) => saidAt(turn, index + 1) <= at);
    return [
      seen({
        prompt,
        parts: said,
        refs: how.refs ? [`${how.refs}:${turn}`] : [],
        at: how.dated ? saidAt(turn) : undefined,
        status: saidAt(turn, 9) <= at ? 'complete' : 'open',
      }),
    ];
  });
}

describe('merge of what routes have seen', () => {
  it('stores a turn once by every route', () => {
    const stored = new Stored();
    for (const { at, seen } of events(story)) stored.hook(at, seen);
    expect(stored.lines).toEqual(lines(story));
    for (const route of ['transcript', 'store', 'import']) {
      const outcomes = stored.observe(route, true, LATE, snapshot(story, LATE));
      expect(outcomes.map(({ change }) => change)).toEqual(story.map(() => 'known'));
    }
    expect(stored.lines).toEqual(lines(story));
    expect(stored.routes(3)).toEqual(['hook', 'import', 'store', 'transcript']);
  });

  it('takes an event in once, and two events with the same words twice', () => {
    const stored = new Stored();
    const refs = ['generation:a'];
    stored.hook(1, seen({ refs, event: 'event:1', prompt: 'go', at: BEGIN }));
    for (const event of ['event:2', 'event:3', 'event:3', 'event:2']) {
      stored.hook(1, seen({ refs, event, parts: ['Running.'], status: 'open' }));
    }
    expect(stored.lines).toEqual(['go > Running. + Running.']);
    stored.observe('transcript', true, LATE, [
      seen({ prompt: 'go', parts: ['Running.', 'Running.'] }),
    ]);
    expect(stored.lines).toEqual(['go > Running. + Running.']);
  });

  it('takes the end of a turn once, whenever its hook runs again', () => {
    const refs = ['prompt:a'];
    const whole = [seen({ refs, prompt: 'go', parts: ['gerbil', 'hamster'] })];
    const end = (event: string) => seen({ refs, event, parts: ['hamster'], at: BEGIN });
    const ask = seen({ refs, event: 'event:1', prompt: 'go', at: BEGIN, status: 'open' });
    for (const readAfter of [0, 1, 2]) {
      const stored = new Stored();
      stored.hook(1, ask);
      for (const [index, event] of ['event:2', 'event:3', 'event:4'].entries()) {
        if (index === readAfter) stored.observe('transcript', true, LATE, whole);
        stored.hook(1 + index * 70_000, end(event));
      }
      expect(stored.lines).toEqual(['go > gerbil + hamster']);
      const names = stored.conversation.turns[0]?.names.map(({ ref }) => ref);
      expect(names).toEqual(expect.arrayContaining(['event:2', 'event:3', 'event:4']));
    }
    const alone = new Stored();
    for (const event of ['event:2', 'event:3']) alone.hook(1, end(event));
    expect(alone.lines).toEqual(['- > hamster']);
  });

  it('keeps the longer answer, whichever comes first', () => {
    const parts = ['One long paragraph of an answer that says much.', 'And a second one.'];
    for (const first of [parts, parts.slice(0, 1)]) {
      const stored = new Stored();
      stored.observe('transcript', true, 1, [seen({ prompt: 'go', parts: first })]);
      stored.observe('store', true, 2, [seen({ prompt: 'go', parts: parts.slice(0, 1) })]);
      stored.observe('import', true, 3, [seen({ prompt: 'go', parts: [] })]);
      stored.observe('store', true, 4, [seen({ prompt: 'go', parts })]);
      expect(stored.lines).toEqual([`go > ${parts.join(' + ')}`]);
    }
  });

  it('puts a prompt that comes late in front of its answer', () => {
    const stored = new Stored();
    const refs = ['generation:a'];
    stored.hook(1, seen({ refs, event: 'event:2', parts: ['Here it is.'], status: 'open' }));
    expect(stored.conversation.turns[0]?.answer?.position).toBe(2);
    stored.hook(2, seen({ refs, event: 'event:1', prompt: 'Where is it?' }));
    expect(stored.lines).toEqual(['Where is it? > Here it is.']);
    expect(stored.conversation.turns[0]?.prompt?.position).toBe(1);
  });

  it('remembers how a turn ended when that is told first', () => {
    const stored = new Stored();
    const refs = ['generation:b'];
    stored.hook(1, seen({ prompt: 'before', event: 'event:0', status: 'open' }));
    stored.hook(1, seen({ refs, event: 'event:3', status: 'aborted' }));
    stored.hook(2, seen({ refs, event: 'event:1', prompt: 'Wait', status: 'open' }));
    expect(stored.lines).toEqual(['before > -', 'Wait > -']);
    expect(stored.conversation.turns[1]?.prompt?.metadata).toEqual({ status: 'aborted' });
  });

  it('puts a turn that is found late where it belongs, and moves what is behind it', () => {
    const stored = new Stored();
    const all = snapshot(story, LATE);
    stored.observe(
      'store',
      true,
      1,
      [all[0], all[3]].filter((one) => one !== undefined),
    );
    stored.observe('transcript', true, 2, all);
    expect(stored.lines).toEqual(lines(story));
  });

  it('begins a branch where a prompt was edited and sent again', () => {
    const stored = new Stored();
    stored.observe('transcript', true, 1, snapshot(story, LATE));
    const edited = [
      ...snapshot(story.slice(0, 2), LATE),
      seen({ prompt: 'no', parts: ['Then I leave it as it was.'] }),
      seen({ prompt: 'good', parts: ['Fine.'] }),
    ];
    stored.observe('transcript', true, 2, edited);
    const branch = ['branch:1| no > Then I leave it as it was.', 'branch:1| good > Fine.'];
    expect(stored.lines).toEqual([...lines(story), ...branch]);
    expect(stored.observe('transcript', true, 3, edited).map(({ change }) => change)).toEqual(
      edited.map(() => 'known'),
    );
    expect(stored.lines).toEqual([...lines(story), ...branch]);
  });

  it('gives two turns with one parent two threads', () => {
    const stored = new Stored();
    const tree = [
      seen({ refs: ['message:a'], prompt: 'one', parts: ['1'] }),
      seen({ refs: ['message:b'], parent: 'message:a', prompt: 'two', parts: ['2'] }),
      seen({ refs: ['message:c'], parent: 'message:a', prompt: 'two again', parts: ['3'] }),
      seen({ refs: ['message:d'], parent: 'message:c', prompt: 'four', parts: ['4'] }),
    ];
    for (const at of [1, 2]) {
      stored.observe('transcript', true, at, tree);
      expect(stored.lines).toEqual([
        'one > 1',
        'two > 2',
        'branch:1| two again > 3',
        'branch:1| four > 4',
      ]);
    }
  });

  it('takes a new prompt for a new turn, though an older one has the same words', () => {
    const stored = new Stored();
    stored.observe('transcript', true, BEGIN, [seen({ prompt: 'continue', parts: ['Done.'] })]);
    const at = BEGIN + 60_000;
    stored.hook(at, seen({ refs: ['generation:z'], event: 'event:z', prompt: 'continue', at }));
    expect(stored.lines).toEqual(['continue > Done.', 'continue > -']);
  });

  it('gives a hook that was taken for another turn to the one with its answer', () => {
    const stored = new Stored();
    stored.observe('transcript', true, LATE, snapshot(story, LATE));
    for (const { seen } of events(story).slice(3)) stored.hook(LATE + 1, seen);
    expect(stored.lines).toEqual(lines(story));
    expect([0, 1, 2, 3].map((at) => stored.routes(at).includes('hook'))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('keeps known figures until a fuller answer brings later ones', () => {
    const stored = new Stored();
    const facts = { input_tokens: 3, model: 'first', files: ['a.ts'] };
    stored.observe('transcript', true, 1, [seen({ prompt: 'go', parts: ['Yes'], facts })]);
    const later = { input_tokens: 9, output_tokens: 4, model: 'second', files: ['b.ts'] };
    stored.observe('store', true, 2, [seen({ prompt: 'go', parts: ['Yes'], facts: later })]);
    const answer = () => stored.conversation.turns[0]?.answer;
    const known = { 'gen_ai.usage.output_tokens': 4, files: ['a.ts', 'b.ts'] };
    expect(answer()?.metadata).toEqual({ 'gen_ai.usage.input_tokens': 3, ...known });
    stored.observe('store', true, 3, [seen({ prompt: 'go', parts: ['Yes', 'No'], facts: later })]);
    expect(answer()?.metadata).toEqual({ 'gen_ai.usage.input_tokens': 9, ...known });
    expect(answer()?.model).toBe('first');
  });

  it('aligns thousands of equal prompts in little time', () => {
    const long = Array.from({ length: 5_000 }, (_, turn) => ({
      prompt: 'continue',
      parts: [`Step ${turn} is done, and these are the files that it has changed.`],
    }));
    const stored = new Stored();
    stored.observe(
      'store',
      true,
      1,
      snapshot(
        long.filter((_turn, at) => at % 3 !== 0),
        LATE,
      ),
    );
    const began = performance.now();
    stored.observe('transcript', true, 2, snapshot(long, Infinity));
    expect(stored.conversation.turns).toHaveLength(5_000);
    expect(stored.lines).toEqual(lines(long));
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

const words = fc.constantFrom('continue', 'continue', 'yes', 'fix it', 'What does the parser do?');
/** An answer like many others, or one of its own in several parts, some of which come again. */
const answer: fc.Arbitrary<string[]> = fc.oneof(
  fc.constant<string[]>(['Done.']),
  fc.array(fc.constantFrom<string[]>('read', 'changed', 'ran the tests of'), {
    minLength: 1,
    maxLength: 3,
  }),
);
const turns = fc
  .array(fc.record({ prompt: words, parts: answer }), { minLength: 1, maxLength: 6 })
  .map((made) =>
    made.map(({ prompt, parts }, turn) => ({
      prompt,
      parts: parts.map((text) =>
        text === 'Done.' ? text : `For request ${turn} I have ${text} the parser and its lexer.`,
      ),
    })),
  );
/** For each event: lost, in time, or late; and how often. */
const fate = fc.record({
  lost: fc.boolean(),
  late: fc.nat(1000),
  times: fc.integer({ min: 1, max: 2 }),
});
const reading = fc.record({
  route: fc.constantFrom('transcript', 'store', 'import'),
  minutes: fc.integer({ min: 0, max: 70 }),
});

type Fate = { lost: boolean; late: number; times: number };
type Reading = { route: string; minutes: number };

/** Plays a conversation by hooks and readings, the last two of which see all of it. */
function play(happened: StoryTurn[], fates: Fate[], readings: Reading[], dated: boolean): Stored {
  const stored = new Stored();
  const how = (route: string) => ({ dated, ...(route === 'store' ? { refs: 'bubble' } : {}) });
  const steps: { at: number; run: (at: number) => void }[] = [];
  for (const [index, event] of events(happened).entries()) {
    const { lost, late, times } = fates[index] ?? { lost: true, late: 0, times: 0 };
    for (let time = 0; time < (lost ? 0 : times); time++) {
      const at = late < 500 ? event.at + time : LATE + late + time;
      steps.push({ at, run: (now) => stored.hook(now, event.seen) });
    }
  }
  const read = (route: string, at: number, now: number) =>
    stored.observe(route, true, now, snapshot(happened, at, how(route)));
  for (const { route, minutes } of readings) {
    const at = BEGIN + minutes * 60_000;
    steps.push({ at, run: (now) => read(route, at, now) });
  }
  steps.push({ at: LATE + 600, run: (now) => read('transcript', now, now) });
  steps.sort((a, b) => a.at - b.at);
  for (const { at, run } of steps) run(at);
  read('store', LATE * 2, LATE * 2);
  const again = read('store', LATE * 2, LATE * 2 + 1);
  expect(again.every(({ change }) => change === 'known')).toBe(true);
  return stored;
}

const many = { minLength: 30, maxLength: 30 };

describe('parts of an answer that hooks told in another order', () => {
  const parts = ['The first of it.', 'The second of it.', 'The third of it.'];
  const part = (k: number) =>
    seen({ refs: ['generation:1'], event: `event:${k}`, parts: [parts[k] ?? ''], status: 'open' });
  const all = (said: string[]) => [seen({ prompt: 'What?', parts: said })];
  const inOrder = lines([{ prompt: 'What?', parts }]);

  it.each([
    [[1, 0, 2], 0],
    [[2, 0, 1], 0],
    [[2, 1, 0], 1],
    [[0, 2, 1], 1],
    [[1, 0, 2], 2],
  ])('%j, of which the transcript had %i before, have its order in the end', (order, before) => {
    const stored = new Stored();
    const ask = seen({ refs: ['generation:1'], event: 'event:ask', prompt: 'What?' });
    stored.hook(LATE, { ...ask, status: 'open' });
    if (before > 0) stored.observe('transcript', true, LATE, all(parts.slice(0, before)));
    for (const k of order) stored.hook(LATE, part(k));
    stored.observe('transcript', true, LATE, all(parts));
    expect(stored.lines).toEqual(inOrder);
    // What tells a piece alone knows nothing of the order.
    stored.observe('store', false, LATE, all(parts.toReversed()));
    for (const k of order) stored.hook(LATE, part(k));
    expect(stored.lines).toEqual(inOrder);
  });

  it('keep the order of the route that told them, where no hook did', () => {
    const stored = new Stored();
    stored.observe('transcript', true, LATE, all(parts));
    stored.observe('store', true, LATE, all(parts.toReversed()));
    expect(stored.lines).toEqual(inOrder);
  });
});

describe('any order, repetition and loss', () => {
  it('ends with the turns that happened, each route in its own order', () => {
    fc.assert(
      fc.property(
        turns,
        fc.array(fate, many),
        fc.nat(30),
        fc.array(reading, { maxLength: 5 }),
        fc.boolean(),
        (happened, fates, down, readings, dated) => {
          // From some event on the server is not there: all later ones come when it is again.
          const inOrder = fates.map(({ times }, index) => ({
            ...{ lost: false, times, late: index < down ? 0 : 500 + index * 10 },
          }));
          const stored = play(happened, inOrder, readings, dated);
          expect(stored.lines).toEqual(lines(happened));
          for (const at of happened.keys()) {
            expect(stored.routes(at)).toEqual(expect.arrayContaining(['hook', 'store']));
          }
        },
      ),
      { numRuns: 1000, seed: 20260301 },
    );
  });

  it('ends with the turns that happened, though events are lost and out of order', () => {
    const telling = turns.map((made) =>
      made.map(({ prompt, parts }, turn) => ({
        prompt,
        parts: parts.map((text) =>
          text === 'Done.' ? `This was request ${turn}, and all of it is done now.` : text,
        ),
      })),
    );
    fc.assert(
      fc.property(
        telling,
        fc.array(fate, many),
        fc.array(reading, { maxLength: 5 }),
        (happened, fates, readings) => {
          expect(play(happened, fates, readings, true).lines).toEqual(lines(happened));
        },
      ),
      { numRuns: 1000, seed: 20260301 },
    );
  });

  it('is complete from the events alone when none is lost', () => {
    fc.assert(
      fc.property(
        turns,
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 30, maxLength: 30 }),
        (happened, times) => {
          const stored = new Stored();
          for (const [index, { at, seen }] of events(happened).entries()) {
            for (let time = 0; time < (times[index] ?? 1); time++) stored.hook(at, seen);
          }
          expect(stored.lines).toEqual(lines(happened));
          for (const { answer } of stored.conversation.turns) expect(answer?.metadata).toEqual({});
          expect(stored.conversation.turns.map(({ prompt }) => prompt?.at)).toEqual(
            happened.map((_turn, at) => iso(saidAt(at))),
          );
        },
      ),
      { numRuns: 300, seed: 20260301 },
    );
  });
});
