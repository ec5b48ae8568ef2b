import { Presets, SingleBar } from 'cli-progress';

export type Progress = { advance(to: number): void; stop(): void };

/**
 * A progress bar on standard error when that is a terminal, else nothing. `format` says the amount
 * as a person reads it.
 */
export function progress(
  label: string,
  total: number,
  format: (value: number) => string = String,
): Progress {
  if (process.stderr.isTTY !== true || total <= 0) return { advance() {}, stop() {} };
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage}% | {done} of {all} | {eta_formatted} left`,
      stream: process.stderr,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { done: format(0), all: format(total) });
  return {
    advance: (to) => bar.update(Math.min(to, total), { done: format(to), all: format(total) }),
    stop: () => bar.stop(),
  };
}
