import { medianAbsoluteDeviation, quantileSorted } from '../core/statistics';
import { defineDetector } from './define';
import { PerFeatureDetector, type SpreadRule } from './per-feature';

/** Standard deviations per median absolute deviation, for a normal distribution: 1 / Φ⁻¹(3/4). */
const DEVIATIONS_PER_MAD = 1.482602218505602;

const rule: SpreadRule = {
  spread: (sorted) => ({
    centre: quantileSorted(sorted, 0.5),
    scale: DEVIATIONS_PER_MAD * medianAbsoluteDeviation(sorted),
  }),
  zeroAt: 0,
  reach: 3.5,
};

/** Modified z-score. Up to half of the training rows may be faulty; with several operating states it sees only the usual one. */
export const mad = defineDetector({
  id: 'mad',
  stateVersion: 1,
  title: 'Median distance (MAD)',
  summary:
    'Each feature by itself: how many typical deviations it is away from its median. Not misled by faults in the training data.',
  reference: 'B. Iglewicz, D. Hoaglin: How to Detect and Handle Outliers. ASQC Quality Press, 1993.',
  params: {},
  traits: { online: false, multivariate: false, allowsMissing: false },
  testParams: {},
  minRows: () => 10,
  fit: (x, _params, run) => PerFeatureDetector.fit(rule, x, run),
  restore: (state) => PerFeatureDetector.restore(rule, state),
});
