const EMPTY = -1;
/** Slots at first; more than the places that the messages of one term usually reach. */
const FIRST_SLOTS = 1 << 12;

/**
 * Numbers by place, in plain arrays (open addressing): as objects in a map, the thousands of places
 * that a question reaches would cost more in garbage collection than in arithmetic.
 */
export class PlaceTable {
  /** Place in each slot, or -1. */
  #places = new Float64Array(FIRST_SLOTS).fill(EMPTY);
  #columns: Float64Array[];
  #used = 0;

  constructor(columns: number) {
    this.#columns = Array.from({ length: columns }, () => new Float64Array(FIRST_SLOTS));
  }

  /** The slot of a place, made with zeros if it is new. It holds until the next new place. */
  slotOf(place: number): number {
    if (this.#used * 2 >= this.#places.length) this.#grow();
    const slot = find(this.#places, place);
    if (this.#places[slot] === EMPTY) {
      this.#places[slot] = place;
      this.#used += 1;
    }
    return slot;
  }

  get(slot: number, column: number): number {
    return this.#columns[column]?.[slot] ?? 0;
  }

  set(slot: number, column: number, value: number): void {
    const values = this.#columns[column];
    if (values) values[slot] = value;
  }

  add(slot: number, column: number, value: number): void {
    this.set(slot, column, this.get(slot, column) + value);
  }

  place(slot: number): number {
    return this.#places[slot] ?? EMPTY;
  }

  /** Calls back with each slot that holds a place. */
  forEach(visit: (slot: number) => void): void {
    for (let slot = 0; slot < this.#places.length; slot += 1) {
      if (this.#places[slot] !== EMPTY) visit(slot);
    }
  }

  get size(): number {
    return this.#used;
  }

  /** Forgets everything but the room that it took. */
  clear(): void {
    this.#places.fill(EMPTY);
    for (const column of this.#columns) column.fill(0);
    this.#used = 0;
  }

  #grow(): void {
    const places = this.#places;
    const columns = this.#columns;
    this.#places = new Float64Array(places.length * 2).fill(EMPTY);
    this.#columns = columns.map((column) => new Float64Array(column.length * 2));
    for (let from = 0; from < places.length; from += 1) {
      const place = places[from] ?? EMPTY;
      if (place === EMPTY) continue;
      const to = find(this.#places, place);
      this.#places[to] = place;
      for (const [index, column] of columns.entries()) this.set(to, index, column[from] ?? 0);
    }
  }
}

function find(places: Float64Array, place: number): number {
  const mask = places.length - 1;
  const mixed = (place % 2 ** 24) ^ Math.imul(Math.floor(place / 2 ** 24), 0x9e37_79b1);
  let slot = (mixed ^ (mixed >>> 15)) & mask;
  while (places[slot] !== EMPTY && places[slot] !== place) slot = (slot + 1) & mask;
  return slot;
}
