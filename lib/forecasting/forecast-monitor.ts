import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { ForecasterArtifact } from '../core/artifact';
import { isMlError, messageOf, MlError } from '../core/errors';
import type { ModelReference } from '../core/events';
import type { Reading, ReadingTable } from '../core/readings';
import { Turns } from '../core/turns';
import { readingsOf, toReadingTables } from '../readings/reading-tables';
import type { StateStore } from '../store/state-store';
import type { ModelStore } from '../store/store';
import type { BreachEvent } from './events';
import { type ExpectedBreach, type ForecastDevice, type ForecastFindings, noFindings } from './forecast-device';
import { ForecastDevices, type ForecastDevicesSettings } from './forecast-devices';
import type { Forecast } from './forecast';
import { missedBy, type MissedReadings } from './missed-readings';
import { whyNoForecast } from './why-no-forecast';
import type { LearningJob, Progress } from './learner';
import { LearningSource } from './learning-source';
import type { GivenLimits } from './limit-watch';
import { SourceMaker, type SourceSettings } from './source-maker';

export interface ForecastMonitorSettings extends SourceSettings, ForecastDevicesSettings {}

/** Fits a model where it stops nothing else; rejects with `ABORTED` when it is no longer wanted. */
export type Fitter = (job: LearningJob) => Promise<ForecasterArtifact>;

/** Where things stand, for a status line. */
export interface ForecastStatus {
  readonly devices: number;
  /** Nothing has been heard since the start. */
  readonly isWaiting: boolean;
  /** Breaches that are expected, of all devices, the nearest first. */
  readonly expected: readonly ExpectedBreach[];
  /** What forecasts the device heard last; null: nothing has been heard, or there is no model. */
  readonly model: ModelReference | null;
  /** How far learning of that device has come, while there is no model. */
  readonly learning: Progress | null;
  /** Its last forecast. */
  readonly latest: Forecast | null;
}

/** Readings that are taken in before other work gets its turn. */
const SLICE = 100;
/** Jobs that may wait for a model to be read or a batch to be taken in. */
const MAX_WAITING = 10_000;
/** A smaller batch teaches too little to be fitted on by itself: it is collected like single readings. */
const MIN_BATCH_ROWS = 20;

/**
 * Forecasts the devices of one model's name: each by its own trained model, else by one that is learned as readings come.
 * Versions that change in the store count at once. States are kept, so that a second monitor goes on where the first
 * was closed.
 *
 * Jobs are done one after the other. Readings of known devices are taken in at once, without a promise.
 */
