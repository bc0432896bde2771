import fc from 'fast-check';
import should from 'should';
import type { Detector } from '#lib/core/algorithm';
import { makeTable, rowOf, sliceRows, tableFromRows, type Table } from '#lib/core/table';
import { auc } from '../../../bench/support/metrics';
import { normalRows, PLANT_COLUMNS, rowsWithFaults } from './plant';
import { allFinite, bits, fit, type Check, type Subject } from './subject';

export type DetectorSubject = Subject<Table, Detector>;

const TRAINING_ROWS = 500;
const WIDTH = PLANT_COLUMNS.length;

/** Rows to judge: normal ones, faults, and what no plant sends. */
function judged(): Table {
  const { x } = rowsWithFaults(60, 5);
  const data = Float64Array.from([
    ...x.data,
    ...new Array<number>(WIDTH).fill(1e300),
    ...new Array<number>(WIDTH).fill(0),
  ]);
  return makeTable(PLANT_COLUMNS, data);
}

function withCell(x: Table, row: number, column: number, value: number): Table {
  const data = x.data.slice();
  data[row * x.columns.length + column] = value;
  return makeTable(x.columns, data);
}

export function detectorSubject(algorithm: DetectorSubject['algorithm']): DetectorSubject {
  const data = (): Table => normalRows(TRAINING_ROWS, 1);
  return {
    algorithm,
    data,
    constant: () => makeTable(PLANT_COLUMNS, new Float64Array(TRAINING_ROWS * WIDTH).fill(7)),
    head: (rows) => sliceRows(data(), 0, rows),
    unfit: [
      { what: 'an infinite cell', x: withCell(data(), 0, 0, Infinity), message: /Row 0, column "flow" .* Infinity/ },
      { what: 'a cell beyond any sensor', x: withCell(data(), 9, 3, -1e39), message: /Row 9, column "temperature"/ },
      ...(algorithm.traits.allowsMissing
        ? []
        : [{ what: 'a missing cell', x: withCell(data(), 3, 1, NaN), message: /Row 3, column "pressure" .* got NaN/ }]),
      { what: 'no columns', x: { columns: [], data: new Float64Array(0), rows: 0 }, message: /at least one feature/ },
    ],
    output(model) {
      const x = judged();
      const rows = Array.from({ length: x.rows }, (_, r) => model.explain(rowOf(x, r)));
      const explained = rows.flatMap(({ shares, low, high }) => [...shares, ...low, ...high]);
      return Float64Array.from([...model.score(x), ...explained]);
    },
  };
}

/** Any finite row: what a plant may send, and what a fuzzer does. */
const anyRow = fc
  .array(
    fc.oneof(fc.double({ min: -200, max: 200, noNaN: true }), fc.double({ noNaN: true, noDefaultInfinity: true })),
    {
      minLength: WIDTH,
      maxLength: WIDTH,
    },
  )
  .map((values) => Float64Array.from(values));

