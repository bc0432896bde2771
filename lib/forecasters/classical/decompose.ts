import { MlError } from '../../core/errors';

/** How a season acts on the level: as a sum or as a factor. */
export const SEASONS = ['additive', 'multiplicative'] as const;
export type SeasonKind = (typeof SEASONS)[number];

/**
 * The season of a series by classical decomposition, one value a phase: what is left beside a centred moving mean over
 * one period, averaged phase by phase; additive ones sum to 0, multiplicative ones have the mean 1. Period 1: 0 or 1.
 * As statsmodels' `seasonal_decompose` makes it.
 * Source: R. Hyndman, G. Athanasopoulos: Forecasting: Principles and Practice, 3rd edition, 3.4. OTexts, 2021.
 * @param values - at least two periods; > 0 where multiplicative
 * @param phases - the phase of each value, 0 … period − 1
 */
export function seasonOf(values: Float64Array, phases: Uint32Array, period: number, kind: SeasonKind): Float64Array {
  const neutral = neutralSeason(kind);
  if (period === 1) return Float64Array.of(neutral);
  const season = new Float64Array(period);
  const counts = new Uint32Array(period);
  const half = period >> 1;
  let sum = 0;
  for (let i = 0; i < period; i++) sum += values[i]!;
  for (let i = half; i < values.length - half; i++) {
    // Of an even period the outermost two samples count half each, so that the mean is centred.
    const next = i + half < values.length ? values[i + half]! : 0;
    const mean = (period % 2 === 1 ? sum : sum + (next - values[i - half]!) / 2) / period;
    const phase = phases[i]!;
    season[phase]! += kind === 'additive' ? values[i]! - mean : values[i]! / mean;
    counts[phase]!++;
    sum += (values[i - half + period] ?? 0) - values[i - half]!;
  }
  for (let phase = 0; phase < period; phase++) {
    season[phase] = counts[phase]! > 0 ? season[phase]! / counts[phase]! : neutral;
  }
  const mean = season.reduce((a, b) => a + b, 0) / period;
  return season.map((value) => (kind === 'additive' ? value - mean : value / mean));
}

/**
 * The season of a window; of one that is shorter than two periods, or that cannot be divided by, the learned one.
 * @param learned - by phase, one value a phase
 */
export function seasonOfWindow(
  values: Float64Array,
  phases: Uint32Array,
  kind: SeasonKind,
  learned: Float64Array,
): Float64Array {
  const known = values.length >= 2 * learned.length && (kind === 'additive' || areAbove0(values));
  return known ? seasonOf(values, phases, learned.length, kind) : learned.slice();
}

export const areAbove0 = (values: Float64Array): boolean => values.every((value) => value > 0);

/** @throws MlError `DATA` where a season cannot be a factor */
export function refuseAsFactor(id: string, positive: boolean): void {
  if (positive) return;
  const message = `${id}: a multiplicative season needs values above 0, got others; take an additive one.`;
  throw new MlError('DATA', message);
}

/** The season that changes nothing. */
export const neutralSeason = (kind: SeasonKind): number => (kind === 'additive' ? 0 : 1);

/** The values without their season. */
export function deseasonalise(
  values: Float64Array,
  phases: Uint32Array,
  season: Float64Array,
  kind: SeasonKind,
): Float64Array {
  return values.map((value, i) => (kind === 'additive' ? value - season[phases[i]!]! : value / season[phases[i]!]!));
}
