import type { Run } from '../core/algorithm';

/** Progress of work that is made of parts: what each part tells of itself becomes a share of the whole. */
export class Progress {
  #done = 0;

  /** @param total - what all parts weigh together, in any unit */
  constructor(
    private readonly run: Run,
    private readonly total: number,
  ) {}

  /** The run for a part that weighs so much. Call it when the part before has ended. */
  part(weight: number): Run {
    const begun = this.#done;
    this.#done = Math.min(this.total, begun + weight);
    const share = this.#done - begun;
    return {
      ...this.run,
      onProgress: (fraction, epoch) => this.run.onProgress?.((begun + share * fraction) / this.total, epoch),
    };
  }
}
