import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SpaceShape, TrainingSpace } from './space';

/** Helper threads that work along on one training space; they end with it, or with the thread that made them. */
export class Crew {
  readonly #workers: readonly Worker[];

  /** @param helpers - threads beside the caller's own; a helper that cannot start or crashes is simply not there */
  constructor(
    private readonly space: TrainingSpace,
    helpers: number,
  ) {
    const useful = Math.min(helpers, space.shards.length - 1);
    const workerData: CrewOrder = { shape: space.shape, memory: space.workspace.memory };
    this.#workers = Array.from({ length: Math.max(0, useful) }, () => {
      const worker = new Worker(join(__dirname, 'crew-worker.js'), { workerData });
      worker.unref();
      return worker;
    });
  }

  /** Ends the helpers. */
  async dismiss(): Promise<void> {
    this.space.dismiss();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** What a helper thread is started with. */
export interface CrewOrder {
  readonly shape: SpaceShape;
  readonly memory: TrainingSpace['workspace']['memory'];
}
