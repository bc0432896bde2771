/** `unknown`: nothing can be said (too much missing, still learning, not judged now); never raises or clears an alarm. */
export type Severity = 'normal' | 'warning' | 'critical' | 'unknown';

/** Which model said something; `version` 0 is what was learned as it goes. */
export interface ModelReference {
  readonly name: string;
  readonly version: number;
  readonly algorithm: string;
}

/** What every event on output 2 has. */
export interface EventEnvelope {
  /** The same for all events of one alarm, silence or predicted breach. */
  readonly id: string;
  readonly device: string;
  readonly model: ModelReference;
  readonly severity: Severity;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly until?: string;
  /** One plain sentence that can be read on a phone. */
  readonly text: string;
}
