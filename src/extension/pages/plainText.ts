// All but the joiner that emoji are made with.
const CONTROL = /(?:(?!\u200D)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])+/gu;

/**
 * Stored text as one line for a label or title: control and direction characters become a space,
 * `max` characters (code points) at most, an ellipsis where it was cut.
 */
export function oneLine(text: string, max = 80): string {
  // The text may be megabytes long; a label needs only its beginning.
  const flat = text
    .slice(0, max * 20)
    .replace(CONTROL, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const points = [...flat];
  return points.length <= max
    ? flat
    : `${points
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}

/** A name that every file system and tab title takes, without an extension. */
export function fileTitle(text: string): string {
  const name = oneLine(text, 60)
    .replace(/[\\/:*?"<>|#%]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return name.replace(/^\.+|\.+$/g, '') || 'Untitled';
}

/** `2026-11-02 14:05` in the local time of the machine; the text itself when it is no time. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return oneLine(iso, 40);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const MINUTE = 60_000;

/** `just now`, `5 min ago`, `3 h ago`, `yesterday`, `12 days ago`, else the date. */
export function ago(iso: string, now = Date.now()): string {
  const past = now - new Date(iso).getTime();
  if (!(past >= 0)) return localTime(iso);
  const minutes = Math.floor(past / MINUTE);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  if (days === 1) return 'yesterday';
  return days < 30 ? `${days} days ago` : localTime(iso).slice(0, 10);
}

/** `1 turn`, `2 turns`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
