import type { ModelReference } from '../core/events';
import type { JsonObject } from '../core/json';
import type { Reading } from '../core/readings';
import { acknowledgeAlarm, type AlarmSettings, type AlarmStep, endAlarm, stepAlarm } from './alarm';
import type { AlarmState, WorstReading } from './alarm-state';
import { noteAlarm } from './alarm-notes';
import type { Anomaly } from './anomaly';
import { Course } from './course';
import { DeviceDrift } from './drift/device-drift';
import type { DetectionEvent } from './events';
import type { Judge } from './judge';
import { checkSilence, heard, type Presence, type PresenceStep } from './no-data';
import { type MovedField, orderOfMoves } from './onset';
import { loadDevice, saveDevice } from './watched-device-state';

export interface WatchSettings extends AlarmSettings {
  /** The model's name. */
  readonly model: string;
  /** Silence after which `no-data` is told; null: never. */
  readonly noDataMs: number | null;
}

/** What was found out: verdicts and events, in the order of the readings. */
export interface Findings {
  readonly anomalies: Anomaly[];
  readonly events: DetectionEvent[];
}

/** One device: who judges it, its alarm, and when it was last heard. */
export class WatchedDevice {
  /** Who judges; null until it was looked for. */
  judge: Judge | null = null;
  /** There may be something newer to judge by. */
  isStale = true;
  /** A model could not be read: time to look again, epoch ms. */
  lookAgainMs = Infinity;
  /** Whether alarm or silence have changed since they were last kept. */
  isChanged = true;
  /** When the judge's state was last kept, epoch ms. */
  keptMs = -Infinity;
  /** When what is remembered of the last readings was last kept, epoch ms. */
  recentKeptMs = -Infinity;
  #alarm: AlarmState = null;
  #presence: Presence | null = null;
  #course = new Course();
  #drift = new DeviceDrift();
  #model: ModelReference;

  constructor(
    readonly name: string,
    private readonly settings: WatchSettings,
  ) {
    this.#model = { name: settings.model, version: 0, algorithm: 'none' };
  }

  /** Severity of the open alarm; null without one. */
  get alarm(): 'warning' | 'critical' | null {
    return this.#alarm?.alarm?.severity ?? null;
  }

  get isSilent(): boolean {
    return this.#presence?.silence != null;
  }

  /** A message of the device has come. */
  hear(nowMs: number, { events }: Findings): void {
    if (this.settings.noDataMs !== null) this.#noticed(heard(this.#presence, nowMs, this.#sender()), events);
  }

  /** @throws MlError `DATA` for a time that is none */
  observe(reading: Reading, { anomalies, events }: Findings): void {
    const judgement = this.judge?.judge(reading);
    if (judgement === null || judgement === undefined) return;
    const { row, anomaly } = judgement;
    this.#model = anomaly.model;
    this.#drifted(this.#drift.observe(this.judge?.learned ?? null, row, anomaly), events);
    const drift = this.#drift.latest;
    anomalies.push(drift === undefined ? anomaly : { ...anomaly, drift });
    if (row.late) return;
    this.#course.push(row.timestampMs, row.reading);
    this.#step(stepAlarm(this.#alarm, anomaly, row.reading, this.settings, this.#orderOfMoves), events);
  }

  checkSilence(nowMs: number, events: DetectionEvent[]): void {
    const { noDataMs } = this.settings;
    if (noDataMs === null || this.#presence === null) return;
    this.#noticed(checkSilence(this.#presence, nowMs, noDataMs, this.#sender()), events);
  }

  acknowledge(events: DetectionEvent[]): void {
    this.#step(acknowledgeAlarm(this.#alarm), events);
  }

  /** Ends what is open, by hand. */
  end(nowMs: number, findings: Findings): void {
    const until = new Date(nowMs).toISOString();
    this.#step(endAlarm(this.#alarm, until), findings.events);
    this.#drifted(this.#drift.end(this.name, this.#model, until), findings.events);
    if (this.isSilent) this.hear(nowMs, findings);
  }

  snapshot(): JsonObject {
    return saveDevice({ alarm: this.#alarm, presence: this.#presence, model: this.#model });
  }

  /**
   * Goes on where the snapshot was taken. The time in between was no silence, unless it had begun before.
   * @throws MlError `ARTIFACT` where the state is damaged
   */
  restore(state: JsonObject, nowMs: number): void {
    const { alarm, presence, model } = loadDevice(state);
    this.#alarm = alarm;
    this.#presence = presence?.silence == null ? { lastSeenMs: nowMs, silence: null } : presence;
    this.#model = model;
    this.isChanged = false;
    this.note();
  }

  /** Tells the process whether an alarm is on, for those who collect readings. */
  note(isWatched = true): void {
    noteAlarm(this.settings.model, this.name, isWatched && this.alarm !== null);
  }

  /** What it helps to remember of the last readings; losing it costs little. */
  snapshotRecent(): JsonObject {
    return { course: this.#course.snapshot(), drift: this.#drift.snapshot() };
  }

  /** Begins anew with what is damaged. */
  restoreRecent({ course, drift }: JsonObject): void {
    this.#course = Course.restore(course ?? null);
    this.#drift = DeviceDrift.restore(drift ?? null);
  }

  readonly #orderOfMoves = ({ contributions }: WorstReading): readonly MovedField[] =>
    orderOfMoves(this.#course, contributions);

  #sender(): { device: string; model: ModelReference } {
    return { device: this.name, model: this.#model };
  }

  #step({ state, events }: AlarmStep, into: DetectionEvent[]): void {
    if (state === this.#alarm) return;
    this.#alarm = state;
    this.isChanged = true;
    if (events.length === 0) return;
    into.push(...events);
    this.note();
  }

  #drifted(found: readonly DetectionEvent[], into: DetectionEvent[]): void {
    if (found.length === 0) return;
    into.push(...found);
    this.recentKeptMs = -Infinity;
  }

  #noticed({ presence, event }: PresenceStep, into: DetectionEvent[]): void {
    this.#presence = presence;
    if (event === null) return;
    this.isChanged = true;
    into.push(event);
  }
}
