import type { ParamSpecs } from '../../lib/core/params';
import { BREACH_DEFAULTS } from '../../lib/forecasting/breach';

/** The form's numbers that have a default. */
export const settingSpecs = {
  everySamples: { type: 'int', default: 10, min: 1, max: 100_000, unit: 'samples', doc: 'Samples between forecasts.' },
  everySeconds: { type: 'number', default: 60, min: 0.1, max: 86_400, unit: 's', doc: 'Time between forecasts.' },
  breachProbability: {
    type: 'number',
    default: BREACH_DEFAULTS.raise,
    min: 0.05,
    max: 0.99,
    unit: 'share',
    doc: 'Probability from which a limit is expected to be crossed; below half of it, no longer.',
  },
  raiseAfter: {
    type: 'int',
    default: BREACH_DEFAULTS.raiseAfter,
    min: 1,
    max: 1000,
    unit: 'forecasts',
    doc: 'Forecasts running that must expect it before it is told.',
  },
  level: {
    type: 'number',
    default: 0.9,
    min: 0.5,
    max: 0.99,
    unit: 'share',
    doc: 'Probability with which the interval around a forecast holds the true value.',
  },
  neededSamples: {
    type: 'int',
    default: 100,
    min: 20,
    max: 10_000,
    unit: 'samples',
    doc: 'Samples to learn from before the first forecast, where there is no trained model.',
  },
  writeEvery: {
    type: 'number',
    default: 60,
    min: 0,
    max: 10_080,
    unit: 'min',
    doc: 'Time between forecasts of a device that are written; 0: all are.',
  },
} as const satisfies ParamSpecs;

/** The form's number that may be left blank. */
export const optionalSpecs = {
  step: {
    type: 'number',
    default: 0,
    min: 0.001,
    max: 31_536_000,
    unit: 's',
    doc: 'Time between samples, where there is no trained model.',
  },
} as const satisfies ParamSpecs;
