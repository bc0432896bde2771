/** How steeply a weight falls with the error, and the error, in units of the best, beyond which there is none. */
const WEIGHT_POWER = -4;
const LARGEST_ERROR = 2;

/**
 * Shares of members in a forecast, by their mean absolute errors: in proportion to the error's fourth power, upside
 * down; none to those whose error is more than twice the best one's. Members without any error share alike.
 * @param errors - each ≥ 0, at least one
 * @returns as many numbers, each ≥ 0, sum 1
 */
export function memberWeights(errors: readonly number[]): number[] {
  const best = Math.min(...errors);
  const weights = errors.map((error) => {
    if (error === best) return 1;
    return error > LARGEST_ERROR * best ? 0 : (error / best) ** WEIGHT_POWER;
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * The weighted median of the members' forecasts, place by place, interpolated between the two around it; a member
 * gone wrong moves it little.
 * @param forecasts - one array a member, all equally long
 * @param weights - one a member, at least one above 0; those without weight have no say
 */
export function combine(forecasts: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const heard = forecasts.map((values, i) => ({ values, weight: weights[i]! })).filter(({ weight }) => weight > 0);
  const total = heard.reduce((sum, { weight }) => sum + weight, 0);
  const count = heard.length;
  const values = new Float64Array(count);
  const shares = new Float64Array(count);
  const combined = new Float64Array(forecasts[0]?.length ?? 0);
  for (let i = 0; i < combined.length; i++) {
    heard.forEach((member, m) => {
      // Sorted in as they come: there are few.
      const value = member.values[i]!;
      let place = m;
      for (; place > 0 && values[place - 1]! > value; place--) {
        values[place] = values[place - 1]!;
        shares[place] = shares[place - 1]!;
      }
      values[place] = value;
      shares[place] = member.weight / total;
    });
    combined[i] = medianOf(values, shares);
  }
  return combined;
}

/** @param values - rising; @param shares - of each, sum 1. Each value stands at the middle of its share. */
function medianOf(values: Float64Array, shares: Float64Array): number {
  let before = 0;
  let lastMiddle = 0;
  for (let k = 0; k < values.length; k++) {
    const middle = before + shares[k]! / 2;
    if (middle >= 0.5) {
      const from = values[Math.max(0, k - 1)]!;
      return k === 0 ? values[k]! : from + ((0.5 - lastMiddle) / (middle - lastMiddle)) * (values[k]! - from);
    }
    before += shares[k]!;
    lastMiddle = middle;
  }
  return values[values.length - 1]!;
}
