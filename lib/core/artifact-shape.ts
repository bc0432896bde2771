import type {
  Artifact,
  Calibration,
  CandidateReport,
  DetectorArtifact,
  DetectorCard,
  Distribution,
  FaultReport,
  ForecasterArtifact,
  ForecasterCard,
  ModelCard,
  Reference,
  SelfTest,
  SeriesPlan,
  UntouchedReport,
} from './artifact';
import {
  AGGREGATIONS,
  COMPARISONS,
  WINDOW_STATISTICS,
  type Condition,
  type DerivedField,
  type FeatureSpec,
  type Pipeline,
} from './pipeline';
import {
  boolean,
  either,
  integer,
  list,
  nothing,
  number,
  object,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  variants,
} from './shape';

/** Longest name of a model or a device; a topic may serve as a device's name. */
export const MAX_NAME_LENGTH = 500;
export const MAX_TENSORS = 1000;
export const MAX_RANK = 8;
const MAX_BINS = 100;

/** A tensor as stored: the numbers' bytes, little-endian, in base64. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: string;
}

type Variant<Union, Tag> = Extract<Union, Tag>;

const name = text(1, MAX_NAME_LENGTH);
const time = integer(-8.64e15, 8.64e15);
const params = record(either('a number, text, true or false', number(), text(), boolean));

const condition = object<Condition>({ field: text(1), comparison: oneOf(...COMPARISONS), value: number() });

const derivedField = variants('operation', {
  percent: object<Variant<DerivedField, { operation: 'percent' }>>({
    name: text(1),
    operation: text(),
    part: text(1),
    whole: text(1),
  }),
  sum: object<Variant<DerivedField, { operation: 'sum' }>>({ name: text(1), operation: text(), of: list(text(1)) }),
  difference: object<Variant<DerivedField, { operation: 'difference' }>>({
    name: text(1),
    operation: text(),
    minuend: text(1),
    subtrahend: text(1),
  }),
});

const calendar = object<Variant<FeatureSpec, { kind: 'hour-of-day' }>>({ kind: text() });

const feature = variants('kind', {
  value: object<Variant<FeatureSpec, { kind: 'value' }>>({ kind: text(), field: text(1) }),
  window: object<Variant<FeatureSpec, { kind: 'window' }>>({
    kind: text(),
    field: text(1),
    statistic: oneOf(...WINDOW_STATISTICS),
    rows: integer(1),
  }),
  lag: object<Variant<FeatureSpec, { kind: 'lag' }>>({ kind: text(), field: text(1), rows: integer(1) }),
  rate: object<Variant<FeatureSpec, { kind: 'rate' }>>({ kind: text(), field: text(1) }),
  'hour-of-day': calendar,
  'day-of-week': calendar,
});

const pipeline = object<Pipeline>({
  fields: list(text(1)),
  derived: list(derivedField),
  features: list(feature),
  stepMs: number(0),
  stepGiven: boolean,
  aggregation: oneOf(...AGGREGATIONS),
  gapMs: number(0),
  timeZone: text(1, 100),
  judgeWhen: optional(condition),
  medians: list(number()),
});

const calibration = object<Calibration>({
  body: object<Calibration['body']>({ raw: list(number()), p: list(number(0, 1)) }),
  tail: object<Calibration['tail']>({ start: number(), pStart: number(0, 1), scale: number(0), shape: number(0) }),
  bound: optional(number(0)),
  rows: integer(0),
  leftOut: integer(0),
  effectiveRows: number(0),
});

const reference = object<Reference>({
  windowMs: number(1),
  distributions: list(
    object<Distribution>({
      feature: text(),
      edges: list(number(), MAX_BINS - 1),
      counts: list(integer(0), MAX_BINS),
      indexLimit: number(0),
      distanceLimit: number(0, 1),
    }),
  ),
});

const card: Readonly<Record<keyof ModelCard, Shape>> = {
  name,
  device: name,
  version: integer(0),
  algorithm: text(1),
  params,
  features: list(text()),
  rows: integer(0),
  span: object<ModelCard['span']>({ from: text(), to: text() }),
  stepMs: number(0),
  seed: number(),
  durationMs: number(0),
  metrics: record(either('a number or null', number(), nothing)),
  warnings: list(text()),
  active: boolean,
  activeReason: text(),
};

const share = number(0, 1);
const orNull = (shape: Shape): Shape => either('a number or null', shape, nothing);
type Tested = Exclude<SelfTest, { readonly skipped: string }>;

const selfTest = either(
  'the report of a self-test, or why there is none',
  object<{ readonly skipped: string }>({ skipped: text(1) }),
  object<Tested>({
    stretchRows: integer(1),
    faults: list(
      object<FaultReport>({
        fault: text(1),
        size: orNull(number(0)),
        trials: integer(1),
        flagged: share,
        alarmed: share,
        delayReadings: orNull(number(1)),
        delayMs: orNull(number(0)),
      }),
    ),
    untouched: object<UntouchedReport>({ stretches: integer(1), flagged: share, alarmed: share }),
    text: text(),
  }),
);

const candidate = object<CandidateReport>({
  algorithm: text(1),
  variant: text(),
  mase: orNull(number(0)),
  smape: orNull(number(0, 200)),
  seconds: orNull(number(0)),
  weight: number(0, 1),
  note: optional(text()),
});

/** A series' plan as stored. */
export const seriesPlan = object<SeriesPlan>({
  field: text(1),
  others: list(text(1)),
  derived: list(derivedField),
  stepMs: number(1),
  aggregation: oneOf(...AGGREGATIONS),
  fillMs: number(0),
  timeZone: text(1, 100),
  judgeWhen: optional(condition),
});

const storedTensor = object<StoredTensor>({
  dtype: text(),
  shape: list(integer(0), MAX_RANK),
  data: text(0, Infinity),
});

const common = {
  kind: text(),
  name,
  device: name,
  version: integer(0),
  createdMs: time,
  algorithm: object<Artifact['algorithm']>({
    id: text(1, 100),
    stateVersion: integer(0),
    params,
    seed: number(),
  }),
  state: object<Artifact['state']>({ scalars: record(() => undefined), tensors: record(storedTensor, MAX_TENSORS) }),
};

/** An artifact as stored, its tensors still text. */
export const storedArtifact = variants('kind', {
  detector: object<DetectorArtifact>({
    ...common,
    pipeline,
    calibration,
    reference: optional(reference),
    card: object<DetectorCard>({ ...card, threshold: number(0, 1), selfTest: optional(selfTest) }),
  }),
  forecaster: object<ForecasterArtifact>({
    ...common,
    series: seriesPlan,
    card: object<ForecasterCard>({
      ...card,
      field: text(1),
      horizon: integer(1),
      periodsMs: list(number(0)),
      candidates: list(candidate),
    }),
  }),
});
