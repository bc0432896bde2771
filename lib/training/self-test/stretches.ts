import type { DetectorArtifact } from '../../core/artifact';
import type { Random } from '../../core/random';
import type { Reading, ReadingTable } from '../../core/readings';
import { medianAbsoluteDeviation, standardDeviation } from '../../core/statistics';
import type { FeatureRow } from '../../readings/feature-row';
import { FeatureStream } from '../../readings/feature-stream';
import { readingsOf } from '../../readings/reading-tables';
import type { FittedPipeline } from '../../readings/fit-pipeline';
import { lookbackOf } from '../../readings/lookback';
import type { Fault } from './faults';

/** Rows that a fault lasts. */
export const STRETCH_ROWS = 60;
/** A robust sigma is so many median absolute deviations: that of a normal distribution. */
const SIGMAS_PER_MAD = 1.4826;
/** Values that a robust sigma is taken from, at most. */
const SIGMA_VALUES = 2000;

/** Held-out rows that follow each other, and one field of theirs that a fault may befall. */
export interface Stretch {
  readonly table: ReadingTable;
  /** Column of the field in the table. */
  readonly field: number;
  /** Readings: where windows begin to fill, where the fault begins, and where it ends (exclusive). */
  readonly warmUp: number;
  readonly start: number;
  readonly end: number;
  /** The readings that complete the stretch's rows begin here. */
  readonly judgedFrom: number;
  /** The field's robust deviation, in its own unit, above 0. */
  readonly sigma: number;
  /** Where as many readings from another time begin. */
  readonly elsewhere: number;
}

/** What the stretches are taken from. */
export interface HeldOutReadings {
  readonly tables: readonly ReadingTable[];
  readonly fitted: FittedPipeline;
  /** Row numbers, in time order, device after device. */
  readonly heldOut: readonly number[];
}

/** Draws stretches; the same numbers come of the same generator. */
export class Stretches {
  readonly #source: HeldOutReadings;
  /** Places in `heldOut` from which on enough rows follow each other without one in between that was left out. */
  readonly #starts: readonly number[];
  readonly #sigmas = new Map<string, Float64Array>();

  constructor(source: HeldOutReadings) {
    this.#source = source;
    const { heldOut, fitted } = source;
    const last = STRETCH_ROWS - 1;
    let segment = 0;
    this.#starts = [...heldOut.keys()].filter((i) => {
      const row = heldOut[i]!;
      while (row >= fitted.segments[segment]!.end) segment++;
      return heldOut[i + last] === row + last && row + last < fitted.segments[segment]!.end;
    });
  }

  get isEmpty(): boolean {
    return this.#starts.length === 0;
  }

  /** @returns null where no field of the drawn device ever changes */
  draw(random: Random): Stretch | null {
    const { tables, fitted, heldOut } = this.#source;
    const { pipeline, completedBy } = fitted;
    const row = heldOut[this.#starts[random.below(this.#starts.length)]!]!;
    const segment = this.#segmentOf(row);
    const table = tables.find(({ device }) => device === segment.device)!;
    const sigmas = this.#sigmasOf(table);
    const movable = pipeline.fields.flatMap((name) => {
      const field = table.fields.indexOf(name);
      return field >= 0 && sigmas[field]! > 0 ? [field] : [];
    });
    if (movable.length === 0) return null;
    const field = movable[random.below(movable.length)]!;
    const judgedFrom = completedBy[row]!;
    // On a grid, the reading that completes a row belongs to the next one.
    const start = pipeline.stepGiven && row > segment.start ? completedBy[row - 1]! : judgedFrom;
    const end = completedBy[row + STRETCH_ROWS - 1]! + 1;
    const warmUp = completedBy[Math.max(segment.start, row - lookbackOf(pipeline) - 1)]!;
    const elsewhere = random.below(Math.max(1, table.timestampsMs.length - (end - start)));
    return { table, field, warmUp, start, end, judgedFrom, sigma: sigmas[field]!, elsewhere };
  }

  #segmentOf(row: number): FittedPipeline['segments'][number] {
    return this.#source.fitted.segments.find(({ start, end }) => row >= start && row < end)!;
  }

  /** Robust deviation of each field, the plain one where more than half of the values are equal; 0: it never changes. */
  #sigmasOf(table: ReadingTable): Float64Array {
    const known = this.#sigmas.get(table.device);
    if (known !== undefined) return known;
    const sigmas = Float64Array.from(table.fields, (_, field) => sigmaOf(table, field));
    this.#sigmas.set(table.device, sigmas);
    return sigmas;
  }
}

function sigmaOf({ data, fields, timestampsMs }: ReadingTable, field: number): number {
  const stride = Math.ceil(timestampsMs.length / SIGMA_VALUES);
  const values: number[] = [];
  for (let r = 0; r < timestampsMs.length; r += stride) {
    const value = data[r * fields.length + field]!;
    if (Number.isFinite(value)) values.push(value);
  }
  if (values.length === 0) return 0;
  const robust = SIGMAS_PER_MAD * medianAbsoluteDeviation(values);
  return robust > 0 ? robust : standardDeviation(values);
}

/** A stretch, ready to be played through the pipeline as often as one likes. */
export class Replay {
  readonly #pipeline: DetectorArtifact['pipeline'];
  readonly #stretch: Stretch;
  readonly #warm: ReturnType<FeatureStream['snapshot']>;

  constructor(pipeline: DetectorArtifact['pipeline'], stretch: Stretch) {
    this.#pipeline = pipeline;
    this.#stretch = stretch;
    const stream = new FeatureStream(pipeline);
    for (const reading of readingsOf(stretch.table, stretch.warmUp, stretch.start)) stream.push(reading);
    this.#warm = stream.snapshot();
  }

  /** The rows that become of the readings with a fault in them. @param sigmas - its size in robust sigmas, with its sign */
  *rows(fault: Fault, sigmas: number, random: Random): Generator<FeatureRow> {
    const { table, start, end, judgedFrom } = this.#stretch;
    const stream = FeatureStream.restore(this.#pipeline, this.#warm);
    const values = this.#faulty(fault, sigmas, random);
    const name = table.fields[this.#stretch.field]!;
    let index = start;
    for (const reading of readingsOf(table, start, end)) {
      const row = stream.push(withValue(reading, name, values[index - start]!));
      if (index++ >= judgedFrom && row !== null) yield row;
    }
  }

  /** The field's values, from the fault's first reading to its last. */
  #faulty({ apply, isSized }: Fault, sigmas: number, random: Random): Float64Array {
    const { table, field, start, end, sigma, elsewhere } = this.#stretch;
    const at = (row: number): number => table.data[row * table.fields.length + field]!;
    let before = start - 1;
    while (before > 0 && Number.isNaN(at(before))) before--;
    const setting = {
      size: isSized ? sigmas * sigma : 0,
      before: at(Math.max(0, before)),
      elsewhere: Float64Array.from({ length: end - start }, (_, i) => at(elsewhere + i)),
      random,
    };
    return Float64Array.from({ length: end - start }, (_, i) =>
      apply(at(start + i), i, (i + 1) / (end - start), setting),
    );
  }
}

function withValue(reading: Reading, field: string, value: number): Reading {
  const values = new Map(reading.values);
  if (Number.isFinite(value)) values.set(field, value);
  else values.delete(field);
  return { ...reading, values };
}
