import { MlError, show } from '../core/errors';
import { ramp } from './signals';

/** One part of a scenario; how long it takes is drawn between the two. */
export interface Phase {
  readonly name: string;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Something that goes wrong: its course as data; what it does to the readings stands in its profile. */
export interface Scenario {
  /** Also the label of its readings. */
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** Share of the rows of a batch, 0…1; met as well as whole scenarios allow. */
  readonly share: number;
  readonly phases: readonly Phase[];
  /** A fault of one sensor, not of the machine: what it does to a reading (see `sensor-faults.ts`). */
  readonly sensorFault?: 'stuck' | 'drift';
}

/** One time that a scenario happens. */
export interface Occurrence {
  readonly scenario: Scenario;
  readonly startMs: number;
  /** How long each phase takes. */
  readonly phasesMs: readonly number[];
  /** Index of the field, for a fault of one sensor. */
  readonly field: number;
}

/** How far an occurrence has come. */
export interface Moment {
  readonly scenario: string;
  readonly phase: string;
  /** 0…1 within the phase. */
  readonly progress: number;
}

/** @param stretch - 0: every phase at its shortest, 1: at its longest */
export function phasesOf(scenario: Scenario, stretch: number): readonly number[] {
  return scenario.phases.map(({ minMs, maxMs }) => ramp(minMs, maxMs, stretch));
}

export function durationOf(phasesMs: readonly number[]): number {
  return phasesMs.reduce((sum, phaseMs) => sum + phaseMs, 0);
}

/** Where the occurrence stands at `timestampMs`; null once it is over. */
export function momentOf(occurrence: Occurrence, timestampMs: number): Moment | null {
  let leftMs = timestampMs - occurrence.startMs;
  for (const [index, phaseMs] of occurrence.phasesMs.entries()) {
    if (leftMs < phaseMs) {
      const { id, phases } = occurrence.scenario;
      return { scenario: id, phase: phases[index]!.name, progress: leftMs / phaseMs };
    }
    leftMs -= phaseMs;
  }
  return null;
}

/** @throws MlError `PARAMETER` naming the scenarios that there are */
export function findScenario(
  profile: { readonly id: string; readonly scenarios: readonly Scenario[] },
  id: unknown,
): Scenario {
  const found = profile.scenarios.find((scenario) => scenario.id === id);
  if (found !== undefined) return found;
  const names = profile.scenarios.map((scenario) => scenario.id).join(', ');
  throw new MlError('PARAMETER', `The scenarios of ${profile.id} are ${names}; got ${show(id)}.`);
}
