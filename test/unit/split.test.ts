import fc from 'fast-check';
import should from 'should';
import { auc, qualityOf } from '#lib/training/quality';
import { splitRows } from '#lib/training/split';

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

describe('splitting rows', () => {
  it('fits the head, leaves a gap, calibrates and checks on the tail', () => {
    splitRows([range(0, 100)], 4).should.eql({ fit: range(0, 70), calibrate: range(74, 87), check: range(87, 100) });
  });

  it('splits each device by itself', () => {
    const { fit, check } = splitRows([range(0, 10), range(10, 30)], 0);
    fit.should.eql([...range(0, 7), ...range(10, 24)]);
    check.should.eql([9, ...range(27, 30)]);
  });

  it('never gives up more than a third of the tail to the gap', () => {
    splitRows([range(0, 100)], 1000).should.eql({ fit: range(0, 70), calibrate: range(80, 90), check: range(90, 100) });
  });

  it('uses no row twice, keeps their order, and holds out the newest, whatever is left out', () => {
    const rows = fc.uniqueArray(fc.nat(10_000), { minLength: 20, maxLength: 300 }).map((r) => r.sort((a, b) => a - b));
    fc.assert(
      fc.property(rows, fc.nat(50), (rows, lookback) => {
        const { fit, calibrate, check } = splitRows([rows], lookback);
        const used = [...fit, ...calibrate, ...check];
        used.should.eql([...new Set(used)].sort((a, b) => a - b));
        should(check.at(-1)).equal(rows.at(-1));
        calibrate.length.should.be.aboveOrEqual(1);
        Math.abs(calibrate.length - check.length).should.be.belowOrEqual(1);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('quality on labelled rows', () => {
  it('is precision, recall, their harmonic mean and the area under the curve', () => {
    const quality = qualityOf(Float64Array.of(0.1, 0.2, 0.8, 0.3), Float64Array.of(0.9, 0.75, 0.2), 0.7);
    quality.should.eql({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, auc: (4 + 3 + 1.5) / 12 });
  });

  it('says null where nothing was called an anomaly', () => {
    const quality = qualityOf(Float64Array.of(0.1), Float64Array.of(0.2), 0.7);
    quality.should.eql({ precision: null, recall: 0, f1: 0, auc: 1 });
  });

  it('has an area of one half for scores that say nothing', () => {
    auc(Float64Array.of(1, 1, 1), Float64Array.of(1, 1)).should.equal(0.5);
    auc(Float64Array.of(1, 3), Float64Array.of(2)).should.equal(0.5);
    auc(Float64Array.of(2, 3), Float64Array.of(1)).should.equal(0);
  });
});
