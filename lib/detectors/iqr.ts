import { quantileSorted } from '../core/statistics';
import { defineDetector } from './define';
import { PerFeatureDetector, type SpreadRule } from './per-feature';

/** Centre and width of the box between the quartiles; from its middle to its edge is half a width. */
const rule: SpreadRule = {
  spread: (sorted) => {
    const lower = quantileSorted(sorted, 0.25);
    const upper = quantileSorted(sorted, 0.75);
    return { centre: (lower + upper) / 2, scale: upper - lower };
  },
  zeroAt: 0.5,
  reach: 0.5 + 1.5,
};

/**
 * Tukey's fences: the raw score is the k of the fence Q1 − k·IQR or Q3 + k·IQR that the value lies on, negative
 * between the quartiles; 1.5 is Tukey's "outside", 3 his "far out". A quarter of the training rows may be faulty.
 */
export const iqr = defineDetector({
  id: 'iqr',
  stateVersion: 1,
  title: 'Quartile distance (IQR)',
  summary:
    'Each feature by itself: how far it lies outside the middle half of its training values. Little misled by faults in them.',
  reference: 'J. W. Tukey: Exploratory Data Analysis. Addison-Wesley, 1977.',
  params: {},
  traits: { online: false, multivariate: false, allowsMissing: false },
  testParams: {},
  minRows: () => 10,
  fit: (x, _params, run) => PerFeatureDetector.fit(rule, x, run),
  restore: (state) => PerFeatureDetector.restore(rule, state),
});
