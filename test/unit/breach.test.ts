import fc from 'fast-check';
import should from 'should';
import { BREACH_DEFAULTS, type BreachStep, endBreach, stepForecast, stepValue } from '#lib/forecasting/breach';
import { type BreachState, type Limit, loadBreach, NO_BREACH } from '#lib/forecasting/breach-state';
import type { BreachEvent } from '#lib/forecasting/events';

const STEP_MS = 600_000;
const START_MS = Date.UTC(2026, 4, 4, 14, 20);
const subject = {
  device: 'pump-07',
  field: 'temperature',
  model: { name: 'pump-temperature', version: 3, algorithm: 'auto' },
};
const above: Limit = { direction: 'above', value: 80 };

/** A step: the probabilities of a forecast, or an actual value. */
type Play = readonly number[] | number;

/** Plays forecasts and values, one every ten minutes from 14:20, and gives the events with the number of their step. */
function play(steps: readonly Play[], limit = above): { step: number; event: BreachEvent }[] {
  let state: BreachState = NO_BREACH;
  const events: { step: number; event: BreachEvent }[] = [];
  steps.forEach((each, step) => {
    const timeMs = START_MS + step * STEP_MS;
    const result: BreachStep =
      typeof each === 'number'
        ? stepValue(state, limit, { timeMs, value: each }, subject)
        : stepForecast(state, limit, { nowMs: timeMs, stepMs: STEP_MS, probabilities: each }, subject);
    // As a restart in between would do it.
    state = loadBreach(JSON.parse(JSON.stringify(result.state)) as never);
    if (result.event !== null) events.push({ step, event: result.event });
  });
  return events;
}

const types = (steps: readonly Play[], limit?: Limit): string[] =>
  play(steps, limit).map(({ step, event }) => `${step} ${event.type.replace('breach-', '')} ${event.severity}`);

/** Twelve steps, two hours; from step `first` on a breach is so likely. */
const likely = (first: number, probability = 0.72): number[] =>
  Array.from({ length: 12 }, (_, j) => (j >= first ? probability : 0.01));
const unlikely = likely(0, 0.1);
const undecided = likely(6, 0.4);

