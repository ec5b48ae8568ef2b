/** `8.4 ms`, `820 ms`, `12.3 s`. */
export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ms`;
}

/** `$0.0123`: an amount that comes as decimal text, with four digits that count. */
export function dollars(amount: string | null): string {
  if (amount === null) return '–';
  const value = Number(amount);
  if (value === 0) return '$0';
  const digits = value >= 1 ? 2 : Math.min(18, 3 - Math.floor(Math.log10(value)));
  return `$${Number(value.toFixed(digits)).toLocaleString('en', { maximumFractionDigits: digits })}`;
}

/** The price of a token as people name it: `$3 per million tokens`. */
export function perMillion(price: string): string {
  return `${dollars(String(Number(price) * 1e6))} per million tokens`;
}

/** `8,192`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** `2.5 %`; `–` where there is none. */
export function percent(value: number | null): string {
  return value === null ? '–' : `${Number((value * 100).toFixed(1))} %`;
}
