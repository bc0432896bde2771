export interface Minimum {
  readonly at: Float64Array;
  readonly value: number;
}

export interface MinimiseOptions {
  /** Edge of the first simplex. Default: 1. */
  readonly step?: number;
  /** Default: 100 for each dimension. */
  readonly maxEvaluations?: number;
  /**
   * Ends when the simplex' values differ by less than this share of the best one, and its corners by less than
   * `precision`: corners on both sides of a minimum may be equally high. Default: 1e-8.
   */
  readonly tolerance?: number;
  /** Default: 1e-4. */
  readonly precision?: number;
}

/**
 * A local minimum of `f`, without its derivatives (J. Nelder, R. Mead: A Simplex Method for Function Minimization. The
 * Computer Journal 7, 1965). For a few dimensions; a kink or a valley may hold it up, so start it more than once.
 * @param f - what is not finite counts as infinitely high
 * @param start - at least one number
 */
export function minimise(
  f: (at: Float64Array) => number,
  start: ArrayLike<number>,
  { step = 1, maxEvaluations = 100 * start.length, tolerance = 1e-8, precision = 1e-4 }: MinimiseOptions = {},
): Minimum {
  let evaluations = 0;
  const evaluate = (at: Float64Array): Minimum => {
    evaluations++;
    const value = f(at);
    return { at, value: Number.isFinite(value) ? value : Infinity };
  };
  const first = Float64Array.from(start);
  const simplex = [evaluate(first), ...Array.from(first, (_, i) => evaluate(moved(first, i, step)))];
  const sort = (): void => void simplex.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  sort();
  const last = simplex.length - 1;
  while (evaluations < maxEvaluations) {
    const [best, worst] = [simplex[0]!, simplex[last]!];
    if (worst.value - best.value <= tolerance * Math.abs(best.value) && extentOf(simplex) <= precision) break;
    const centre = centreOf(simplex, last);
    const reflected = evaluate(along(centre, worst.at, -1));
    if (reflected.value < best.value) {
      const expanded = evaluate(along(centre, worst.at, -2));
      simplex[last] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < simplex[last - 1]!.value) {
      simplex[last] = reflected;
    } else {
      const outside = reflected.value < worst.value;
      const contracted = evaluate(along(centre, worst.at, outside ? -0.5 : 0.5));
      if (contracted.value < Math.min(reflected.value, worst.value)) simplex[last] = contracted;
      else for (let i = 1; i <= last; i++) simplex[i] = evaluate(along(best.at, simplex[i]!.at, 0.5));
    }
    sort();
  }
  return simplex[0]!;
}

/** How far the corners are from the best one, at most, along any axis. */
function extentOf([best, ...others]: readonly Minimum[]): number {
  return Math.max(...others.map(({ at }) => at.reduce((most, x, i) => Math.max(most, Math.abs(x - best!.at[i]!)), 0)));
}

function moved(from: Float64Array, axis: number, step: number): Float64Array {
  const to = from.slice();
  to[axis]! += step;
  return to;
}

/** Mean of the first `count` corners. */
function centreOf(simplex: readonly Minimum[], count: number): Float64Array {
  return simplex[0]!.at.map((_, i) => {
    let sum = 0;
    for (let corner = 0; corner < count; corner++) sum += simplex[corner]!.at[i]!;
    return sum / count;
  });
}

/** From `origin` so many times the way to `to`. */
function along(origin: Float64Array, to: Float64Array, times: number): Float64Array {
  return origin.map((from, i) => from + times * (to[i]! - from));
}
