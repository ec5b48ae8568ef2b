import type { Finding } from './findings.ts';

/** Something that looks through a text; with hints, only through one that holds one of them. */
export type Detector = {
  /** In ASCII and lower case, two characters at least; none means always look. */
  hints: readonly string[];
  look: (text: string, found: Finding[]) => void;
};

const ASCII = 128;
/** Each ASCII character in lower case; 0 stands for all others. */
const lower = Uint8Array.from({ length: ASCII }, (_, code) =>
  String.fromCharCode(code).toLowerCase().charCodeAt(0),
);

/**
 * Detectors that are asked in their order, each only where it may find something. One walk over the
 * text finds the hints of all: an ordinary message costs microseconds.
 */
export class Detectors {
  readonly #detectors: readonly Detector[];
  readonly #always: readonly number[];
  /** Hints by their first two characters, with the detector each belongs to. */
  readonly #byStart: ({ codes: Uint8Array; detector: number }[] | undefined)[];

  constructor(detectors: readonly Detector[]) {
    this.#detectors = detectors;
    this.#always = detectors.flatMap(({ hints }, index) => (hints.length === 0 ? [index] : []));
    this.#byStart = new Array(ASCII * ASCII);
    for (const [detector, { hints }] of detectors.entries()) {
      for (const hint of hints) {
        const codes = Uint8Array.from(hint, (char) => char.charCodeAt(0));
        const start = (codes[0] ?? 0) * ASCII + (codes[1] ?? 0);
        const list = this.#byStart[start] ?? [];
        this.#byStart[start] = list;
        list.push({ codes, detector });
      }
    }
  }

  /** Everything that the detectors find. */
  look(text: string): Finding[] {
    const due = new Uint8Array(this.#detectors.length);
    for (const index of this.#always) due[index] = 1;
    let before = 0;
    for (let at = 0; at < text.length; at++) {
      const code = lower[text.charCodeAt(at)] ?? 0;
      const list = this.#byStart[before * ASCII + code];
      if (list) {
        for (const { codes, detector } of list) {
          if (due[detector] === 0 && isAt(text, at - 1, codes)) due[detector] = 1;
        }
      }
      before = code;
    }
    const found: Finding[] = [];
    for (const [index, detector] of this.#detectors.entries()) {
      if (due[index] === 1) detector.look(text, found);
    }
    return found;
  }
}

/** Whether the rest of a hint, whose first two characters are there, is there too. */
function isAt(text: string, start: number, codes: Uint8Array): boolean {
  for (let at = 2; at < codes.length; at++) {
    if (lower[text.charCodeAt(start + at)] !== codes[at]) return false;
  }
  return true;
}
