import type { Condition } from '../core/pipeline';

/** Whether a condition holds for a value; for a missing one (NaN) none does. */
export function holds({ comparison, value: limit }: Condition, value: number): boolean {
  if (Number.isNaN(value)) return false;
  switch (comparison) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}
