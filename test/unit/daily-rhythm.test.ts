import should from 'should';
import { decodeArtifact, encodeArtifact } from '#lib/core/codec';
import type { DetectorArtifact } from '#lib/core/artifact';
import { Random } from '#lib/core/random';
import type { ReadingTable } from '#lib/core/readings';
import { tableFromRows } from '#lib/core/table';
import { Scorer } from '#lib/detection/scorer';
import { mahalanobis } from '#lib/detectors/mahalanobis';
import { FeatureStream } from '#lib/readings/feature-stream';
import { readingsOf } from '#lib/readings/reading-tables';
import { hasDailyRhythm } from '#lib/training/daily-rhythm';
import { train } from '#lib/training/train';
import { MINUTE_MS } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

const STEP_MS = 10 * MINUTE_MS;
const DAY_ROWS = 144;
const DAYS = 14;

/** A machine that runs from eight to six, every ten minutes, starting at midnight of some day. */
const working = (hour: number): number => (hour >= 8 && hour < 18 ? 60 : 40);
const steady = (): number => 50;

function series(shape: (hour: number) => number, days: number, firstRow = 0, seed = 1): ReadingTable {
  const random = new Random(seed);
  const rows = Array.from({ length: days * DAY_ROWS }, (_, i) => firstRow + i);
  return {
    device: 'machine',
    fields: ['power'],
    timestampsMs: Float64Array.from(rows, (row) => row * STEP_MS),
    data: Float64Array.from(rows, (row) => shape(((row % DAY_ROWS) * 24) / DAY_ROWS) + random.normal()),
  };
}

const trainOn = (table: ReadingTable, pipeline = {}): Promise<DetectorArtifact> =>
  train(
    detectionRequest({
      name: 'machine',
      device: 'machine',
      algorithm: 'auto',
      pipeline,
      tables: [table],
    }),
  );

const columnsOf = ({ pipeline }: DetectorArtifact): string[] => pipeline.features.map(({ kind }) => kind);

describe('a daily rhythm', () => {
  it('is there where the hours of one half of the days tell those of the other', () => {
    hasDailyRhythm(series(working, DAYS), 'power', 'UTC').should.be.true();
    hasDailyRhythm(series(steady, DAYS), 'power', 'UTC').should.be.false();
    // Once it ran by the clock, and then no more.
    const [before, after] = [series(working, DAYS / 2), series(steady, DAYS / 2)];
    const data = Float64Array.of(...before.data, ...after.data);
    hasDailyRhythm({ ...series(steady, DAYS), data }, 'power', 'UTC').should.be.false();
  });

  it('is not one thing where weekends are otherwise', () => {
    const week = series(working, DAYS);
    const resting = series(steady, DAYS);
    // 1 January 1970 was a Thursday.
    const data = week.data.map((value, row) =>
      [2, 3].includes(Math.floor(row / DAY_ROWS) % 7) ? resting.data[row]! : value,
    );
    hasDailyRhythm({ ...week, data }, 'power', 'UTC').should.be.false();
  });

  it('cannot be known in less than a week, nor of a field that is not there', () => {
    hasDailyRhythm(series(working, 6), 'power', 'UTC').should.be.false();
    hasDailyRhythm(series(working, DAYS), 'speed', 'UTC').should.be.false();
    hasDailyRhythm({ ...series(working, 0) }, 'power', 'UTC').should.be.false();
  });
});

