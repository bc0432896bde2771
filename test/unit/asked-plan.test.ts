import should from 'should';
import type { TrainingPlan } from '#lib/training/request';
import { askedPlan } from '#nodes/ml-train/asked-plan';

const common = { name: 'pump', params: { trees: 50 }, minRows: 100, seed: 1 };
const detection: TrainingPlan = {
  ...common,
  task: 'detection',
  algorithm: 'isolation-forest',
  pipeline: { fields: ['flow'], hourOfDay: true },
  threshold: { by: 'score', value: 0.7 },
};
const forecast: TrainingPlan = {
  ...common,
  task: 'forecast',
  algorithm: 'ridge',
  series: { field: 'flow', others: ['pressure'] },
  horizonMs: 3_600_000,
  budgetSeconds: 60,
};

describe('what a message asks of a training', () => {
  it('is nothing, as a rule', () => {
    for (const blank of [undefined, null, '', {}, { model: undefined, fields: null, threshold: '' }]) {
      should(askedPlan(blank, detection)).eql(detection);
    }
  });

  it('is another model, other fields, a threshold; the rest stays as in the form', () => {
    should(askedPlan({ model: 'fan', fields: ['a', 'b', 'a'], threshold: 0.8, seed: 7 }, detection)).eql({
      ...detection,
      name: 'fan',
      seed: 7,
      pipeline: { fields: ['a', 'b'], hourOfDay: true },
      threshold: { by: 'score', value: 0.8 },
    });
    should(askedPlan({ contamination: 0.05 }, detection)).containEql({
      threshold: { by: 'contamination', value: 0.05 },
    });
  });

  it('is another field to forecast, and how far', () => {
    should(askedPlan({ model: 'level', field: 'level', horizon: '6 h' }, forecast)).eql({
      ...forecast,
      name: 'level',
      series: { field: 'level', others: ['pressure'] },
      horizonMs: 6 * 3_600_000,
    });
  });

  it('leaves the form’s parameters to the form’s algorithm', () => {
    should(askedPlan({ algorithm: 'isolation-forest' }, detection).params).eql({ trees: 50 });
    should(askedPlan({ algorithm: 'mad' }, detection).params).eql({});
    should(askedPlan({ params: { trees: 9 } }, detection).params).eql({ trees: 9 });
  });

  const wrong: [asked: unknown, plan: TrainingPlan, sentence: RegExp][] = [
    ['now', detection, /msg\.training must be an object, got "now"/],
    [[], detection, /msg\.training must be an object, got an array/],
    [{ trees: 5 }, detection, /msg\.training may have model, algorithm, .*; got "trees"/],
    [{ field: 'flow' }, detection, /msg\.training may have .*fields.*; got "field"/],
    [{ threshold: 0.8 }, forecast, /msg\.training may have .*horizon; got "threshold"/],
    [{ ['__proto__']: 1 }, detection, /got "__proto__"/],
    [{ model: 7 }, detection, /msg\.training\.model must be text, got 7/],
    [{ algorithm: '  ' }, detection, /msg\.training\.algorithm must be text/],
    [
      { algorithm: 'ridge' },
      detection,
      /msg\.training\.algorithm must be one of auto, isolation-forest.*, got "ridge"/,
    ],
    [{ algorithm: 'mad' }, forecast, /msg\.training\.algorithm must be one of auto, .*ridge.*, got "mad"/],
    [{ params: [1] }, detection, /msg\.training\.params must be an object/],
    [{ seed: '1' }, detection, /msg\.training\.seed must be a number/],
    [{ threshold: NaN }, detection, /msg\.training\.threshold must be a number, got NaN/],
    [{ fields: 'flow' }, detection, /msg\.training\.fields must be an array of names, got "flow"/],
    [{ fields: [] }, detection, /msg\.training\.fields must be an array of names/],
    [{ fields: ['flow', ''] }, detection, /msg\.training\.fields must be an array of names/],
    [{ threshold: 0.8, contamination: 0.1 }, detection, /a threshold or a contamination, got both/],
    [{ horizon: 'soon' }, forecast, /msg\.training: horizon must be a time such as "24 h"/],
  ];
  for (const [asked, plan, sentence] of wrong) {
    it(`refuses ${JSON.stringify(asked)} for a ${plan.task}, naming what is wrong`, () => {
      should(() => askedPlan(asked, plan)).throw(sentence);
    });
  }
});
