import should from 'should';
import { Random } from '#lib/core/random';
import { judgeSanity } from '#lib/detection/activation';
import { alarmRateOf } from '#lib/detection/alarm-rate';
import { calibrate, probability } from '#lib/detection/calibration';
import { probabilityOfScore, scoreOf } from '#lib/detection/score';
import { askedRate, thresholdOf, type ThresholdBasis, type ThresholdChoice } from '#lib/detection/threshold';

const random = new Random(1);
const exponential = (rows: number): Float64Array =>
  Float64Array.from({ length: rows }, () => -Math.log(1 - random.uniform()));

const fittedScores = exponential(1000);
const heldOut = exponential(400);
const basis: ThresholdBasis = { calibration: calibrate(heldOut), alarmRate: null, fittedScores, stepMs: 60_000 };
const scoreFor = (raw: number): number => scoreOf(probability(basis.calibration, raw));

describe('a threshold', () => {
  it('may be the score itself', () => {
    thresholdOf({ by: 'score', value: 0.75 }, basis).should.equal(0.75);
  });

  it('of a contamination is exceeded by that share of the training rows, as in scikit-learn', () => {
    for (const value of [0.5, 0.1, 0.01]) {
      const threshold = thresholdOf({ by: 'contamination', value }, basis);
      fittedScores.filter((raw) => scoreFor(raw) >= threshold).length.should.equal(1000 * value);
    }
  });

  it('of a contamination calls no reading an anomaly that is like all others', () => {
    const alike = new Float64Array(400).fill(7);
    const calibration = calibrate(alike);
    const threshold = thresholdOf({ by: 'contamination', value: 0.05 }, { ...basis, calibration, fittedScores: alike });
    threshold.should.be.above(scoreOf(probability(calibration, 7)));
    threshold.should.be.below(0.5);
  });

  it('of a budget of false alarms counts anomalous readings where nothing is known of alarms', () => {
    const aDay = thresholdOf({ by: 'false-alarms-per-day', value: 1 }, basis);
    probabilityOfScore(aDay).should.be.approximately(1 / 1440, 1e-9);
    const aWeek = thresholdOf({ by: 'false-alarms-per-week', value: 1 }, basis);
    probabilityOfScore(aWeek).should.be.approximately(1 / 7 / 1440, 1e-9);
    const perSecond = thresholdOf({ by: 'false-alarms-per-day', value: 1 }, { ...basis, stepMs: 1000 });
    perSecond.should.be.approximately(0.79, 0.005);
    const everything = thresholdOf({ by: 'false-alarms-per-day', value: 1e9 }, basis);
    probabilityOfScore(everything).should.be.approximately(0.5, 1e-9);
  });

  it('of a budget of false alarms counts alarms where enough is known of them', () => {
    const alarmRate = alarmRateOf(exponential(20_000), {});
    const counted = thresholdOf({ by: 'false-alarms-per-day', value: 1 }, { ...basis, alarmRate });
    // Three readings in a row that have nothing to do with each other are seldom all unusual.
    probabilityOfScore(counted).should.be.above(20 / 1440);
    const fewer = thresholdOf({ by: 'false-alarms-per-week', value: 1 }, { ...basis, alarmRate });
    fewer.should.be.above(counted);
  });

  it('refuses what it cannot mean, saying what it needs', () => {
    const refused: [ThresholdChoice, RegExp][] = [
      [{ by: 'score', value: 0 }, /score above 0 and below 1, got 0/],
      [{ by: 'score', value: 1 }, /got 1/],
      [{ by: 'score', value: NaN }, /got NaN/],
      [{ by: 'contamination', value: 0.6 }, /above 0 and at most 0.5, got 0.6/],
      [{ by: 'contamination', value: 0 }, /got 0/],
      [{ by: 'false-alarms-per-day', value: 0 }, /above 0, got 0/],
      [{ by: 'false-alarms-per-day', value: Infinity }, /got Infinity/],
      [{ by: 'false-alarms-per-week', value: -1 }, /a week must be a number above 0, got -1/],
    ];
    for (const [choice, message] of refused) should(() => thresholdOf(choice, basis)).throw(message);
    should(() => thresholdOf({ by: 'false-alarms-per-day', value: 1 }, { ...basis, stepMs: 0 })).throw(
      /Readings without times/,
    );
  });
});

describe('the sanity of a version', () => {
  const judge = (choice: ThresholdChoice, newest: Float64Array) => {
    const threshold = thresholdOf(choice, basis);
    return judgeSanity(newest, basis.calibration, threshold, askedRate(choice, threshold));
  };

  it('is given where the newest rows alarm about as often as asked for', () => {
    const { sane, alarmRate, reason } = judge({ by: 'score', value: 0.7 }, exponential(400));
    sane.should.be.true();
    alarmRate.should.be.below(0.01);
    reason.should.match(/^Active: 0(\.\d)? % of the newest readings.*; 0\.09 % were to be expected\.$/);
    judge({ by: 'contamination', value: 0.4 }, exponential(400)).sane.should.be.true();
  });

  it('is not given where most of the newest rows are not like the older ones', () => {
    for (const choice of [
      { by: 'contamination', value: 0.01 },
      { by: 'score', value: 0.7 },
    ] as const) {
      const { sane, alarmRate, reason } = judge(choice, exponential(400).map((raw) => raw + 20)); // prettier-ignore
      sane.should.be.false();
      alarmRate.should.be.above(0.5);
      reason.should.match(/^Not active: \d+ % of the newest readings.*where .* % were to be expected/);
    }
  });
});
