import fc from 'fast-check';
import should from 'should';
import { auc, qualityOf } from '#lib/training/quality';
import { leastRows, splitRows } from '#lib/training/split';

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

const quick = { online: false, multivariate: true, allowsMissing: false };
const network = { ...quick, warmStart: true };

describe('splitting rows', () => {
  it('holds out each quarter once, with a gap on either side, and fits all rows in the end', () => {
    const { folds, fit, heldOut } = splitRows([range(0, 100)], 4, quick);
    folds.length.should.equal(4);
    folds[0]!.should.eql({ fit: range(29, 100), heldOut: range(0, 25) });
    folds[1]!.should.eql({ fit: [...range(0, 21), ...range(54, 100)], heldOut: range(25, 50) });
    folds[3]!.should.eql({ fit: range(0, 71), heldOut: range(75, 100) });
    fit.should.eql(range(0, 100));
    heldOut.should.eql(range(0, 100));
  });

  it('fits what learns for minutes or row by row once: the head; leaves a gap, and holds out the tail', () => {
    for (const traits of [network, { ...quick, online: true }]) {
      const { folds, fit, heldOut } = splitRows([range(0, 100)], 4, traits);
      folds.should.eql([{ fit, heldOut }]);
      fit.should.eql(range(0, 70));
      heldOut.should.eql(range(74, 100));
    }
  });

  it('splits each device by itself', () => {
    const once = splitRows([range(0, 10), range(10, 30)], 0, network);
    once.fit.should.eql([...range(0, 7), ...range(10, 24)]);
    once.heldOut.should.eql([...range(7, 10), ...range(24, 30)]);
    const { folds } = splitRows([range(0, 8), range(8, 28)], 0, quick);
    folds[0]!.heldOut.should.eql([...range(0, 2), ...range(8, 13)]);
  });

  it('never gives up more than a third of a part to the gap', () => {
    splitRows([range(0, 100)], 1000, network).heldOut.should.eql(range(80, 100));
    splitRows([range(0, 100)], 1000, quick).folds[3]!.fit.should.eql(range(0, 67));
  });

  it('keeps the newest quarter of what is held out of each device to be checked on', () => {
    [...splitRows([range(0, 100), range(100, 120)], 0, quick).newest].should.eql([
      ...range(75, 100),
      ...range(115, 120),
    ]);
    [...splitRows([range(0, 100)], 0, network).newest].should.eql(range(93, 100));
  });

  it('never fits and holds out the same row, and holds out the newest, whatever is left out', () => {
    const rows = fc.uniqueArray(fc.nat(10_000), { minLength: 20, maxLength: 300 }).map((r) => r.sort((a, b) => a - b));
    fc.assert(
      fc.property(rows, fc.nat(50), fc.constantFrom(quick, network), (rows, lookback, traits) => {
        const { folds, heldOut } = splitRows([rows], lookback, traits);
        for (const fold of folds) {
          const used = [...fold.fit, ...fold.heldOut].sort((a, b) => a - b);
          used.should.eql([...new Set(used)]);
        }
        heldOut.should.eql(folds.flatMap((fold) => fold.heldOut).sort((a, b) => a - b));
        should(heldOut.at(-1)).equal(rows.at(-1));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('knows how few rows will do', () => {
    for (const traits of [quick, network]) {
      const rows = leastRows(traits, 10, 20);
      for (const lookback of [0, 1000]) {
        const { folds, heldOut, newest } = splitRows([range(0, rows)], lookback, traits);
        for (const { fit } of folds) fit.length.should.be.aboveOrEqual(10);
        (heldOut.length - newest.size).should.be.aboveOrEqual(20);
        newest.size.should.be.above(0);
      }
    }
  });
});

describe('quality on labelled rows', () => {
  it('is precision, recall, their harmonic mean, accuracy, false positives and the area under the curve', () => {
    const quality = qualityOf(Float64Array.of(0.1, 0.2, 0.8, 0.3), Float64Array.of(0.9, 0.75, 0.2), 0.7);
    const rates = { precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, accuracy: 5 / 7, falsePositiveRate: 1 / 4 };
    quality.should.eql({ ...rates, auc: (4 + 3 + 1.5) / 12 });
  });

  it('says null where nothing was called an anomaly', () => {
    const quality = qualityOf(Float64Array.of(0.1), Float64Array.of(0.2), 0.7);
    quality.should.eql({ precision: null, recall: 0, f1: 0, accuracy: 1 / 2, falsePositiveRate: 0, auc: 1 });
  });

  it('has an area of one half for scores that say nothing', () => {
    auc(Float64Array.of(1, 1, 1), Float64Array.of(1, 1)).should.equal(0.5);
    auc(Float64Array.of(1, 3), Float64Array.of(2)).should.equal(0.5);
    auc(Float64Array.of(2, 3), Float64Array.of(1)).should.equal(0);
  });
});
