import { SHARED_DEVICE } from '../core/artifact';
import { BoundedMap } from '../core/bounded-map';
import { isMlError, messageOf, MlError } from '../core/errors';
import type { ModelStore } from '../store/store';
import { Scorer, type ScorerSettings } from './scorer';

export interface ModelChoiceSettings extends ScorerSettings {
  /** The model's name. */
  readonly model: string;
  /** Whether a device's own model, and one shared by all, are looked for. */
  readonly useOwn: boolean;
  readonly useShared: boolean;
  readonly maxDevices: number;
}

/** What was found for a device. */
export interface Choice {
  /** Null: no trained model is to be used. */
  readonly scorer: Scorer | null;
  /** Why a model that should have been used could not be, which makes another look later worth while; null: none. */
  readonly problem: MlError | null;
}

const NOTHING: Choice = { scorer: null, problem: null };

/**
 * Finds the trained model that judges a device: its own, else the shared one. Restored models are kept, so that many
 * devices share one; a model that cannot be used is told once, and the next one in line takes its place.
 */
export class ModelChoice {
  /** By device, or `*`. */
  readonly #found: BoundedMap<string, Promise<Choice>>;
  /** Problems that were told, by device or `*`. */
  readonly #told = new Map<string, string>();

  constructor(
    private readonly models: ModelStore,
    private readonly settings: ModelChoiceSettings,
    private readonly report: (problem: string) => void,
  ) {
    this.#found = new BoundedMap(settings.maxDevices + 1);
  }

  /** Never rejects. */
  async find(device: string): Promise<Choice> {
    const { useOwn, useShared } = this.settings;
    const own = useOwn ? await this.#look(device) : NOTHING;
    if (own.scorer !== null || !useShared) return own;
    const shared = await this.#look(SHARED_DEVICE);
    return { scorer: shared.scorer, problem: own.problem ?? shared.problem };
  }

  /** The model of a device (or `*`) has changed: what is known of it is out of date. */
  forget(device: string): void {
    this.#found.delete(device);
    this.#told.delete(device);
  }

  #look(device: string): Promise<Choice> {
    let found = this.#found.get(device);
    if (found === undefined) this.#found.set(device, (found = this.#load(device)));
    return found;
  }

  async #load(device: string): Promise<Choice> {
    const { model } = this.settings;
    try {
      const active = await this.models.active({ name: model, device });
      if (active === null) return NOTHING;
      const { artifact, threshold } = active;
      if (artifact.kind !== 'detector') {
        throw new MlError('CONFLICT', 'it forecasts, and does not detect; use it in ml-forecast.');
      }
      return { scorer: new Scorer({ artifact, threshold }, this.settings), problem: null };
    } catch (error) {
      // Not kept: the next look may find it sound again.
      this.#found.delete(device);
      this.#tell(device, messageOf(error));
      const problem = isMlError(error) ? error : new MlError('ARTIFACT', messageOf(error), { cause: error });
      return { scorer: null, problem };
    }
  }

  #tell(device: string, problem: string): void {
    if (this.#told.get(device) === problem) return;
    this.#told.set(device, problem);
    const whose = device === SHARED_DEVICE ? 'shared by all devices' : `of ${device}`;
    this.report(`The model "${this.settings.model}" ${whose} cannot be used, so the next one in line is: ${problem}`);
  }
}