export class ForecastMonitor {
  readonly #states: StateStore;
  readonly #sources: SourceMaker;
  readonly #devices: ForecastDevices;
  readonly #stopListening: () => void;
  readonly #turns = new Turns(MAX_WAITING, {
    full: `${MAX_WAITING} messages wait to be taken in: send more slowly, or readings in batches.`,
    closed: 'The forecasting ended before this was taken in.',
  });

  /**
   * @param nowMs - epoch ms
   * @param report - told, in one sentence, what cannot be used, is damaged or is put aside
   */
  constructor(
    models: ModelStore,
    states: StateStore,
    private readonly settings: ForecastMonitorSettings,
    private readonly fit: Fitter,
    nowMs: number,
    private readonly report: (problem: string) => void,
  ) {
    this.#states = states;
    this.#sources = new SourceMaker(models, states, settings, report);
    this.#devices = new ForecastDevices(this.#sources, states, settings, report);
    this.#stopListening = models.onChange(({ name, device }) => {
      if (name === settings.model) this.#devices.modelChanged(device);
    });
    this.#turns
      .take(() => this.#devices.restore(nowMs))
      .catch((error: unknown) => {
        if (!this.#turns.isClosed) report(messageOf(error));
      });
  }

  /**
   * Takes readings in, in their order, and forecasts where it is time to.
   * @param given - limits that came with them
   * @param nowMs - when they came, epoch ms
   * @returns a promise only where a model has to be read first, other jobs wait, or there are many readings
   * @throws MlError `DATA` for readings that hold nothing to forecast, `LIMIT` where too much waits, `ABORTED` after `close`
   */
  take(readings: readonly Reading[], given: GivenLimits, nowMs: number): ForecastFindings | Promise<ForecastFindings> {
    const slowly = (): Promise<ForecastFindings> => this.#turns.take(() => this.#takeSlowly(readings, given, nowMs));
    if (!this.#turns.isFree || readings.length > SLICE) return slowly();
    for (const { device } of readings) if (this.#devices.ready(device, nowMs) === null) return slowly();
    const found = noFindings();
    for (const reading of readings) this.#takeOne(this.#devices.get(reading.device)!, reading, given, found);
    return found;
  }

  /**
   * Takes a batch of recent readings in, and forecasts each of its devices from the batch's end. Where there is no
   * model, one is fitted on the batch first.
   * @throws MlError as `take`, and what fitting throws where no device of the batch could be forecast
   */
  async takeBatch(readings: readonly Reading[], given: GivenLimits, nowMs: number): Promise<ForecastFindings> {
    const found = noFindings();
    const failures: unknown[] = [];
    const tables = toReadingTables(readings);
    const fits: Promise<void>[] = [];
    for (const table of tables) {
      const fail = (error: unknown): void => void failures.push(error);
      const own = readings.filter(({ device }) => device === table.device);
      await this.#turns
        .take(async () => {
          const device = await this.#devices.prepare(table.device, nowMs);
          const toFit = this.#takeTable(device, table, own, given, found);
          if (toFit !== null) fits.push(this.#fitModel(device.name, toFit).catch(fail));
        })
        .catch(fail);
      await yieldToOthers();
    }
    await Promise.all(fits);
    await this.#turns.take(() => {
      for (const { device } of tables) this.#forecast(this.#devices.get(device), found);
    });
    if (failures.length > 0 && found.forecasts.length === 0) throw failures[0];
    for (const error of failures) if (!isMlError(error, 'ABORTED')) this.report(messageOf(error));
    return found;
  }

  /**
   * Forecasts a device, or all that can be (null).
   * @throws MlError `NOT_FOUND` for a device that was never heard, `TOO_FEW_ROWS` where nothing can be forecast yet
   */
  ask(name: string | null, nowMs: number): Promise<ForecastFindings> {
    return this.#turns.take(async () => {
      const found = noFindings();
      const devices: ForecastDevice[] = [];
      for (const each of name === null ? [...this.#devices] : [await this.#devices.known(name, nowMs)]) {
        devices.push(await this.#devices.prepare(each.name, nowMs));
      }
      for (const device of devices) this.#forecast(device, found);
      if (found.forecasts.length === 0) throw new MlError('TOO_FEW_ROWS', whyNoForecast(devices, this.settings.model));
      return found;
    });
  }

  /** Which past readings of a device are missed; null: none, or nobody has a use for them. */
  missed(name: string, nowMs: number): Promise<MissedReadings | null> {
    return this.#turns.take(async () =>
      missedBy(await this.#devices.sourceOf(name, nowMs), this.settings.field, nowMs),
    );
  }

  /**
   * Takes in past readings of a device that were missed, and forecasts it where that is possible now.
   * @param table - not empty
   * @throws MlError as `takeBatch`
   */
  async catchUp(table: ReadingTable, { anew }: MissedReadings, nowMs: number): Promise<ForecastFindings> {
    const begun = anew ? this.#turns.take(() => this.#devices.startAnew(table.device, nowMs)) : undefined;
    // Asked for before anything is waited for: nothing comes in between.
    const taken = this.takeBatch([...readingsOf(table)], {}, nowMs);
    const [, found] = await Promise.all([begun, taken]);
    return found;
  }

  /** Forecasts the devices from which something has come since they were last forecast. */
  renew(): ForecastFindings {
    const found = noFindings();
    // What waits is news, too.
    if (!this.#turns.isFree) return found;
    for (const device of this.#devices) if (device.hasNews) this.#forecast(device, found);
    return found;
  }

  /**
   * Forgets a device, or all (null): what is expected of it ends, and what was learned is learned anew.
   * @throws MlError `NOT_FOUND` for a device that was never heard
   */
  reset(name: string | null, nowMs: number): Promise<readonly BreachEvent[]> {
    return this.#turns.take(async () => {
      const found = noFindings();
      for (const each of name === null ? await this.#devices.names() : [name]) {
        const device = await this.#devices.known(each, nowMs);
        device.end(nowMs, found);
        this.#devices.delete(device);
      }
      return found.events;
    });
  }

  status(): ForecastStatus {
    const devices = [...this.#devices];
    const expected = devices.flatMap((device) => device.expected);
    const { source, latest = null } = this.#devices.latest ?? { source: null };
    return {
      devices: devices.length,
      isWaiting: this.#devices.latest === null,
      expected: expected.sort((a, b) => a.inMs - b.inMs),
      model: source?.predictor == null ? null : source.model,
      learning: source?.progress ?? null,
      latest,
    };
  }

  /** Ends it: what waits is refused, states are written. Never rejects. */
  async close(): Promise<void> {
    this.#stopListening();
    await this.#turns.close();
    await this.#states.flush();
  }

  async #takeSlowly(readings: readonly Reading[], given: GivenLimits, nowMs: number): Promise<ForecastFindings> {
    const found = noFindings();
    for (const [i, reading] of readings.entries()) {
      if (i % SLICE === SLICE - 1) await yieldToOthers();
      this.#takeOne(await this.#devices.prepare(reading.device, nowMs), reading, given, found);
    }
    return found;
  }

  #takeOne(device: ForecastDevice, reading: Reading, given: GivenLimits, found: ForecastFindings): void {
    this.#devices.touch(device);
    device.observe(reading, given, found);
    if (device.isDue) device.forecast(found);
    this.#devices.keep(device);
    const { source } = device;
    if (source instanceof LearningSource && source.isDue) this.#learn(device.name, source);
  }

  /** @returns what is to be fitted on it, if anything */
  #takeTable(
    device: ForecastDevice,
    table: ReadingTable,
    readings: readonly Reading[],
    given: GivenLimits,
    found: ForecastFindings,
  ): LearningSource | null {
    this.#devices.touch(device);
    const { source } = device;
    const hasModel = source?.predictor != null;
    if (!hasModel && readings.length < MIN_BATCH_ROWS) {
      for (const reading of readings) device.observe(reading, given, found);
    } else {
      device.take(table, readings.at(-1)!, given, found);
    }
    this.#devices.keep(device);
    if (!(source instanceof LearningSource)) return null;
    const isEnough = source.predictor === null && readings.length >= MIN_BATCH_ROWS;
    return isEnough || source.isDue ? source : null;
  }

  #forecast(device: ForecastDevice | undefined, found: ForecastFindings): void {
    if (device?.forecast(found) === true) this.#devices.keep(device);
  }

  /** Has a model fitted in the background. */
  #learn(name: string, source: LearningSource): void {
    this.#fitModel(name, source).catch((error: unknown) => {
      if (this.#turns.isClosed || isMlError(error, 'ABORTED')) return;
      this.report(`No model could be learned of ${name}, which is tried again later: ${messageOf(error)}`);
    });
  }

  /** Has a model fitted on what has been collected, and goes on with it. */
  async #fitModel(name: string, source: LearningSource): Promise<void> {
    const job = source.job(name);
    if (job === null) return;
    source.isFitting = true;
    try {
      const artifact = await this.fit(job);
      await this.#turns.take(() => {
        source.adopt(artifact);
        const device = this.#devices.get(name);
        if (device?.source !== source) return;
        this.#sources.keepModel(name, source);
        this.#devices.keep(device);
      });
    } finally {
      source.isFitting = false;
    }
  }
}
