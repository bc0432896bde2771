import type { ParamSpecs } from '../../core/params';

/** What smoothing rates are fitted to. */
export const criterion = {
  type: 'choice',
  default: 'horizon',
  options: ['horizon', 'one-step'],
  doc: 'Which errors the rates are fitted to: those of four steps up to the horizon, or of the next step alone.',
} satisfies ParamSpecs[string];

/** Steps ahead at which errors are looked at: the next one, and some up to the horizon that the samples allow. */
export function leadsOf(criterion: string, horizon: number, samples: number): number[] {
  if (criterion === 'one-step') return [1];
  const furthest = Math.max(1, Math.min(horizon, Math.floor(samples / 3)));
  return [...new Set([1, Math.ceil(furthest / 4), Math.ceil(furthest / 2), furthest])];
}
