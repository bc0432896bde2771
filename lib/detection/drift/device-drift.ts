import { createHash } from 'node:crypto';
import type { ModelReference } from '../../core/events';
import type { Json, JsonObject } from '../../core/json';
import { list, number, object, optional, text } from '../../core/shape';
import type { FeatureRow } from '../../readings/feature-row';
import type { Anomaly } from '../anomaly';
import type { DriftEvent } from '../events';
import { beganText, endedText, replacedText, resetText, unwatchedText } from './drift-text';
import { type DriftFinding, DriftWatch } from './drift-watch';
import { type LearnedRows, SCORE_FEATURE } from './learned-rows';

/** Features that an event lists. */
const MOST_TOLD = 10;

interface Open {
  readonly id: string;
  readonly since: string;
  readonly features: DriftEvent['features'];
}

/** What was found last, for the results. */
type Latest = NonNullable<Anomaly['drift']>;

interface Saved {
  readonly reference: string;
  readonly watch: JsonObject;
  readonly open?: Open;
  readonly latest?: Latest;
}

/** Watches one device's readings for a drift away from what its model was trained on. */
export class DeviceDrift {
  #saved: JsonObject | undefined;
  #learned: LearnedRows | null = null;
  #signature = '';
  #watch: DriftWatch | null = null;
  #values = new Float64Array(0);
  #open: Open | undefined;
  #latest: Latest | undefined;

  /** How far the device has drifted, as far as is known. */
  get latest(): Latest | undefined {
    return this.#latest;
  }

  /**
   * Takes a judged row in.
   * @param learned - of the model that judged; null: not known
   * @returns what has begun or ended
   */
  observe(learned: LearnedRows | null, row: FeatureRow, anomaly: Anomaly): readonly DriftEvent[] {
    if (anomaly.rawScore === null || row.late) return [];
    if (learned === null)
      return this.end(anomaly.device, anomaly.model, anomaly.timestamp, unwatchedText(anomaly.device));
    const events = learned === this.#learned ? [] : this.#startWith(learned, anomaly);
    const { columns } = learned;
    const values = this.#values;
    for (let f = 0; f < columns.length; f++) values[f] = row.values[columns[f]!]!;
    // Where the score is not watched this is beyond the end, and no harm.
    values[columns.length] = anomaly.rawScore;
    const finding = this.#watch!.push(row.timestampMs, values);
    if (finding === null) return events;
    const [{ feature, level }] = finding.features as [DriftFinding['features'][number]];
    this.#latest = { feature, level };
    return [...events, ...this.#told(finding, anomaly)];
  }

  /** Ends what is open, by hand unless the text says otherwise. @param until - ISO 8601, UTC */
  end(device: string, model: ModelReference, until: string, text = resetText(device)): readonly DriftEvent[] {
    const open = this.#open ?? (this.#saved as unknown as Saved | undefined)?.open;
    this.#open = undefined;
    this.#saved = undefined;
    this.#watch = null;
    this.#learned = null;
    this.#latest = undefined;
    return open === undefined ? [] : [cleared(open, device, model, until, text)];
  }

  snapshot(): Json {
    if (this.#watch === null) return this.#saved ?? null;
    const saved = {
      reference: this.#signature,
      watch: this.#watch.snapshot(),
      ...(this.#open && { open: this.#open }),
      ...(this.#latest && { latest: this.#latest }),
    };
    return saved as unknown as JsonObject;
  }

  /** Goes on where the snapshot was taken; begins anew with what is damaged. */
  static restore(snapshot: Json): DeviceDrift {
    const drift = new DeviceDrift();
    try {
      shape(snapshot, 'drift');
      drift.#saved = snapshot as JsonObject;
    } catch {
      // What was counted is lost, as after a day's silence.
    }
    return drift;
  }

  #startWith(learned: LearnedRows, { device, model, timestamp }: Anomaly): readonly DriftEvent[] {
    const { reference } = learned;
    const signature = createHash('sha256').update(JSON.stringify(reference)).digest('base64');
    const saved = this.#saved as unknown as Saved | undefined;
    this.#saved = undefined;
    const before = saved?.open ?? this.#open;
    const goesOn = saved?.reference === signature;
    if (signature !== this.#signature || this.#watch === null) {
      this.#watch = new DriftWatch(reference, goesOn ? saved.watch : undefined);
      this.#open = goesOn ? saved.open : undefined;
      this.#latest = goesOn ? saved.latest : undefined;
    }
    this.#learned = learned;
    this.#signature = signature;
    this.#values = new Float64Array(reference.distributions.length);
    if (before === undefined || this.#open !== undefined) return [];
    return [cleared(before, device, model, timestamp, replacedText(device, model.name))];
  }

  #told({ features, change, sinceMs }: DriftFinding, { device, model, timestamp }: Anomaly): readonly DriftEvent[] {
    if (change === 'ended') {
      const open = this.#open;
      this.#open = undefined;
      return open === undefined ? [] : [cleared(open, device, model, timestamp, endedText(device, model.name))];
    }
    if (change === null) return [];
    const since = new Date(sinceMs).toISOString();
    const drifted = features.filter(({ level }) => level > 1).slice(0, MOST_TOLD);
    this.#open = { id: `${model.name}/${device}/drift/${since}`, since, features: drifted };
    const names = drifted.map(({ feature }) => feature).filter((feature) => feature !== SCORE_FEATURE);
    const text = beganText(device, model.name, names);
    return [{ type: 'drift', text, device, model, severity: 'warning', ...this.#open }];
  }
}

function cleared(open: Open, device: string, model: ModelReference, until: string, text: string): DriftEvent {
  return { type: 'cleared', text, device, model, severity: 'normal', ...open, until };
}

const shape = object<Saved>({
  reference: text(),
  watch: object({}),
  open: optional(
    object<Open>({
      id: text(1),
      since: text(1),
      features: list(
        object<Open['features'][number]>({
          feature: text(),
          stabilityIndex: number(),
          distance: number(),
          level: number(),
        }),
      ),
    }),
  ),
  latest: optional(object<Latest>({ feature: text(), level: number() })),
});
