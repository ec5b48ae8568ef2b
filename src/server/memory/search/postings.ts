/** Places that hold a term, in plain arrays: a question may touch thousands of them. */
export type Postings = {
  count: number;
  /** Key of the session. */
  session: Float64Array;
  position: Int32Array;
  /** Days since 2020-01-01. */
  day: Int16Array;
  /** Terms in the message. */
  length: Int16Array;
  /** Whether the message ends with a question: 0 or 1. */
  asks: Uint8Array;
  /** Whether the message holds the term often: 0 or 1. */
  often: Uint8Array;
};

/** Bytes of a place, as the migration 0005 describes it. */
const PLACE = 16;
const DAY_ZERO = Date.UTC(2020, 0, 1);
const DAY = 86_400_000;

function startOfDay(day: number): number {
  return DAY_ZERO + day * DAY;
}

/** About when something of a day was said, milliseconds. */
export function noonOf(day: number): number {
  return startOfDay(day) + DAY / 2;
}

/** What of the places is wanted; a day that is wanted in part is wanted. */
export type Wanted = {
  wanted: ReadonlySet<number> | null;
  since?: string | undefined;
  until?: string | undefined;
};

/** Reads places as they are stored. */
export function readPlaces(bytes: Buffer | null, { wanted, since, until }: Wanted): Postings {
  const all = bytes ? Math.floor(bytes.length / PLACE) : 0;
  if (!bytes) return emptyPostings(0);
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since) - DAY;
  const to = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  const places = emptyPostings(all);
  for (let at = 0; at < bytes.length; at += PLACE) {
    const session = bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
    const day = bytes.readInt16BE(at + 12);
    if (wanted && !wanted.has(session)) continue;
    if (startOfDay(day) < from || startOfDay(day) > to) continue;
    const flags = bytes.readInt16BE(at + 14);
    const index = places.count++;
    places.session[index] = session;
    places.position[index] = bytes.readInt32BE(at + 8);
    places.day[index] = day;
    places.length[index] = flags >> 2;
    places.asks[index] = (flags >> 1) & 1;
    places.often[index] = flags & 1;
  }
  return places;
}

function emptyPostings(room: number): Postings {
  return {
    count: 0,
    session: new Float64Array(room),
    position: new Int32Array(room),
    day: new Int16Array(room),
    length: new Int16Array(room),
    asks: new Uint8Array(room),
    often: new Uint8Array(room),
  };
}
