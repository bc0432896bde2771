import fc from 'fast-check';
import { ridgeByGcv, RIDGE_PENALTIES } from '#lib/core/ridge';
import { Random } from '#lib/core/random';
import { rotate, rotateBack, tridiagonalise } from '#lib/core/tridiagonal';

/** Xᵀ X / rows of a random X, of which some columns are constant and some repeat others. */
function gramMatrix(size: number, rows: number, seed: number): Float64Array {
  const random = new Random(seed);
  const kinds = Array.from({ length: size }, () => random.below(4));
  const x = Array.from({ length: rows }, () => {
    const row: number[] = [];
    kinds.forEach((kind, i) => row.push(kind === 0 ? 0 : kind === 1 && i > 0 ? 2 * row[i - 1]! : random.normal()));
    return row;
  });
  const gram = new Float64Array(size * size);
  for (const row of x) row.forEach((a, i) => row.forEach((b, j) => (gram[i * size + j]! += (a * b) / rows)));
  return gram;
}

const identity = (size: number): Float64Array =>
  Float64Array.from({ length: size * size }, (_, cell) => (cell % (size + 1) === 0 ? 1 : 0));

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, cell) => {
    const [i, j] = [Math.floor(cell / size), cell % size];
    let sum = 0;
    for (let k = 0; k < size; k++) sum += a[i * size + k]! * b[k * size + j]!;
    return sum;
  });
}

function furthest(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

const largest = (a: Float64Array): number => a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const matrices = fc.record({
  size: fc.integer({ min: 1, max: 20 }),
  rows: fc.integer({ min: 1, max: 40 }),
  seed: fc.nat(),
});

describe('the reduction of a symmetric matrix to tridiagonal form', () => {
  it('is Q · T · Qᵀ again when put together, whatever columns depend on others', () => {
    fc.assert(
      fc.property(matrices, ({ size, rows, seed }) => {
        const a = gramMatrix(size, rows, seed);
        const t = tridiagonalise(a, size);
        const rebuilt = new Float64Array(size * size);
        for (let i = 0; i < size; i++) {
          rebuilt[i * size + i] = t.diagonal[i]!;
          if (i + 1 < size) rebuilt[i * size + i + 1] = rebuilt[(i + 1) * size + i] = t.beside[i]!;
        }
        // Q · T, and then Q · (Q · T)ᵀ = Q · T · Qᵀ.
        rotateBack(t, rebuilt, size);
        const turned = rebuilt.map((_, cell) => rebuilt[(cell % size) * size + Math.floor(cell / size)]!);
        rotateBack(t, turned, size);
        return furthest(turned, a) <= 1e-12 * (1 + largest(a));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('turns by an orthogonal matrix, and back', () => {
    fc.assert(
      fc.property(matrices, ({ size, rows, seed }) => {
        const t = tridiagonalise(gramMatrix(size, rows, seed), size);
        const q = identity(size);
        rotateBack(t, q, size);
        const transposed = identity(size);
        rotate(t, transposed, size);
        return furthest(product(transposed, q, size), identity(size)) <= 1e-12;
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('bears numbers whose squares are out of range', () => {
    for (const unit of [1e-170, 1e170]) {
      const a = gramMatrix(6, 30, 5).map((value) => value * unit);
      const { diagonal } = tridiagonalise(a, 6);
      const trace = [0, 7, 14, 21, 28, 35].reduce((sum, cell) => sum + a[cell]!, 0);
      diagonal.reduce((sum, value) => sum + value, 0).should.be.approximately(trace, 1e-12 * trace);
    }
  });
});

describe('ridge regression by generalised cross-validation', () => {
  it('satisfies the normal equations of the penalty it chose, for all outputs, whatever columns depend on others', () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 4 }), ({ size, rows, seed }, outputs) => {
        const gram = gramMatrix(size, rows, seed);
        const random = new Random(seed + 1);
        // A cross moment that some coefficients give exactly, so that it fits the Gram matrix.
        const truth = Float64Array.from({ length: size * outputs }, () => random.normal());
        const times = (b: Float64Array, shift: number): Float64Array =>
          b.map((value, cell) => {
            const [i, c] = [Math.floor(cell / outputs), cell % outputs];
            let sum = shift * value;
            for (let k = 0; k < size; k++) sum += gram[i * size + k]! * b[k * outputs + c]!;
            return sum;
          });
        const cross = times(truth, 0);
        const power = cross.reduce((sum, value, cell) => sum + value * truth[cell]!, 1);
        const fit = ridgeByGcv({ columns: size, outputs, samples: rows + 1, gram, cross, power });
        let trace = 0;
        for (let i = 0; i < size; i++) trace += gram[i * size + i]!;
        const left = times(fit.coefficients, (fit.penalty * trace) / size);
        return furthest(left, cross) <= 1e-8 * (1 + largest(cross));
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('says nothing from nothing: constant columns get the coefficient 0', () => {
    const size = 3;
    const moments = { columns: size, outputs: 2, samples: 50, gram: new Float64Array(9), cross: new Float64Array(6) };
    const { coefficients, penalty } = ridgeByGcv({ ...moments, power: 1 });
    coefficients.every((value) => value === 0).should.be.true();
    RIDGE_PENALTIES.should.containEql(penalty);
  });

  it('penalises noise most and a clear relation least', () => {
    const size = 10;
    const gram = identity(size);
    const relation = (power: number, share: number): number => {
      const cross = new Float64Array(size).fill(Math.sqrt((power * share) / size));
      return ridgeByGcv({ columns: size, outputs: 1, samples: 40, gram, cross, power }).penalty;
    };
    relation(1, 0.99999).should.equal(RIDGE_PENALTIES[0]);
    relation(1, 0.1).should.equal(RIDGE_PENALTIES.at(-1)!);
  });
});