/** What every detector owes beside the common checks. */
export const detectorChecks: readonly Check<DetectorSubject>[] = [
  {
    name: 'scores a batch as it scores row by row, bit for bit',
    async run(subject) {
      const model = await fit(subject);
      const x = judged();
      const single = Float64Array.from({ length: x.rows }, (_, r) => model.score(sliceRows(x, r, r + 1))[0]!);
      bits(model.score(x)).should.equal(bits(single));
      model.score(sliceRows(x, 0, 0)).should.have.length(0);
    },
  },
  {
    name: 'judges without learning and without changing what it is shown',
    async run(subject) {
      const model = await fit(subject);
      const x = judged();
      const before = structuredClone(x);
      const first = bits(subject.output(model));
      const state = structuredClone(model.snapshot());
      for (let r = 0; r < x.rows; r++) model.explain(rowOf(x, r)).shares.fill(NaN);
      model.score(x).fill(NaN);
      bits(subject.output(model)).should.equal(first);
      should(model.snapshot()).eql(state);
      should(x).eql(before);
    },
  },
  {
    name: 'scores planted faults above normal rows',
    async run(subject) {
      const model = await fit(subject);
      const { x, faulty } = rowsWithFaults(1000, 2);
      const anomalous = faulty.map((feature) => feature >= 0);
      // The test is worth something: both classes are there, and a score that knows nothing does not pass.
      anomalous.filter(Boolean).should.have.length(100);
      auc(
        normalRows(1000, 9).data.filter((_, i) => i % WIDTH === 0),
        anomalous,
      ).should.be.within(0.4, 0.6);
      auc(model.score(x), anomalous).should.be.above(0.85);
    },
  },
  {
    name: 'names the feature that is off first',
    async run(subject) {
      const model = await fit(subject);
      const { x, faulty } = rowsWithFaults(1000, 3);
      const faults = faulty.flatMap((feature, r) => (feature >= 0 ? [{ feature, row: rowOf(x, r) }] : []));
      const right = faults.filter(({ feature, row }) => {
        const { shares } = model.explain(row);
        return shares.indexOf(Math.max(...shares)) === feature;
      });
      faults.should.have.length(100);
      right.length.should.be.above(95);
    },
  },
  {
    name: 'expects of each feature a range that holds nearly all normal values, and hardly a fault',
    async run(subject) {
      const model = await fit(subject);
      const { x, faulty } = rowsWithFaults(1000, 4);
      const outside = { normal: 0, fault: 0 };
      for (let r = 0; r < x.rows; r++) {
        const row = rowOf(x, r);
        const { low, high } = model.explain(row);
        const isOutside = (value: number, c: number): boolean => value < low[c]! || value > high[c]!;
        const fault = faulty[r]!;
        if (fault < 0) outside.normal += row.filter(isOutside).length;
        else if (isOutside(row[fault]!, fault)) outside.fault++;
      }
      outside.normal.should.be.below(0.02 * 900 * WIDTH);
      outside.fault.should.be.above(90); // of 100
    },
  },
  {
    name: 'gives any finite row a finite score, and shares of 0…1 that sum to 1',
    async run(subject) {
      const models = [await fit(subject), await fit(subject, subject.constant())];
      const property = fc.property(anyRow, fc.constantFrom(...models), (row, model) => {
        allFinite(model.score(makeTable(PLANT_COLUMNS, row))).should.be.true();
        const { shares, low, high } = model.explain(row);
        shares.forEach((share) => share.should.be.within(0, 1));
        shares.reduce((a, b) => a + b).should.be.approximately(1, 1e-9);
        (allFinite(low) && allFinite(high)).should.be.true();
        low.forEach((value, c) => value.should.be.belowOrEqual(high[c]!));
      });
      fc.assert(property, { seed: 1, numRuns: 300 });
    },
  },
  {
    name: 'scores the larger of two changes at least as high after constant data',
    async run(subject) {
      const model = await fit(subject, subject.constant());
      const rows = [7, 8, 70, 1e9].map((value) => [7, 7, value, 7]);
      const scores = model.score(tableFromRows(PLANT_COLUMNS, rows));
      should([...scores]).eql([...scores].sort((a, b) => a - b));
    },
  },
  {
    name: 'refuses rows it cannot judge, saying where and why',
    async run(subject) {
      const model = await fit(subject);
      const x = normalRows(5, 7);
      for (const value of subject.algorithm.traits.allowsMissing ? [Infinity, -Infinity] : [NaN, Infinity, -Infinity]) {
        should(() => model.score(withCell(x, 2, 1, value))).throw(/Row 2, column "pressure" must be a finite number/);
        should(() => model.explain(rowOf(withCell(x, 0, 1, value), 0))).throw(/"pressure" must be a finite number/);
      }
      for (const columns of [PLANT_COLUMNS.slice(1), [...PLANT_COLUMNS].reverse(), [...PLANT_COLUMNS, 'speed'], []]) {
        const wrong = makeTable(columns, new Float64Array(columns.length));
        should(() => model.score(wrong)).throw(/trained on the columns flow, pressure, current, temperature; got /);
      }
      should(() => model.explain(new Float64Array(3))).throw(/needs 4 numbers \(flow, .*\), got 3/);
    },
  },
  {
    name: 'learns and judges around missing cells, where it says that it can',
    applies: ({ algorithm }) => algorithm.traits.allowsMissing,
    async run(subject) {
      const holed = subject.data().data.map((value, i) => (i % 7 === 0 ? NaN : value));
      const model = await fit(subject, makeTable(PLANT_COLUMNS, holed));
      const { x, faulty } = rowsWithFaults(200, 8);
      // Columns that are not the row's fault are missing.
      const data = x.data.map((value, i) => (i % WIDTH === 0 && faulty[Math.floor(i / WIDTH)] !== 0 ? NaN : value));
      const anomalous = faulty.map((feature) => feature >= 0);
      auc(model.score(makeTable(PLANT_COLUMNS, data)), anomalous).should.be.above(0.9);
      allFinite(model.score(makeTable(PLANT_COLUMNS, new Float64Array(WIDTH).fill(NaN)))).should.be.true();
    },
  },
];
