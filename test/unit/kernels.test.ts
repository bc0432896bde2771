import fc from 'fast-check';
import { Random } from '#lib/core/random';
import { Activation, LossKind, type Kernels } from '#lib/kernels/kernels';
import { hasSimd, Workspace } from '#lib/kernels/loader';

const FLOATS = 400_000;

/** One call of a kernel on fresh memory full of random numbers, by the SIMD module and by its twin. */
function both(
  call: (kernels: Kernels, allocate: (count: number) => number, workspace: Workspace) => void,
): [Float32Array, Float32Array] {
  const results = [false, true].map((plain) => {
    const workspace = Workspace.create(4 * FLOATS, plain);
    workspace.simd.should.equal(!plain);
    const random = new Random(1);
    const floats = workspace.view(1024, FLOATS - 1024);
    for (let i = 0; i < floats.length; i++) floats[i] = random.uniform(-1, 1);
    call(workspace.kernels, (count) => workspace.allocate(count), workspace);
    return floats.slice();
  });
  return results as [Float32Array, Float32Array];
}

/** Largest difference, relative where numbers are large. */
function distance([a, b]: [Float32Array, Float32Array]): number {
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x !== y) worst = Math.max(worst, Math.abs(x - y) / Math.max(1, Math.abs(y)));
  }
  return worst;
}

const fours = (max: number) => fc.integer({ min: 1, max }).map((n) => 4 * n);
const eights = (max: number) => fc.integer({ min: 1, max }).map((n) => 8 * n);
const some = (max: number) => fc.integer({ min: 1, max });
const flag = fc.integer({ min: 0, max: 1 });
const runs = { seed: 1, numRuns: 40 };