describe('a breach', () => {
  it('is predicted when two forecasts running find it likely, not by one', () => {
    types([likely(8), unlikely, likely(8), undecided, likely(8)]).should.eql([]);
    types([unlikely, likely(8), likely(8), likely(8)]).should.eql(['2 predicted warning']);
  });

  it('is withdrawn when three forecasts running find it unlikely, not by two', () => {
    const predicted = [likely(8), likely(8)];
    types([...predicted, unlikely, unlikely, undecided, unlikely, unlikely]).should.eql(['1 predicted warning']);
    types([...predicted, unlikely, unlikely, unlikely]).should.eql(['1 predicted warning', '4 withdrawn normal']);
  });

  it('stays predicted while it is neither likely nor unlikely', () => {
    types([likely(8), likely(8), ...Array<number[]>(50).fill(undecided)]).should.eql(['1 predicted warning']);
  });

  it('is reached when a value lies beyond the limit, not on it', () => {
    types([likely(8), likely(8), 79, 80, 80.4]).should.eql(['1 predicted warning', '4 reached critical']);
    const below: Limit = { direction: 'below', value: 20 };
    types([likely(8), likely(8), 80, 20, 19.9], below).should.eql(['1 predicted warning', '4 reached critical']);
  });

  it('that nobody predicted makes no event', () => {
    types([79, 81, 90, 79]).should.eql([]);
  });

  it('is not predicted anew while the value is beyond the limit, nor until it has been back for three values', () => {
    const again = [likely(3), likely(3)];
    const beyond = [...again, 81, ...again, 82, ...again];
    types(beyond).should.eql(['1 predicted warning', '2 reached critical']);
    types([...beyond, 79, 79, ...again]).should.eql(['1 predicted warning', '2 reached critical']);
    types([...beyond, 79, 79, 81, 79, ...again]).should.eql(['1 predicted warning', '2 reached critical']);
    types([...beyond, 79, 79, 79, ...again]).should.eql([
      '1 predicted warning',
      '2 reached critical',
      '12 predicted warning',
    ]);
  });

  it('is not predicted where the first value is beyond the limit already', () => {
    types([85, likely(0), likely(0), likely(0)]).should.eql([]);
  });

  it('is critical when less than a tenth of the horizon is left, and less than an hour', () => {
    const day = (first: number): number[] => Array.from({ length: 144 }, (_, j) => (j >= first ? 0.9 : 0));
    types([likely(0), likely(0)]).should.eql(['1 predicted critical']);
    types([likely(1), likely(1)]).should.eql(['1 predicted warning']);
    types([day(4), day(4)]).should.eql(['1 predicted critical']);
    types([day(5), day(5)]).should.eql(['1 predicted warning']);
  });

  it('says what, when, how soon and how sure, in one sentence', () => {
    const [predicted, reached] = play([likely(7), likely(7), ...Array<number>(6).fill(79), 80.4]);
    should(predicted!.event).eql({
      type: 'breach-predicted',
      text: 'pump-07: temperature will probably exceed 80 at 15:50 UTC, in 1 h 20 min (72 %).',
      id: 'pump-temperature/pump-07/temperature/above/2026-05-04T14:20:00.000Z',
      device: 'pump-07',
      model: subject.model,
      severity: 'warning',
      since: '2026-05-04T14:20:00.000Z',
      field: 'temperature',
      limit: 80,
      direction: 'above',
      at: '2026-05-04T15:50:00.000Z',
      probability: 0.72,
      inMs: 80 * 60_000,
    });
    should(reached!.event).containEql({
      type: 'breach-reached',
      text: 'pump-07: temperature is 80.4, above 80 since 15:40 UTC, as predicted 1 h 20 min before.',
      id: predicted!.event.id,
      severity: 'critical',
      at: '2026-05-04T15:40:00.000Z',
      until: '2026-05-04T15:40:00.000Z',
      inMs: 80 * 60_000,
      probability: 1,
    });
  });

  it('is withdrawn with the time that was expected last, from the first forecast that found it unlikely', () => {
    const [, withdrawn] = play([likely(7), likely(7), likely(9), unlikely, unlikely, unlikely]);
    should(withdrawn!.event).containEql({
      text: 'pump-07: temperature is no longer expected to exceed 80 at 16:20 UTC.',
      at: '2026-05-04T16:20:00.000Z',
      until: '2026-05-04T14:50:00.000Z',
      inMs: 90 * 60_000,
      severity: 'normal',
      probability: 0.1,
    });
  });

  it('names the day where it is another one', () => {
    const tomorrow = Array.from({ length: 72 }, (_, j) => (j >= 65 ? 1 : 0));
    const [predicted] = play([tomorrow, tomorrow], { direction: 'below', value: 20.25 });
    should(predicted!.event.text).equal(
      'pump-07: temperature will probably fall below 20.25 at 5 May 01:30 UTC, in 11 h (99 %).',
    );
  });

  it('can be ended by hand, once', () => {
    const open = stepForecast(
      stepForecast(NO_BREACH, above, { nowMs: START_MS, stepMs: STEP_MS, probabilities: likely(7) }, subject).state,
      above,
      { nowMs: START_MS + STEP_MS, stepMs: STEP_MS, probabilities: likely(7) },
      subject,
    );
    const ended = endBreach(open.state, above, START_MS + 2 * STEP_MS, subject);
    should(ended.event).containEql({ type: 'breach-withdrawn', id: open.event!.id });
    should(endBreach(ended.state, above, START_MS, subject).event).be.null();
  });

  it('refuses a damaged state', () => {
    const { prediction: none, ...rest } = NO_BREACH;
    should(none).be.null();
    const prediction = { id: 'x', since: 'yesterday', at: 'now', probability: 0.5, severity: 'warning' };
    for (const damaged of [{}, null, [], rest, { ...NO_BREACH, toReturn: -1 }, { ...NO_BREACH, prediction }]) {
      should(() => loadBreach(damaged)).throw(/breach/);
    }
  });

  describe('whatever comes', () => {
    const probability = fc.oneof(fc.constantFrom(0, 0.25, 0.5, 1, NaN), fc.double({ min: 0, max: 1, noNaN: true }));
    const forecast = fc.array(probability, { maxLength: 5 });
    const step = fc.oneof(forecast, forecast, fc.constantFrom(79, 80, 81));
    const run = fc.tuple(step, fc.integer({ min: 1, max: 4 })).map(([each, times]) => Array<Play>(times).fill(each));
    const course = fc.array(run, { maxLength: 40 }).map((runs) => runs.flat());

    it('a prediction is followed by its end, with its id, before there is another', () => {
      fc.assert(
        fc.property(course, (steps) => {
          let open: string | null = null;
          for (const { event } of play(steps)) {
            if (event.type === 'breach-predicted') should(open).be.null();
            else should(event.id).equal(open);
            open = event.type === 'breach-predicted' ? event.id : null;
          }
        }),
        { seed: 1, numRuns: 500 },
      );
    });

    it('the courses tried hold predictions, withdrawals and breaches', () => {
      const seen = new Set<string>();
      for (const steps of fc.sample(course, { seed: 1, numRuns: 500 })) {
        for (const { event } of play(steps)) seen.add(event.type);
      }
      [...seen].sort().should.eql(['breach-predicted', 'breach-reached', 'breach-withdrawn']);
    });

    it('the same forecast again and again makes one event at most', () => {
      fc.assert(
        fc.property(forecast, (each) => {
          should(play(Array<Play>(20).fill(each)).length).be.belowOrEqual(1);
        }),
        { seed: 1 },
      );
    });

    it('two predictions of one limit never share an id', () => {
      fc.assert(
        fc.property(course, (steps) => {
          const ids = play(steps).flatMap(({ event }) => (event.type === 'breach-predicted' ? [event.id] : []));
          should(new Set(ids).size).equal(ids.length);
        }),
        { seed: 2, numRuns: 300 },
      );
    });
  });

  it('has defaults that make it slower to withdraw than to predict', () => {
    should(BREACH_DEFAULTS.withdraw).be.below(BREACH_DEFAULTS.raise);
    should(BREACH_DEFAULTS.withdrawAfter).be.above(BREACH_DEFAULTS.raiseAfter);
  });
});
