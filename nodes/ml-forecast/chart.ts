import type { NodeMessage } from 'node-red';
import { BoundedMap } from '../../lib/core/bounded-map';
import type { Forecast } from '../../lib/forecasting/forecast';
import type { ActualValue, ForecastFindings } from '../../lib/forecasting/forecast-device';

/** One point of a line, as chart nodes take it. */
export interface ChartPoint extends NodeMessage {
  /** The line's name. */
  readonly topic: string;
  readonly payload: number;
  /** Epoch ms. */
  readonly timestamp: number;
}

/** Until when the lines of a device have been drawn, epoch ms. */
interface Drawn {
  actualMs: number;
  forecastMs: number;
}

const LINES = [
  ['forecast', 'value'],
  ['lower', 'lower'],
  ['upper', 'upper'],
] as const;

/**
 * Makes points for a chart of findings. Charts append what comes: each line gets every time once, in order, so that it
 * neither turns back nor vanishes when newer forecasts and actual values come. What was forecast for a time stays drawn.
 */
export class ChartLines {
  readonly #drawn: BoundedMap<string, Drawn>;

  constructor(maxDevices: number) {
    this.#drawn = new BoundedMap(maxDevices);
  }

  points({ actuals, forecasts }: Pick<ForecastFindings, 'actuals' | 'forecasts'>): ChartPoint[] {
    // All are met first, so that the lines' names are settled.
    for (const { device } of [...actuals, ...forecasts]) this.#of(device);
    return [...actuals.flatMap((each) => this.#actual(each)), ...forecasts.flatMap((each) => this.#forecast(each))];
  }

  /** Draws the lines of a device (null: of all) anew. */
  forget(device: string | null): void {
    for (const each of device === null ? this.#drawn.keys() : [device]) this.#drawn.delete(each);
  }

  #actual({ device, timeMs, value }: ActualValue): ChartPoint[] {
    const drawn = this.#of(device);
    if (timeMs <= drawn.actualMs) return [];
    drawn.actualMs = timeMs;
    return [{ topic: this.#nameOf(device, 'actual'), payload: value, timestamp: timeMs }];
  }

  #forecast({ device, points }: Forecast): ChartPoint[] {
    const drawn = this.#of(device);
    const later = points
      .map((point) => ({ ...point, timeMs: Date.parse(point.timestamp) }))
      .filter(({ timeMs }) => timeMs > drawn.forecastMs);
    drawn.forecastMs = later.at(-1)?.timeMs ?? drawn.forecastMs;
    return LINES.flatMap(([line, part]) =>
      later.map((point) => ({ topic: this.#nameOf(device, line), payload: point[part], timestamp: point.timeMs })),
    );
  }

  /** With several devices each line says whose it is. */
  #nameOf(device: string, line: string): string {
    return this.#drawn.size > 1 ? `${device} ${line}` : line;
  }

  #of(device: string): Drawn {
    let drawn = this.#drawn.get(device);
    if (drawn === undefined) this.#drawn.set(device, (drawn = { actualMs: -Infinity, forecastMs: -Infinity }));
    return drawn;
  }
}