describe('the SIMD kernels and their plain twins agree', () => {
  before(function () {
    if (!hasSimd()) this.skip();
  });

  it('on matrix products of any size, also with a remainder', () => {
    fc.assert(
      fc.property(fours(12), some(67), eights(5), flag, (rows, inner, batch, accumulate) => {
        const result = both((kernels, allocate) => {
          const [weights, b, c] = [allocate(rows * inner), allocate(inner * batch), allocate(rows * batch)];
          kernels.multiplyPanels(weights, 4 * inner, b, c, rows, inner, batch, accumulate);
        });
        distance(result).should.be.below(2e-5);
      }),
      runs,
    );
  });

  it('on sums of outer products over several steps', () => {
    fc.assert(
      fc.property(fours(10), some(70), fours(8), some(5), (rows, inner, batch, steps) => {
        const result = both((kernels, allocate) => {
          const d = allocate(steps * rows * batch);
          const input = allocate(steps * inner * batch);
          const gradient = allocate(rows * inner);
          const strides = [rows * batch, inner * batch] as const;
          kernels.addOuterProducts(d, strides[0], input, strides[1], gradient, 4 * inner, rows, inner, batch, steps);
        });
        distance(result).should.be.below(5e-5);
      }),
      runs,
    );
  });

  it('on transposes, to the bit', () => {
    fc.assert(
      fc.property(fours(10), fours(10), some(9), (rows, columns, more) => {
        const result = both((kernels, allocate) => {
          const inner = columns + more;
          const from = allocate(rows * inner);
          kernels.transposePanels(from, 4 * inner, allocate(columns * rows), 4 * rows, rows, columns);
        });
        distance(result).should.equal(0);
      }),
      runs,
    );
  });

  it('on products with one row', () => {
    fc.assert(
      fc.property(fours(20), some(90), (rows, inner) => {
        const result = both((kernels, allocate) => {
          kernels.multiplyVector(allocate(rows * inner), 4 * inner, allocate(inner), allocate(rows), rows, inner);
        });
        distance(result).should.be.below(2e-5);
      }),
      runs,
    );
  });

  it('on recurrent cells, forward and back', () => {
    fc.assert(
      fc.property(fours(40), flag, (count, relu) => {
        const lstm = both((kernels, allocate) => {
          const gates = allocate(4 * count);
          const [previous, cell, activated, hidden] = [
            allocate(count),
            allocate(count),
            allocate(count),
            allocate(count),
          ];
          kernels.lstmForward(gates, previous, cell, activated, hidden, count, relu);
          const [dHidden, dCell, dGates] = [allocate(count), allocate(count), allocate(4 * count)];
          kernels.lstmBackward(gates, previous, activated, dHidden, dCell, dGates, count, relu);
        });
        const gru = both((kernels, allocate) => {
          const [gates, previous, hidden] = [allocate(4 * count), allocate(count), allocate(count)];
          kernels.gruForward(gates, previous, hidden, count, relu);
          const [dHidden, dGates] = [allocate(count), allocate(4 * count)];
          kernels.gruBackward(gates, previous, dHidden, dGates, count, relu);
        });
        distance(lstm).should.be.below(5e-6);
        distance(gru).should.be.below(5e-6);
      }),
      runs,
    );
  });

  it('on everything that goes element by element', () => {
    fc.assert(
      fc.property(fours(50), fc.double({ min: 0.05, max: 1, noNaN: true }), (count, share) => {
        const result = both((kernels, allocate) => {
          const [a, b, c] = [allocate(count), allocate(count), allocate(count)];
          kernels.multiply(a, b, c, count);
          kernels.addProduct(a, b, c, count);
          kernels.add(a, c, count);
          kernels.scale(c, share, count);
          kernels.copy(c, allocate(count), count);
          kernels.fill(allocate(count), share, count);
          for (const kind of Object.values(Activation)) {
            const y = allocate(count);
            kernels.copy(a, y, count);
            kernels.activate(y, kind, count);
            kernels.activateBackward(y, allocate(count), kind, count);
          }
          for (const kind of Object.values(LossKind)) {
            const output = allocate(count);
            kernels.loss(output, b, allocate(count), kind, share, count);
          }
        });
        distance(result).should.be.below(5e-6);
      }),
      runs,
    );
  });

  it('on the values that reductions return', () => {
    for (const kind of Object.values(LossKind)) {
      const values = [false, true].map((plain) => {
        const workspace = Workspace.create(4 * 4096, plain);
        const random = new Random(3);
        const [output, target, weight] = [workspace.allocate(96), workspace.allocate(96), workspace.allocate(96)];
        for (let i = 0; i < 96; i++) {
          workspace.floats[output / 4 + i] = random.normal();
          workspace.floats[target / 4 + i] = random.normal();
          workspace.floats[weight / 4 + i] = i % 3;
        }
        const sum = workspace.kernels.loss(output, target, weight, kind, 0.3, 96);
        return [sum, workspace.kernels.sumOfSquares(output, 96)];
      });
      values[0]![0]!.should.be.approximately(values[1]![0]!, 1e-4);
      values[0]![1]!.should.be.approximately(values[1]![1]!, 1e-4);
      values[0]![0]!.should.be.above(1);
    }
  });

  it('on which values dropout drops, to the bit, and on how many', () => {
    for (const keep of [0.1, 0.5, 0.8, 1]) {
      let kept = 0;
      const result = both((kernels, allocate) => {
        const state = allocate(4);
        const mask = allocate(40_000);
        kernels.dropoutMask(mask, keep, state, 40_000);
      });
      distance(result).should.equal(0);
      const mask = result[0].subarray(0, 45_000);
      for (const value of mask) if (Math.abs(value - Math.fround(1 / Math.fround(keep))) < 1e-6) kept++;
      (kept / 40_000).should.be.approximately(keep, 0.02);
    }
  });

  it('on Adam, over several steps', () => {
    const result = both((kernels, allocate) => {
      const [parameters, gradient, first, second] = [allocate(64), allocate(64), allocate(64), allocate(64)];
      kernels.fill(first, 0, 64);
      kernels.fill(second, 0, 64);
      for (let step = 1; step <= 20; step++) {
        const biases = [1 - 0.9 ** step, 1 - 0.999 ** step] as const;
        kernels.adam(parameters, gradient, first, second, 64, 0.01, 0.9, 0.999, 1e-8, ...biases);
      }
    });
    distance(result).should.be.below(1e-5);
  });

  it('on paths through a forest, rows beyond whole blocks of eight included', () => {
    fc.assert(
      fc.property(some(300), some(6), some(9), some(8), (rows, columns, trees, depth) => {
        const inner = 2 ** depth - 1;
        const result = both((kernels, allocate, { ints }) => {
          const nodes = allocate(2 * trees * inner);
          const leaves = allocate(trees * (inner + 1));
          const x = allocate(rows * columns);
          const sums = allocate(rows);
          const random = new Random(rows);
          for (let leaf = 0; leaf < trees * (inner + 1); leaf++) ints[leaves / 4 + leaf] = random.below(1e6);
          for (let node = 0; node < trees * inner; node++) ints[nodes / 4 + 2 * node + 1] = 4 * random.below(columns);
          kernels.forestPathLengths(nodes, leaves, x, sums, rows, columns, trees, depth);
          for (let row = 0; row < rows; row++) ints[sums / 4 + row]!.should.be.within(0, trees * 1e6);
        });
        distance(result).should.equal(0);
      }),
      runs,
    );
  });
});
