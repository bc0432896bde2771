import type { ForecasterArtifact } from '../core/artifact';
import { messageOf, MlError } from '../core/errors';
import type { ModelStore } from '../store/store';

/** What was found for a device. */
export interface ForecasterFound {
  /** Null: no trained model is to be used. */
  readonly artifact: ForecasterArtifact | null;
  /** A model that should have been used could not be: worth another look later. */
  readonly failed: boolean;
}

/** Finds a device's own trained forecaster. One that cannot be used is told once. */
export class ForecasterChoice {
  /** Problems that were told, by device. */
  readonly #told = new Map<string, string>();

  /** @param model - the model's name */
  constructor(
    private readonly models: ModelStore,
    private readonly model: string,
    private readonly report: (problem: string) => void,
  ) {}

  /** Never rejects. */
  async find(device: string): Promise<ForecasterFound> {
    try {
      const active = await this.models.active({ name: this.model, device });
      if (active === null) return { artifact: null, failed: false };
      const { artifact } = active;
      if (artifact.kind !== 'forecaster') {
        throw new MlError('CONFLICT', 'it detects, and does not forecast; use it in ml-detect.');
      }
      return { artifact, failed: false };
    } catch (error) {
      this.tell(device, messageOf(error));
      return { artifact: null, failed: true };
    }
  }

  /** The model of a device has changed: a problem with it is told anew. */
  forget(device: string): void {
    this.#told.delete(device);
  }

  /** Tells, once, why a device's model is not used. */
  tell(device: string, problem: string): void {
    if (this.#told.get(device) === problem) return;
    this.#told.set(device, problem);
    this.report(`The model "${this.model}" of ${device} cannot be used: ${problem}`);
  }
}
