import should from 'should';
import { WINDOW_STATISTICS } from '#lib/core/pipeline';
import { dayAndTimeText, durationText, featureWords, outsideText } from '#lib/readings/plain-words';
import { featureColumns } from '#lib/readings/feature-columns';

describe('plain words', () => {
  const ranges: [value: number, low: number, high: number, text: string][] = [
    [8.213, 1.9, 2.4, '8.2, expected 1.9 to 2.4'],
    [14.3, 12.1, 13.9, '14.3, expected 12.1 to 13.9'],
    [150, 10, 90, '150, expected 10 to 90'],
    [0.00123, 0.001, 0.0011, '0.0012, expected 0.001 to 0.0011'],
    [5.1, 5, 5, '5.1, expected 5'],
    [1013.9, 1012.95, 1013.42, '1013.9, expected 1013 to 1013.4'],
    [2.5e12, 1, 2, '2500000000000, expected 1 to 2'],
    [-3e-9, 0, 1, '-3e-9, expected 0 to 1'],
  ];
  for (const [value, low, high, text] of ranges) {
    it(`say "${text}"`, () => {
      outsideText(value, low, high).should.equal(text);
    });
  }

  const durations: [milliseconds: number, text: string][] = [
    [0, '0 s'],
    [45_400, '45 s'],
    [18 * 60_000, '18 min'],
    [3 * 3_600_000, '3 h'],
    [200 * 60_000, '3 h 20 min'],
    [52 * 3_600_000, '2 d 4 h'],
    [-5, '0 s'],
  ];
  for (const [milliseconds, text] of durations) {
    it(`call ${milliseconds} ms "${text}"`, () => {
      durationText(milliseconds).should.equal(text);
    });
  }

  it('name the day where the time alone would mislead', () => {
    dayAndTimeText('2024-05-03T14:02:33.000Z').should.equal('3 May 14:02 UTC');
  });

  const features: [feature: string, words: string | null][] = [
    ['flow', 'flow'],
    ['flow (m3)', 'flow (m3)'],
    ['mean(motor.current, 15)', 'average motor.current'],
    ['deviation(flow, 5)', 'fluctuation of flow'],
    ['lag(flow, 1)', 'earlier flow'],
    ['rate(flow)', 'rate of change of flow'],
    ['hour-of-day sin', null],
  ];
  for (const [feature, words] of features) {
    it(`call ${feature} "${words}"`, () => {
      should(featureWords(feature)).equal(words);
    });
  }

  it('know every feature that there is', () => {
    const columns = featureColumns({
      features: [
        { kind: 'value', field: 'x' },
        ...WINDOW_STATISTICS.map((statistic) => ({ kind: 'window', field: 'x', statistic, rows: 5 }) as const),
        { kind: 'lag', field: 'x', rows: 1 },
        { kind: 'rate', field: 'x' },
        { kind: 'hour-of-day' },
        { kind: 'day-of-week' },
      ],
    });
    for (const column of columns)
      should(featureWords(column) ?? 'the time')
        .match(/^[a-z ]+$/)
        .and.not.match(/undefined/);
  });
});
