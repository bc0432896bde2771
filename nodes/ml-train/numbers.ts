import type { ParamSpecs } from '../../lib/core/params';

/** The form's numbers that have a default. */
export const settingSpecs = {
  windowRows: {
    type: 'int',
    default: 10_080,
    min: 10,
    max: 10_000_000,
    unit: 'rows',
    doc: 'Readings kept per device.',
  },
  minRows: { type: 'int', default: 100, min: 10, max: 10_000_000, unit: 'rows', doc: 'Rows needed to train at all.' },
  budgetSeconds: {
    type: 'number',
    default: 20,
    min: 1,
    max: 3600,
    unit: 's',
    doc: 'What "auto" may spend on trying forecasters, in seconds of one core.',
  },
  seed: { type: 'int', default: 1, min: 0, max: 2 ** 32 - 1, doc: 'The same seed and readings give the same model.' },
} as const satisfies ParamSpecs;

/** The form's numbers that may be left blank. */
export const optionalSpecs = {
  windowHours: {
    type: 'number',
    default: 0,
    min: 0.001,
    max: 1e6,
    unit: 'h',
    doc: 'Age up to which readings are kept.',
  },
  trainAfterRows: {
    type: 'int',
    default: 0,
    min: 1,
    max: 10_000_000,
    unit: 'rows',
    doc: 'Readings at which a first training starts by itself.',
  },
  retrainHours: { type: 'number', default: 0, min: 0.0001, max: 100_000, unit: 'h', doc: 'Time between trainings.' },
  step: { type: 'number', default: 0, min: 0.001, max: 31_536_000, unit: 's', doc: 'Time between rows.' },
} as const satisfies ParamSpecs;
