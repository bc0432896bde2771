import type { Node, NodeAPI } from 'node-red';
import { MlError, show } from '../../lib/core/errors';
import type { Reading } from '../../lib/core/readings';
import type { Anomaly } from '../../lib/detection/anomaly';
import type { DetectionEvent } from '../../lib/detection/events';
import { resultsOf, type Results } from '../shared/results';
import type { MlDetectConfig } from './config';

const SCORES = ['all', 'anomalies', 'none'] as const;

/** Writes what the node finds into the database that its form names; nothing where it names none. */
export class DetectResults {
  readonly #results: Results | null;

  /** @throws MlError `PARAMETER`, `DATABASE` for settings that make no sense */
  constructor(
    RED: NodeAPI,
    node: Node,
    private readonly config: Pick<MlDetectConfig, 'resultsDatabase' | 'writeScores' | 'writeReadings'>,
  ) {
    const { resultsDatabase, writeScores } = config;
    if (!SCORES.includes(writeScores)) {
      const known = SCORES.join(', ');
      throw new MlError('PARAMETER', `ml-detect: writeScores must be one of ${known}, got ${show(writeScores)}.`);
    }
    this.#results = resultsOf(RED, node, resultsDatabase);
  }

  readings(readings: readonly Reading[]): void {
    if (this.#results === null || !this.config.writeReadings) return;
    for (const reading of readings) this.#results.writer.reading(reading);
  }

  /** @param arrivedMs - when the message came, by `performance.now()` */
  verdicts(anomalies: readonly Anomaly[], arrivedMs: number): void {
    if (this.#results === null) return;
    const { writer } = this.#results;
    const { writeScores } = this.config;
    // To the µs: more digits would only cost time and room.
    const scoringMs = Math.round(1000 * (performance.now() - arrivedMs)) / 1000;
    for (const anomaly of anomalies) {
      const { isAnomaly } = anomaly;
      if (writeScores === 'all' || (writeScores === 'anomalies' && isAnomaly)) writer.score(anomaly, scoringMs);
      if (isAnomaly) writer.detection(anomaly);
    }
  }

  events(events: readonly DetectionEvent[]): void {
    for (const event of events) this.#results?.writer.event(event);
  }

  /** Called when the node has closed. */
  release(): void {
    this.#results?.release();
  }
}
