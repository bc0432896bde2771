import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { ModelCard } from '../../lib/core/artifact';
import type { TrainingProgress } from '../../lib/training/model-trainer';
import { setStatus } from '../shared/status';

/** A status that changes with each reading is shown this seldom. */
const SHOW_MS = 500;

/** What an `ml-train` shows beside itself: what it trains, else what came of the last training, else how much it has collected. */
export class TrainStatus {
  #result: NodeStatus | undefined;
  #collected: { readonly rows: number; readonly wanted: number | undefined } | undefined;
  #trainings: readonly TrainingProgress[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
  ) {}

  /** @param trainings - what waits or runs now, the running one first */
  training(trainings: readonly TrainingProgress[]): void {
    this.#trainings = trainings;
    this.#showSoon();
  }

  /** @param wanted - rows at which the first training starts by itself; undefined: it does not */
  collected(rows: number, wanted: number | undefined): void {
    this.#collected = { rows, wanted };
    this.#showSoon();
  }

  failed(): void {
    this.#result = { fill: 'red', shape: 'ring', text: this.#text('failed') };
    this.#showSoon();
  }

  trained({ version, active }: ModelCard): void {
    this.#result = active
      ? { fill: 'green', shape: 'dot', text: this.#text('active', { version }) }
      : { fill: 'yellow', shape: 'dot', text: this.#text('inactive', { version }) };
    this.#showSoon();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #showSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      setStatus(this.node, this.#now());
    }, SHOW_MS);
  }

  #now(): NodeStatus {
    const [running] = this.#trainings;
    if (running === undefined) return this.#result ?? this.#collecting();
    const waiting = this.#trainings.length - 1;
    return {
      fill: 'blue',
      shape: 'ring',
      text: waiting > 0 ? this.#text('waiting', { waiting }) : this.#doing(running),
    };
  }

  #doing({ state, fraction }: TrainingProgress): string {
    return state === 'reading'
      ? this.#text('reading')
      : this.#text('training', { percent: Math.round(fraction * 100) });
  }

  #collecting(): NodeStatus {
    if (this.#collected === undefined) return {};
    const { rows, wanted } = this.#collected;
    // Restored after a restart there are enough, and a training was before.
    const isWaiting = wanted !== undefined && rows < wanted;
    const text = isWaiting ? this.#text('collecting', { rows, wanted }) : this.#text('collected', { rows });
    return { fill: 'yellow', shape: 'ring', text };
  }

  #text(key: string, values: Record<string, number> = {}): string {
    return this.RED._(`ml-train.status.${key}`, values);
  }
}
