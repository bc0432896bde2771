import type { Node, NodeAPI } from 'node-red';
import { BoundedMap } from '../../lib/core/bounded-map';
import type { BreachEvent } from '../../lib/forecasting/events';
import type { Forecast } from '../../lib/forecasting/forecast';
import { resultsOf, type Results } from '../shared/results';

export interface ForecastResultsSettings {
  /** Id of the `ml-database`; empty: nothing is written. */
  readonly database: string;
  /** Time between forecasts of a device that are written, by the time of its readings; 0: all are. */
  readonly everyMs: number;
  readonly maxDevices: number;
}

/** Writes forecasts, not too many of them, and what is to be told into the database that the node's form names. */
export class ForecastResults {
  readonly #results: Results | null;
  /** By device and field, the time of the newest reading behind the forecast written last, epoch ms. */
  readonly #written: BoundedMap<string, number>;

  /** @throws MlError `DATABASE` where there is no such database */
  constructor(
    RED: NodeAPI,
    node: Node,
    private readonly settings: ForecastResultsSettings,
  ) {
    this.#results = resultsOf(RED, node, settings.database);
    this.#written = new BoundedMap(settings.maxDevices);
  }

  forecasts(forecasts: readonly Forecast[]): void {
    if (this.#results === null) return;
    for (const forecast of forecasts) if (this.#isDue(forecast)) this.#results.writer.forecast(forecast);
  }

  events(events: readonly BreachEvent[]): void {
    for (const event of events) this.#results?.writer.event(event);
  }

  /** Called when the node has closed. */
  release(): void {
    this.#results?.release();
  }

  /** Also where time went back: the device's clock was put right, or its past is played again. */
  #isDue({ device, field, points, stepMs }: Forecast): boolean {
    const [first] = points;
    if (first === undefined) return false;
    const madeMs = Date.parse(first.timestamp) - stepMs;
    const series = JSON.stringify([device, field]);
    const sinceMs = madeMs - (this.#written.get(series) ?? -Infinity);
    if (sinceMs >= 0 && sinceMs < this.settings.everyMs) return false;
    this.#written.set(series, madeMs);
    return true;
  }
}
