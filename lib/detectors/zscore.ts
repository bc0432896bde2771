import { mean, standardDeviation } from '../core/statistics';
import { defineDetector } from './define';
import { PerFeatureDetector, type SpreadRule } from './per-feature';

const rule: SpreadRule = {
  spread: (sorted) => ({ centre: mean(sorted), scale: standardDeviation(sorted) }),
  zeroAt: 0,
  reach: 3,
};

/** Distance from the mean in standard deviations. A few faults in the training rows widen it until it misses their like. */
export const zscore = defineDetector({
  id: 'zscore',
  stateVersion: 1,
  title: 'Mean distance (z-score)',
  summary:
    'Each feature by itself: how many standard deviations it is away from its mean. For clean training data without faults.',
  reference: 'W. A. Shewhart: Economic Control of Quality of Manufactured Product. Van Nostrand, 1931.',
  params: {},
  traits: { online: false, multivariate: false, allowsMissing: false },
  testParams: {},
  minRows: () => 10,
  fit: (x, _params, run) => PerFeatureDetector.fit(rule, x, run),
  restore: (state) => PerFeatureDetector.restore(rule, state),
});
