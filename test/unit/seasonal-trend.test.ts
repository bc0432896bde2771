import should from 'should';
import type { TrainingHistory } from '#lib/core/history';
import { Random } from '#lib/core/random';
import { seasonalTrend } from '#lib/forecasters/seasonal-trend';
import { Design, wavesOf } from '#lib/forecasters/seasonal-trend/design';
import { fitCurve } from '#lib/forecasters/seasonal-trend/fit';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 5);
const SAMPLES = 800;

function hourly(value: (i: number) => number, periods: readonly number[] = [24]): TrainingHistory {
  const target = Float64Array.from({ length: SAMPLES }, (_, i) => value(i));
  return { startMs: START_MS, stepMs: HOUR_MS, timeZone: 'UTC', target, others: [], periods, horizon: 24 };
}

const wave = (i: number, rounds: number): number => Math.cos((2 * Math.PI * rounds * i) / 24);
/** Rises by 2 over the whole span, but falls by 3 from its middle on. */
const bend = (i: number): number => (2 * i) / (SAMPLES - 1) - 5 * Math.max(0, i / (SAMPLES - 1) - 0.5);

/** The coefficients of a curve with change points at each tenth. */
function coefficientsOf(history: TrainingHistory): { slopes: number[]; waves: number[] } {
  const changes = Float64Array.from({ length: 8 }, (_, c) => (c + 1) / 10);
  const seasons = wavesOf(history.periods, 3, SAMPLES);
  const design = new Design({ startMs: START_MS, steps: SAMPLES - 1 }, changes, seasons);
  const found = [...fitCurve(design, history, 0.05, () => undefined)];
  return { slopes: found.slice(1, 10), waves: found.slice(10) };
}

function expectPlanted({ slopes, waves }: { slopes: number[]; waves: number[] }): void {
  const [slope, ...changes] = slopes;
  should(slope).be.approximately(2, 0.15);
  changes.forEach((change, c) => change.should.be.approximately(c === 4 ? -5 : 0, 0.35));
  // Cosine and sine of one round a day, of two, of three.
  waves.forEach((amplitude, w) => amplitude.should.be.approximately([1, 0, 0.4][w] ?? 0, 0.05));
}

const fit = (x: TrainingHistory, params: object = {}): ReturnType<typeof seasonalTrend.fit> =>
  seasonalTrend.fit(x, params as never, { seed: 1 });

describe('seasonal-trend', () => {
  it('recovers slopes, the one change point and the waves', () => {
    const random = new Random(1);
    const clean = (i: number): number => bend(i) + wave(i, 1) + 0.4 * wave(i, 2);
    expectPlanted(coefficientsOf(hourly((i) => clean(i) + random.normal(0, 0.1))));
  });

  it('recovers them also when every twentieth value is far off', () => {
    const random = new Random(2);
    const clean = (i: number): number => bend(i) + wave(i, 1) + 0.4 * wave(i, 2);
    const spiked = hourly((i) => clean(i) + random.normal(0, 0.1) + (i % 20 === 7 ? 15 : 0));
    expectPlanted(coefficientsOf(spiked));
  });

  it('leaves out of a week the waves that the day has, and seasons that were not seen twice', () => {
    const [day, week] = wavesOf([24, 168], 12, 2000);
    should(day?.rounds).eql(Array.from({ length: 12 }, (_, k) => k + 1));
    should(week?.rounds).eql(Array.from({ length: 24 }, (_, k) => k + 1).filter((round) => round % 7 !== 0));
    should(wavesOf([24, 168], 12, 300).map(({ period }) => period)).eql([24]);
  });

  it('follows a level that has moved since the training', async () => {
    const random = new Random(3);
    const learned = hourly((i) => 50 + 5 * wave(i, 1) + random.normal(0, 0.2));
    const model = await fit(learned);
    const moved = hourly((i) => 70 + 5 * wave(i, 1) + random.normal(0, 0.2));
    const later = { ...moved, startMs: START_MS + 60 * 24 * HOUR_MS };
    model.forecast(later, [100], 24).forEach((value, j) => value.should.be.approximately(70 + 5 * wave(100 + j, 1), 1));
  });

  it('does not take one odd newest value for a new level where neighbours are not alike', async () => {
    const random = new Random(4);
    const history = hourly((i) => 50 + 5 * wave(i, 1) + random.normal(0, 0.2));
    const model = await fit(history);
    history.target[SAMPLES - 1]! += 30;
    const [next] = model.forecast(history, [SAMPLES], 1);
    should(next).be.approximately(50 + 5 * wave(SAMPLES, 1), 6);
  });
});
