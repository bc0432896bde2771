import type { Random } from '#lib/core/random';

/** Fields that move together. */
export interface Plant {
  readonly fields: readonly string[];
  /** The next reading, one number a field; each field of deviation 1 but for its own unit. */
  readonly next: () => Float64Array;
}

/** Reading after reading resembles the one before by this much. */
const PERSISTENCE = 0.5;

/**
 * Ways in which fields are correlated.
 * @returns plants of so many fields
 */
export const correlatedPlants: Readonly<Record<string, (width: number, random: Random) => Plant>> = {
  'one cause, 0.5': (width, random) =>
    mixed(
      random,
      loadings(width, 1, () => Math.sqrt(0.5)),
      0.5,
    ),
  'one cause, 0.9': (width, random) =>
    mixed(
      random,
      loadings(width, 1, () => Math.sqrt(0.9)),
      0.1,
    ),
  'pairs, 0.95': (width, random) =>
    mixed(
      random,
      loadings(width, Math.ceil(width / 2), (f, cause) => (f >> 1 === cause ? Math.sqrt(0.95) : 0)),
      0.05,
    ),
  'a chain, 0.8': (width, random) =>
    mixed(
      random,
      loadings(width, width, (f, cause) => (cause > f ? 0 : chained(f, cause))),
      0,
    ),
  'three causes': (width, random) => {
    const weights = Array.from({ length: width }, () => unit([random.normal(), random.normal(), random.normal()]));
    return mixed(
      random,
      loadings(width, 3, (f, cause) => Math.sqrt(0.8) * weights[f]![cause]!),
      0.2,
    );
  },
};

/** Each field 0.8 of the one before, the rest its own. */
function chained(field: number, cause: number): number {
  return 0.8 ** (field - cause) * (cause === 0 ? 1 : 0.6);
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function loadings(width: number, causes: number, weight: (field: number, cause: number) => number): number[][] {
  return Array.from({ length: width }, (_, f) => Array.from({ length: causes }, (_c, cause) => weight(f, cause)));
}

/** Fields made of common causes and a share of their own, all with some memory, in units of their own. */
function mixed(random: Random, weights: readonly (readonly number[])[], ownVariance: number): Plant {
  const width = weights.length;
  const causes = new Float64Array(weights[0]!.length);
  const own = new Float64Array(width);
  const move = (state: Float64Array): void => {
    for (let i = 0; i < state.length; i++) {
      state[i] = PERSISTENCE * state[i]! + Math.sqrt(1 - PERSISTENCE ** 2) * random.normal();
    }
  };
  const next = (): Float64Array => {
    move(causes);
    move(own);
    return Float64Array.from(weights, (row, f) => {
      const common = row.reduce((sum, weight, cause) => sum + weight * causes[cause]!, 0);
      return 100 + (1 + f) * (common + Math.sqrt(ownVariance) * own[f]!);
    });
  };
  return { fields: Array.from({ length: width }, (_, f) => `f${f}`), next };
}
