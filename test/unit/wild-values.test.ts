import should from 'should';
import type { History } from '#lib/core/history';
import { Random } from '#lib/core/random';
import { fitForecast } from '#lib/forecasting/fit-forecast';
import { withoutWildValues } from '#lib/forecasting/wild-values';

function historyOf(target: Float64Array, others: readonly Float64Array[] = []): History {
  return { startMs: 0, stepMs: 3_600_000, timeZone: 'UTC', target, others };
}

/** A daily rhythm around 20, with some values replaced. */
function day(length: number, wild: Readonly<Record<number, number>> = {}): Float64Array {
  const random = new Random(4);
  return Float64Array.from({ length }, (_, i) => {
    const usual = 20 + 5 * Math.sin((2 * Math.PI * i) / 24) + random.normal(0, 0.5);
    return wild[i] ?? usual;
  });
}

describe('withoutWildValues', () => {
  it('replaces what a failed sensor says by the value before it', () => {
    const clean = day(1000);
    const { history, replaced } = withoutWildValues(historyOf(day(1000, { 300: 65_535, 301: 65_535, 700: -999 })));
    replaced.should.equal(3);
    const expected = clean.slice();
    expected.fill(clean[299]!, 300, 302);
    expected[700] = clean[699]!;
    should(history.target).eql(expected);
  });

  it('leaves alone what is merely rare, a new state, and the newest value', () => {
    const burst = day(1000, { 500: 80 });
    const newState = day(1000);
    newState.fill(5_000, 996);
    const newest = day(1000, { 999: 65_535 });
    const rare = new Float64Array(1000);
    rare[400] = 1;
    for (const target of [burst, newState, newest, rare]) {
      const { history, replaced } = withoutWildValues(historyOf(target));
      replaced.should.equal(0);
      should(history.target).equal(target);
    }
  });

  it('looks at the other fields as well', () => {
    const { history } = withoutWildValues(historyOf(day(1000), [day(1000, { 10: 1e9 })]));
    should(history.others[0]![10]).equal(day(1000)[9]);
  });

  it('keeps one wild value from spoiling a forecast, and the card says so', async () => {
    const choice = { algorithm: 'auto', params: {}, horizon: 24, budgetSeconds: 1 };
    const { model, warnings } = await fitForecast(historyOf(day(1000, { 980: 1e9 })), choice, { seed: 1 });
    const last = model.history.target;
    const [member] = model.members;
    const ahead = member!.model.forecast(model.history, [last.length], 24);
    warnings.join(' ').should.match(/1 value .* out of all proportion/);
    for (const value of ahead) Math.abs(value).should.be.below(100);
  });
});
