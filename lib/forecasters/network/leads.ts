/** Most outputs of a network. */
export const MAX_LEADS = 96;
/** The first steps of a long horizon that each have an output of their own. */
const CLOSE = 24;

/**
 * The steps ahead that a network gives: every one, or of a horizon beyond 96 the first 24 and 72 evenly spread over the
 * rest. On minutes with a horizon of a day, that is as good as an output for each, and better near at hand than an even
 * spread.
 */
export function leadsTo(horizon: number): Int32Array {
  if (horizon <= MAX_LEADS) return Int32Array.from({ length: horizon }, (_, i) => i + 1);
  const spread = MAX_LEADS - CLOSE;
  return Int32Array.from({ length: MAX_LEADS }, (_, i) =>
    i < CLOSE ? i + 1 : CLOSE + Math.round(((i + 1 - CLOSE) * (horizon - CLOSE)) / spread),
  );
}

/**
 * Values at each step up to the last lead, straight between leads.
 * @param leads - rising, from 1
 * @param atLeads - one value a lead
 * @returns one value a step
 */
export function interpolate(leads: Int32Array, atLeads: ArrayLike<number>): Float64Array {
  const out = new Float64Array(leads.at(-1)!);
  out[0] = atLeads[0]!;
  for (let i = 1; i < leads.length; i++) {
    const [fromStep, from] = [leads[i - 1]!, atLeads[i - 1]!];
    const slope = (atLeads[i]! - from) / (leads[i]! - fromStep);
    for (let step = fromStep + 1; step < leads[i]!; step++) out[step - 1] = from + slope * (step - fromStep);
    out[leads[i]! - 1] = atLeads[i]!;
  }
  return out;
}
