import { BoundedMap } from '../core/bounded-map';

const MOST_MODELS = 200;
const MOST_FIELDS = 500;

/** Which fields came in lately, by model: what the editor suggests. In memory only; messages soon bring them again. */
export class SeenFields {
  readonly #byModel = new BoundedMap<string, Set<string>>(MOST_MODELS);

  /** Cheap: may be called for every reading. Fields beyond the bound are left out. */
  record(model: string, fields: Iterable<string>): void {
    let seen = this.#byModel.get(model);
    if (seen === undefined) this.#byModel.set(model, (seen = new Set()));
    for (const field of fields) if (seen.size < MOST_FIELDS) seen.add(field);
  }

  /** Sorted. */
  of(model: string): readonly string[] {
    return [...(this.#byModel.get(model) ?? [])].sort();
  }

  models(): readonly string[] {
    return [...this.#byModel.keys()].sort();
  }
}
