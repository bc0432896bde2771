import should from 'should';
import { Random } from '#lib/core/random';
import { makeTable } from '#lib/core/table';
import { detector } from '#lib/registry';

const IDS = ['mad', 'zscore', 'iqr'];

/** Fits on one feature; gives its raw score for a value. */
async function fitted(id: string, values: readonly number[]): Promise<(value: number) => number> {
  const model = await detector(id).fit(makeTable(['x'], Float64Array.from(values)), {}, { seed: 0 });
  return (value) => model.score(makeTable(['x'], Float64Array.of(value)))[0]!;
}

/** Rows from `normal` on a grid of `resolution`. */
function quantised(random: Random, mean: number, deviation: number, resolution: number): number[] {
  return Array.from({ length: 500 }, () => Math.round(random.normal(mean, deviation) / resolution) * resolution);
}

for (const id of IDS) {
  describe(`${id} on sensors that hardly move`, () => {
    it('takes 1 % of a constant for its unit', async () => {
      const score = await fitted(id, new Array<number>(50).fill(200));
      (score(208) - score(204)).should.be.approximately(2, 1e-9);
      score(230).should.be.above(10);
      (await fitted(id, new Array<number>(50).fill(0)))(1).should.be.above(10);
    });

    it('takes noise in the last bits for a constant', async () => {
      const noisy = Array.from({ length: 50 }, (_, i) => 0.1 + 0.2 + i * 1e-16);
      const score = await fitted(id, noisy);
      score(0.3001).should.be.below(0.1);
      score(0.4).should.be.above(10);
    });

    it('does not mind a coarse sensor toggling its last digit', async () => {
      // All but one in a hundred values are the same.
      const score = await fitted(
        id,
        Array.from({ length: 500 }, (_, i) => (i % 100 === 0 ? 20.5 : 20)),
      );
      score(20.5).should.be.belowOrEqual(1.1);
      score(19.5).should.be.belowOrEqual(1.1);
      score(25).should.be.above(8);
    });

    it('sees a fault on a coarse sensor', async () => {
      const score = await fitted(id, quantised(new Random(1), 20, 0.3, 0.5));
      score(19.5).should.be.below(2.5);
      score(23).should.be.above(5);
    });
  });
}

describe('robust detectors', () => {
  it('measure by the mean deviation where more than half of the values are one', async () => {
    const random = new Random(2);
    const mostlyOff = Array.from({ length: 500 }, (_, i) => (i % 3 === 0 ? random.uniform(20, 50) : 0));
    for (const id of ['mad', 'iqr']) {
      const score = await fitted(id, mostlyOff);
      score(50).should.be.below(5);
      score(500).should.be.above(10);
    }
  });

  it('are not misled by faults and invalid numbers among the training rows', async () => {
    const random = new Random(3);
    const values = Array.from({ length: 500 }, (_, i) => (i % 10 === 0 ? 3.4e38 : random.normal(40, 2)));
    for (const id of ['mad', 'iqr']) (await fitted(id, values))(70).should.be.above(5);
  });
});

describe('detectors by feature', () => {
  it('let the worst feature decide', async () => {
    const random = new Random(4);
    const data = Float64Array.from({ length: 1000 }, (_, i) =>
      i % 2 === 0 ? random.normal(0, 1) : random.normal(0, 10),
    );
    for (const id of IDS) {
      const model = await detector(id).fit(makeTable(['a', 'b'], data), {}, { seed: 0 });
      const score = (a: number, b: number): number => model.score(makeTable(['a', 'b'], Float64Array.of(a, b)))[0]!;
      should(score(6, 1)).equal(score(6, -3));
      score(6, 1).should.be.above(score(5, 1));
      score(0, 60).should.be.approximately(score(6, 0), 1);
      const { shares } = model.explain(Float64Array.of(0.5, 60));
      shares[1]!.should.be.above(0.9);
    }
  });
});
