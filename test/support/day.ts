import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type HookFile, hookFile } from './hooks.ts';
import { type TellingAgent, type Told, type ToldTurn, transcriptPath } from './transcripts.ts';

const AGENTS: TellingAgent[] = ['cursor', 'claude-code', 'vscode', 'copilot-cli', 'gemini-cli'];
const PROJECTS = ['shop', 'site', 'tools'];
const WINDOWS = 2;
const TURN_MS = 60_000;

/** Chances of what goes wrong, each of an event unless it says otherwise. */
const LOST = 0.08;
const TURN_LOST = 0.03;
const DOUBLED = 0.08;
const TAKEN_AGAIN = 0.03;
const SWAPPED = 0.1;

export type DayConversation = { agent: TellingAgent; told: Told };
/** A turn that happened, and what reached the spool of its hooks. */
export type DayTurn = { in: DayConversation; turn: ToldTurn; files: HookFile[] };

/** Numbers from 0 to 1 that are the same in every run. */
export function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function idOf(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Two windows of each agent in each project. */
export function conversationsOfDay(person: string): DayConversation[] {
  return AGENTS.flatMap((agent) =>
    PROJECTS.flatMap((project) =>
      Array.from({ length: WINDOWS }, (_, window) => ({
        agent,
        told: {
          conversation: idOf(`${agent}/${project}/${window}`),
          cwd: join(person, project),
          turns: [],
          named: window === 0,
        },
      })),
    ),
  );
}

/** The turns of a day in their order, spread over the conversations, from `start` (ms) on. */
export function turnsOfDay(
  person: string,
  conversations: DayConversation[],
  count: number,
  start: number,
  chance: () => number,
): DayTurn[] {
  return Array.from({ length: count }, (_, n) => {
    const conversation = conversations[Math.floor(chance() * conversations.length)];
    if (!conversation) throw new Error('no conversation');
    const { agent } = conversation;
    const canStop = agent === 'cursor' || agent === 'claude-code';
    const parts = Array.from(
      { length: 1 + Math.floor(chance() * 3) },
      (_part, k) => `Step ${k + 1} of what was asked in number ${n}: it is done and checked.`,
    );
    const turn: ToldTurn = {
      id: idOf(`turn ${n}`),
      prompt: chance() < 0.1 ? 'continue' : `Question number ${n}: what about part ${n * 7}?`,
      parts,
      status: canStop && chance() < 0.05 ? 'aborted' : 'complete',
      at: new Date(start + n * TURN_MS).toISOString(),
    };
    return { in: conversation, turn, files: spoiled(eventsOf(person, conversation, turn), chance) };
  });
}

/** What the agent's hooks send of a turn. */
function eventsOf(person: string, { agent, told }: DayConversation, turn: ToldTurn): HookFile[] {
  const { conversation, cwd } = told;
  const transcript_path = transcriptPath(person, agent, told);
  let offset = 0;
  const event = (name: string, more: object) => {
    offset += 1000;
    const at = new Date(Date.parse(turn.at) + offset).toISOString();
    const common =
      agent === 'cursor'
        ? { conversation_id: conversation, generation_id: turn.id, workspace_roots: [cwd] }
        : agent === 'vscode'
          ? { sessionId: conversation, cwd }
          : { session_id: conversation, cwd };
    const named = agent === 'vscode' ? { hookEventName: name } : { hook_event_name: name };
    const payload = { ...common, ...named, transcript_path, ...more };
    return hookFile(agent, payload, { at, cwd, id: idOf(`${turn.id} ${offset}`) });
  };
  const { prompt, parts } = turn;
  const last = parts.at(-1);
  if (agent === 'cursor') {
    return [
      event('beforeSubmitPrompt', { prompt }),
      ...parts.map((text) => event('afterAgentResponse', { text })),
      event('stop', { status: turn.status === 'aborted' ? 'aborted' : 'completed' }),
    ];
  }
  if (agent === 'gemini-cli') {
    const prompt_response = parts.join('\n\n');
    return [event('BeforeAgent', { prompt }), event('AfterAgent', { prompt, prompt_response })];
  }
  if (agent !== 'claude-code') return [event('UserPromptSubmit', { prompt }), event('Stop', {})];
  const prompt_id = told.named ? { prompt_id: turn.id } : {};
  const asked = event('UserPromptSubmit', { prompt, ...prompt_id });
  // A turn that the person stops has no `Stop`.
  if (turn.status === 'aborted') return [asked];
  return [asked, event('Stop', { last_assistant_message: last, ...prompt_id })];
}

/** The events as they arrive: some lost, some twice, some in another order. */
function spoiled(events: HookFile[], chance: () => number): HookFile[] {
  if (chance() < TURN_LOST) return [];
  const kept = events.filter(() => chance() >= LOST);
  if (chance() < SWAPPED && kept.length > 1) {
    const at = Math.floor(chance() * (kept.length - 1));
    const [one, two] = [kept[at], kept[at + 1]];
    if (one && two) kept.splice(at, 2, ...swapped(one, two));
  }
  return kept.flatMap((file) => {
    const arrived = [file];
    if (chance() < DOUBLED) {
      const at = new Date(Date.parse(file.entry.created_at) + 40).toISOString();
      const { agent, payload, cwd, event_id } = file.entry;
      arrived.push(hookFile(agent, payload, { at, cwd, id: `${event_id}-2` }));
    }
    if (chance() < TAKEN_AGAIN)
      arrived.push({ ...file, name: `${file.name.slice(0, -5)}-again.json` });
    return arrived;
  });
}

function swapped(one: HookFile, two: HookFile): [HookFile, HookFile] {
  const at = (file: HookFile, time: string) =>
    hookFile(file.entry.agent, file.entry.payload, {
      ...{ at: time, cwd: file.entry.cwd, id: file.entry.event_id },
    });
  return [at(two, one.entry.created_at), at(one, two.entry.created_at)];
}
