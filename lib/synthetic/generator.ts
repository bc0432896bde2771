import { MlError, show } from '../core/errors';
import { Random } from '../core/random';
import { NORMAL_LABEL, type Reading } from '../core/readings';
import { planScenarios } from './plan';
import type { Profile, Simulation } from './profile';
import { roundTo } from './rounding';
import { durationOf, findScenario, momentOf, type Occurrence, phasesOf } from './scenario';
import { applySensorFault } from './sensor-faults';

/** How to inject a scenario; what is left out is drawn. */
export interface InjectOptions {
  /** From beginning to end; the phases keep their proportions. */
  readonly durationMs?: number;
  /** The field that a sensor fault befalls. */
  readonly field?: string;
}

/**
 * One device that makes readings, live or for a batch: the same profile, device name, seed, times and scenarios give
 * the same readings, bit for bit. Devices are unrelated to each other, whatever their number.
 */
export class SyntheticDevice {
  readonly #simulation: Simulation;
  /** Scenarios draw from a stream of their own, so that injecting one leaves the rest of the course as it was. */
  readonly #scenarioRandom: Random;
  /** Occurrences still to come, earliest first. */
  #planned: Occurrence[] = [];
  #injected: Omit<Occurrence, 'startMs'> | undefined;
  #running: Occurrence | undefined;
  #shown: Float64Array | undefined;
  #lastMs = -Infinity;
  #label = NORMAL_LABEL;

  constructor(
    readonly profile: Profile,
    readonly device: string,
    seed: number,
  ) {
    const random = new Random(seedOf(seed, device));
    this.#scenarioRandom = random.fork();
    this.#simulation = profile.simulate(random.fork());
  }

  /** The label of the latest reading: `normal`, or the scenario that is on. */
  get label(): string {
    return this.#label;
  }

  /** The reading at `timestampMs` (epoch ms); a time before the last one counts as the last one. */
  next(timestampMs: number): Reading {
    const nowMs = Math.max(timestampMs, this.#lastMs);
    this.#lastMs = nowMs;
    const occurrence = this.#occurrenceAt(nowMs);
    const moment = occurrence === undefined ? null : momentOf(occurrence, nowMs);
    const values = this.#simulation.next(nowMs, moment);
    const { fields } = this.profile;
    if (occurrence !== undefined) applySensorFault(occurrence, fields, values, this.#shown ?? values, nowMs);
    const named = new Map<string, number>();
    fields.forEach(({ name, decimals }, f) => named.set(name, (values[f] = roundTo(values[f]!, decimals))));
    this.#shown = values;
    this.#label = occurrence?.scenario.id ?? NORMAL_LABEL;
    return { device: this.device, timestampMs, values: named, label: this.#label };
  }

  /**
   * Begins a scenario with the next reading, in place of one that is on.
   * @throws MlError `PARAMETER` for a scenario, field or duration that cannot be
   */
  inject(scenarioId: string, options: InjectOptions = {}): void {
    const scenario = findScenario(this.profile, scenarioId);
    const phasesMs = phasesOf(scenario, this.#scenarioRandom.uniform());
    const drawnField = this.#scenarioRandom.below(this.profile.fields.length);
    const field = options.field === undefined ? drawnField : this.#fieldIndex(options.field);
    this.#injected = { scenario, field, phasesMs: scaled(phasesMs, options.durationMs) };
  }

  /** Ends what is on and forgets what was to come. */
  clear(): void {
    this.#running = undefined;
    this.#injected = undefined;
    this.#planned = [];
  }

  /** Lets the profile's scenarios happen between two times (epoch ms), in their shares. */
  plan(startMs: number, endMs: number): void {
    this.#planned = planScenarios(this.profile, startMs, endMs, this.#scenarioRandom).reverse();
  }

  #occurrenceAt(nowMs: number): Occurrence | undefined {
    while ((this.#planned.at(-1)?.startMs ?? Infinity) <= nowMs) this.#running = this.#planned.pop();
    if (this.#injected !== undefined) {
      this.#running = { ...this.#injected, startMs: nowMs };
      this.#injected = undefined;
    }
    if (this.#running !== undefined && momentOf(this.#running, nowMs) === null) this.#running = undefined;
    return this.#running;
  }

  #fieldIndex(name: string): number {
    const index = this.profile.fields.findIndex((field) => field.name === name);
    if (index >= 0) return index;
    const names = this.profile.fields.map((field) => field.name).join(', ');
    throw new MlError('PARAMETER', `The fields of ${this.profile.id} are ${names}; got ${show(name)}.`);
  }
}

function scaled(phasesMs: readonly number[], durationMs: number | undefined): readonly number[] {
  if (durationMs === undefined) return phasesMs;
  if (!(durationMs > 0 && Number.isFinite(durationMs))) {
    throw new MlError('PARAMETER', `A scenario must last longer than 0 ms, got ${show(durationMs)}.`);
  }
  const factor = durationMs / durationOf(phasesMs);
  return phasesMs.map((phaseMs) => phaseMs * factor);
}

/** A seed for each device: FNV-1a over the name, mixed with the user's seed. */
function seedOf(seed: number, device: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < device.length; i++) hash = Math.imul(hash ^ device.charCodeAt(i), 0x01000193);
  return (seed ^ hash) >>> 0;
}
