import type { ModelReference } from '../core/events';
import type { JsonObject } from '../core/json';
import type { Condition } from '../core/pipeline';
import type { Reading } from '../core/readings';
import { holds } from '../readings/condition';
import type { FeatureRow } from '../readings/feature-row';
import type { FeatureStream } from '../readings/feature-stream';
import type { Anomaly } from './anomaly';
import type { LearnedRows } from './drift/learned-rows';
import { LearningRows } from './learning-rows';
import type { LearningScorer } from './learning-scorer';
import { conditionNote } from './notes';
import { Recovery } from './recovery';
import type { Scorer } from './scorer';
import { DEFAULT_THRESHOLD } from './threshold';

/** A verdict, and the row that it is about. */
export interface Judgement {
  readonly row: FeatureRow;
  readonly anomaly: Anomaly;
}

/** Judges one device's readings, whatever it judges them by. */
export interface Judge {
  readonly model: ModelReference;
  /** What live readings are compared with; null: nothing. */
  readonly learned: LearnedRows | null;
  /** @returns null where the reading is held back, because the step that it belongs to is still open */
  judge(reading: Reading): Judgement | null;
  /** What has to survive a restart, and the kind of state it is; null: nothing. */
  readonly kind: 'windows' | 'learning' | null;
  snapshot(): JsonObject;
  /** How far the warm-up has come, while there is one. */
  progress(): Progress | null;
}

export interface Progress {
  readonly learned: number;
  readonly needed: number;
}

/** Judges by a trained model. */
export class TrainedJudge implements Judge {
  readonly kind = 'windows';

  constructor(
    readonly scorer: Scorer,
    private readonly stream: FeatureStream,
    private readonly judgeWhen?: Condition,
    private readonly recovery = new Recovery(scorer.pipeline),
  ) {}

  get model(): ModelReference {
    return this.scorer.model;
  }

  get learned(): LearnedRows | null {
    return this.scorer.learned;
  }

  judge(reading: Reading): Judgement | null {
    const row = this.stream.push(reading);
    if (row === null) return null;
    const { scorer, recovery } = this;
    const judge = (seen: FeatureRow): Anomaly => scorer.judge(seen, reading.device, recovery.bar);
    const judgement = judged(row, reading, this.judgeWhen, judge);
    const { rawScore } = judgement.anomaly;
    if (!row.late && rawScore !== null) recovery.next(rawScore / scorer.limit);
    return judgement;
  }

  /** Judges the step that is still open after `last`, since no reading will come any more; null where none is open. */
  end(last: Reading): Judgement | null {
    const row = this.stream.end();
    if (row === null) return null;
    return judged(row, last, this.judgeWhen, (seen) => this.scorer.judge(seen, last.device, this.recovery.bar));
  }

  snapshot(): JsonObject {
    return { ...this.stream.snapshot(), bar: this.recovery.bar };
  }

  progress(): null {
    return null;
  }
}

/** Judges by what it has learned before, and learns. */
export class LearningJudge implements Judge {
  readonly kind = 'learning';
  readonly learned = null;

  constructor(
    private readonly scorer: LearningScorer,
    private readonly rows: LearningRows,
    private readonly warmUpRows: number,
    private readonly judgeWhen: Condition | undefined,
  ) {}

  get model(): ModelReference {
    return this.scorer.model;
  }

  judge(reading: Reading): Judgement {
    const { scorer } = this;
    const judgement = judged(this.rows.push(reading), reading, this.judgeWhen, (row) =>
      scorer.judge(row, reading.device),
    );
    const { row } = judgement;
    if (!row.late && row.verdict === 'judge') scorer.learn(row);
    return judgement;
  }

  snapshot(): JsonObject {
    return { rows: this.rows.snapshot(), scorer: this.scorer.snapshot() };
  }

  progress(): Progress | null {
    const { learned } = this.scorer;
    return learned < this.warmUpRows ? { learned, needed: this.warmUpRows } : null;
  }
}

/** Says of each reading that there is no model. */
export class NoJudge implements Judge {
  readonly kind = null;
  readonly learned = null;
  readonly model: ModelReference;
  readonly #rows = new LearningRows();

  constructor(model: string) {
    this.model = { name: model, version: 0, algorithm: 'none' };
  }

  judge(reading: Reading): Judgement {
    const row = this.#rows.push(reading);
    const anomaly: Anomaly = {
      device: reading.device,
      model: this.model,
      timestamp: new Date(row.timestampMs).toISOString(),
      isAnomaly: false,
      score: null,
      rawScore: null,
      threshold: DEFAULT_THRESHOLD.value,
      severity: 'unknown',
      contributions: [],
      missing: [],
      note: `Not judged: there is no model "${this.model.name}" for this device. Train one, or let it be learned.`,
    };
    return { row, anomaly };
  }

  snapshot(): JsonObject {
    return {};
  }

  progress(): null {
    return null;
  }
}

/** Judges a row, unless the node's own "judge only when" does not hold for its reading. */
function judged(
  row: FeatureRow,
  reading: Reading,
  judgeWhen: Condition | undefined,
  judge: (row: FeatureRow) => Anomaly,
): Judgement {
  if (judgeWhen === undefined || row.verdict !== 'judge') return { row, anomaly: judge(row) };
  if (holds(judgeWhen, reading.values.get(judgeWhen.field) ?? NaN)) return { row, anomaly: judge(row) };
  const notNow: FeatureRow = { ...row, verdict: 'not-now' };
  return { row: notNow, anomaly: { ...judge(notNow), note: conditionNote(judgeWhen, reading.values) } };
}
