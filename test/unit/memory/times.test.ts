import { describe, expect, it } from 'vitest';
import { timeMentions } from '../../../src/server/memory/time/mentions.ts';

const NOW = Date.parse('2023-05-25T13:14:00Z');
const day = (time: number) => new Date(time).toISOString().slice(0, 10);
const first = (text: string) => {
  const [mention] = timeMentions(text, NOW);
  return mention ? [day(mention.from), day(mention.to)] : null;
};

describe('timeMentions', () => {
  it.each([
    ['on October 13, 2023 we', '2023-10-13', '2023-10-14'],
    ['the 3rd of June, 2023?', '2023-06-03', '2023-06-04'],
    ['2023-05-08', '2023-05-08', '2023-05-09'],
    ['in August 2022', '2022-08-01', '2022-09-01'],
    ['summer of 2022', '2022-06-01', '2022-09-01'],
    ['back in 2021', '2021-01-01', '2022-01-01'],
    ['yesterday', '2023-05-24', '2023-05-25'],
    ['last week', '2023-05-15', '2023-05-22'],
    ['last Friday', '2023-05-19', '2023-05-20'],
    ['last weekend', '2023-05-20', '2023-05-22'],
    ['two weeks ago', '2023-05-08', '2023-05-15'],
    ['3 days ago', '2023-05-22', '2023-05-23'],
    ['last summer', '2022-06-01', '2022-09-01'],
    ['next month', '2023-06-01', '2023-07-01'],
    ['in March', '2023-03-01', '2023-04-01'],
  ])('%s', (text, from, to) => {
    expect(first(text)).toEqual([from, to]);
  });

  it('takes a date without a year for that of any of the last years', () => {
    expect(timeMentions('May 8', NOW).map((m) => new Date(m.from).getUTCFullYear())).toEqual([
      2023, 2022, 2021, 2020, 2019, 2018,
    ]);
  });

  it('sees no time where there is none', () => {
    for (const text of ['may I', 'we march on', 'it cost $2023', 'port 2010-b']) {
      expect(timeMentions(text, NOW), text).toEqual([]);
    }
  });

  it('says where in the text the time is', () => {
    const [mention] = timeMentions('what happened last week?', NOW);
    expect([mention?.start, mention?.end]).toEqual([14, 23]);
  });
});