describe('a single field with a daily rhythm, as auto judges it', () => {
  let artifact: DetectorArtifact;
  before(async () => {
    artifact = await trainOn(series(working, DAYS));
  });

  function judged(shape: (hour: number) => number, model = artifact) {
    const scorer = new Scorer({ artifact: model, threshold: null }, { criticalScore: 0.79, contributions: 3 });
    const stream = new FeatureStream(model.pipeline);
    const table = series(shape, 3, DAYS * DAY_ROWS, 2);
    return [...readingsOf(table)].map((reading) => scorer.judge(stream.push(reading)!, 'machine'));
  }

  it('is an anomaly where it has by night the value that is usual by day', () => {
    const verdicts = judged((hour) => (hour >= 2 && hour < 3 ? 60 : working(hour)));
    const night = verdicts.filter((_, row) => row % DAY_ROWS >= 12 && row % DAY_ROWS < 18 && row > DAY_ROWS);
    night.should.have.length(12);
    night.every(({ isAnomaly }) => isAnomaly).should.be.true();
    const [contribution] = night[0]!.contributions;
    contribution!.feature.should.match(/power/);
    contribution!.expected[1].should.be.below(contribution!.value);
    should(night[0]!.contributions.length).equal(1, 'the time of day is no reason');
  });

  it('is as usual where it follows its rhythm', () => {
    const verdicts = judged(working);
    (verdicts.filter(({ isAnomaly }) => isAnomaly).length / verdicts.length).should.be.below(0.01);
  });

  it('says on the card that it is held against its time of day', () => {
    JSON.stringify(artifact.card).should.match(/follows the time of day/);
  });

  it('says the same after it was stored', () => {
    const stored = decodeArtifact(encodeArtifact(artifact)) as DetectorArtifact;
    judged(working, stored).should.eql(judged(working));
  });

  it('is looked at without the time of day where there is no rhythm, or features were asked for', async () => {
    columnsOf(artifact).should.containEql('hour-of-day');
    columnsOf(await trainOn(series(steady, DAYS))).should.not.containEql('hour-of-day');
    const feature = { field: '', window: 6, mean: true, deviation: false, minimum: false, maximum: false };
    const asked = { features: [{ ...feature, lags: [], rate: false }] };
    columnsOf(await trainOn(series(working, DAYS), asked)).should.not.containEql('hour-of-day');
  });
});

describe('mahalanobis with the time of day among its features', () => {
  const COLUMNS = ['flow', 'hour-of-day sin', 'hour-of-day cos'];
  const circle = (hour: number): [number, number] => {
    const angle = (2 * Math.PI * hour) / 24;
    return [Math.sin(angle), Math.cos(angle)];
  };

  it('expects of a feature what is usual at that time, also between hours, and never blames the time', async () => {
    const random = new Random(4);
    const rows = Array.from({ length: 24 * 30 }, (_, i) => [10 + (i % 24) + random.normal(0, 0.2), ...circle(i % 24)]);
    const model = await mahalanobis.fit(tableFromRows(COLUMNS, rows), {}, { seed: 1 });
    const [usual, late] = model.score(tableFromRows(COLUMNS, [[22, ...circle(12)], [22, ...circle(18)]])); // prettier-ignore
    usual!.should.be.below(2);
    late!.should.be.above(6);
    const { shares, low, high } = model.explain(Float64Array.of(22, ...circle(18.5)));
    [...shares].should.eql([1, 0, 0]);
    low[0]!.should.be.within(22, 28.5);
    high[0]!.should.be.within(28, 35);
  });

  it('is like any other detector with so few nights that they say nothing of what is usual', async () => {
    const rows = Array.from({ length: 48 }, (_, i) => [i % 5, ...circle(i % 24)]);
    const model = await mahalanobis.fit(tableFromRows(COLUMNS, rows), {}, { seed: 1 });
    model.snapshot().tensors.should.not.have.property('profile');
    mahalanobis
      .restore(model.snapshot(), 3, {})
      .score(tableFromRows(COLUMNS, rows))
      .should.eql(model.score(tableFromRows(COLUMNS, rows)));
  });

  it('refuses a stored state that judges too little', async () => {
    const rows = Array.from({ length: 240 }, (_, i) => [i % 5, ...circle(i % 24)]);
    const model = await mahalanobis.fit(tableFromRows(COLUMNS, rows), {}, { seed: 1 });
    const state = model.snapshot();
    const blind = { ...state, scalars: { ...state.scalars, scales: [-1, -1, -1] } };
    should(() => mahalanobis.restore(blind, 3, {})).throw(/scales should be one for each feature/);
  });
});
