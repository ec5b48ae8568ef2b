import type { ObservedTurn, TurnFacts } from '../../../../contracts/observed.ts';
import { isoTime } from '../shared/time.ts';
import { addAnswer, addFile, linkInOrder, newTurn } from '../shared/turns.ts';
import type { Bubble } from './bubble.ts';

/** What the conversation itself says of its turns. */
export type About = {
  /** `none`, `generating`, `completed`, `aborted`, `error`; null when it says nothing. */
  status: string | null;
  /** The model that is chosen now, for conversations whose bubbles name none. */
  model: string | null;
  /** Id of its last generation. */
  lastRequest: string | null;
};

/** The turns of a conversation: each is a user's bubble with the assistant's that follow it. */
export function turnsOf(bubbles: Bubble[], about: About): ObservedTurn[] {
  const groups: Bubble[][] = [];
  for (const bubble of bubbles) {
    const group = groups.at(-1);
    if (bubble.role === 'user' || !group) groups.push([bubble]);
    else group.push(bubble);
  }
  const last = groups.at(-1);
  if (last?.[0] && about.lastRequest && last.every(({ request }) => !request)) {
    last[0].request = about.lastRequest;
  }
  const named = bubbles.some(({ model }) => model);
  const requests = new Set<string>();
  const turns = groups.map((group, index) => {
    const turn = turnOf(group, requests);
    if (!named && about.model) turn.facts.model = about.model;
    turn.status = statusOf(turn, group, index === groups.length - 1 ? about.status : 'completed');
    return turn;
  });
  linkInOrder(turns);
  return turns;
}

/** `requests` are those of earlier turns: two turns never share one, even if the store says so. */
function turnOf(group: Bubble[], requests: Set<string>): ObservedTurn {
  const [first] = group;
  const isPrompt = first?.role === 'user';
  const prompt = isPrompt && first.text ? { text: first.text, at: first.at ?? sent(group) } : null;
  const turn = newTurn(prompt, first?.id ? [`bubble:${first.id}`] : []);
  const own = new Set(group.flatMap(({ request }) => request ?? []));
  for (const request of own) {
    if (requests.has(request)) continue;
    requests.add(request);
    turn.refs.push(`generation:${request}`);
  }
  for (const bubble of group) {
    if (bubble.role === 'assistant') addAnswer(turn, bubble.text, bubble.at);
    for (const file of bubble.files) addFile(turn.facts, file);
  }
  addFigures(turn.facts, group);
  if (first && first.images > 0) turn.metadata.images = first.images;
  return turn;
}

function addFigures(facts: TurnFacts, group: Bubble[]): void {
  const model = group.findLast((bubble) => bubble.model)?.model;
  if (model) facts.model = model;
  const sum = (part: (bubble: Bubble) => number) =>
    group.reduce((total, bubble) => total + part(bubble), 0);
  // Cursor leaves zeros where it did not count.
  const input = sum(({ inputTokens }) => inputTokens);
  const output = sum(({ outputTokens }) => outputTokens);
  if (input > 0) facts.input_tokens = input;
  if (output > 0) facts.output_tokens = output;
  const latency = latencyOf(group);
  if (latency !== null) facts.latency_ms = latency;
}

function latencyOf(group: Bubble[]): number | null {
  const told = group.findLast(({ turnMs }) => turnMs !== null)?.turnMs;
  if (told !== undefined) return told;
  const start = group.find(({ sentAt }) => sentAt !== null)?.sentAt;
  const end = group.findLast(({ endedAt }) => endedAt !== null)?.endedAt;
  return start && end && end >= start ? Math.round(end - start) : null;
}

/** When the first request of the turn was sent: prompts of older generations have no time. */
function sent(group: Bubble[]): string | null {
  return isoTime(group.find(({ sentAt }) => sentAt !== null)?.sentAt);
}

function statusOf(
  turn: ObservedTurn,
  group: Bubble[],
  status: string | null,
): ObservedTurn['status'] {
  if (status === 'generating') return 'open';
  if (status === 'aborted' || status === 'cancelled') return 'aborted';
  if (status === 'error' || group.at(-1)?.failed) return 'failed';
  if (turn.answers.length > 0 || status === 'completed') return 'complete';
  return group.some(({ role }) => role === 'assistant') ? 'complete' : 'open';
}
