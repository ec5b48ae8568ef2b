import { type CustomTypesConfig, types } from 'pg';

const INT8 = 20;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

/**
 * How column values are read, the same on both engines: int8 is a number, numeric a string,
 * timestamptz an ISO 8601 text in UTC, json the parsed value, date and timestamp PostgreSQL's text.
 */
export const parsedTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format === 'binary') return types.getTypeParser(oid, 'binary');
    if (oid === INT8) return Number;
    if (oid === TIMESTAMPTZ) return isoTimestamp;
    if (oid === DATE || oid === TIMESTAMP) return verbatim;
    return types.getTypeParser(oid, 'text');
  }) as CustomTypesConfig['getTypeParser'],
};

/** Every value as the text PostgreSQL sent, for `db psql`. */
export const textTypes: CustomTypesConfig = {
  getTypeParser: (() => verbatim) as CustomTypesConfig['getTypeParser'],
};

function verbatim(value: string): string {
  return value;
}

const TIMESTAMP_TEXT = /^(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-][\d:]+)$/;

/**
 * PostgreSQL's text of a timestamptz as ISO 8601 in UTC: three decimals, six when there are
 * microseconds. What ISO 8601 cannot say (`infinity`, years before 1 or after 9999) stays as it is.
 */
export function isoTimestamp(value: string): string {
  const match = TIMESTAMP_TEXT.exec(value);
  if (!match) return value;
  const [, year, month, day, time, fraction = '', offset = ''] = match;
  const local = `${year}-${month}-${day}T${time}`;
  const seconds = /^[+-]00(:?00)*$/.test(offset) ? local : inUtc(local, offset);
  const digits = fraction.replace(/0+$/, '');
  return `${seconds}.${digits.padEnd(digits.length > 3 ? 6 : 3, '0')}Z`;
}

function inUtc(local: string, offset: string): string {
  const sign = offset.startsWith('-') ? 1 : -1;
  const [hours = 0, minutes = 0, seconds = 0] = offset.slice(1).split(':').map(Number);
  const shift = sign * ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return new Date(Date.parse(`${local}Z`) + shift).toISOString().slice(0, 19);
}
