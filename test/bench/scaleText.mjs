/*
 * Conversations of any size from a seed: words by Zipf's law, each session with a subject of its
 * own, questions of about 15 words and answers of about 80. Nobody's text, and the same each time.
 */
const VOCABULARY = 40_000;
const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ');
const TURNS_A_SESSION = 30;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function word(rank) {
  let text = '';
  for (let rest = rank + 20; rest > 0; rest = Math.floor(rest / 20)) text += SYLLABLES[rest % 20];
  return text;
}

/** A word, the common ones oftener: rank r with a chance of about 1 / r. */
function zipf(random) {
  return word(Math.floor(VOCABULARY ** random()) - 1);
}

/** The lines to import of message numbers `from` to `to`, for `import_messages`. */
export function* scaleLines(from, to) {
  for (let number = from; number < to; number += 1) {
    const session = Math.floor(number / TURNS_A_SESSION);
    const random = randomFrom(number * 7919 + 17);
    const subject = randomFrom(session * 104_729 + 5);
    const topics = Array.from({ length: 12 }, () => word(Math.floor(subject() * VOCABULARY)));
    const asks = number % 2 === 0;
    const length = asks ? 8 + random() * 14 : 40 + random() * 80;
    const words = Array.from({ length }, () =>
      random() < 0.15 ? topics[Math.floor(random() * 12)] : zipf(random),
    );
    yield {
      session: `scale/${session}`,
      project: `scale-${session % 5}`,
      role: asks ? 'user' : 'assistant',
      content: `${words.join(' ')}${asks ? '?' : '.'}`,
      created_at: new Date(Date.UTC(2025, 0, 1) + session * 3_600_000).toISOString(),
      metadata: { number },
      occurrence: 1,
    };
  }
}

/** A question about message `number`: some of its words and some common ones. */
export function scaleQuestion(number, random) {
  const [line] = scaleLines(number, number + 1);
  const words = line.content.replace(/[?.]/g, '').split(' ');
  const picked = Array.from({ length: 4 }, () => words[Math.floor(random() * words.length)]);
  return `what did we say about ${picked.join(' ')} and ${zipf(random)} ${zipf(random)}`;
}
