import {
  CONDITION_DEFAULTS,
  type ConditionConfig,
  type OwnConfig,
  READING_DEFAULTS,
  type ReadingConfig,
  type VersionedConfig,
} from '../shared/config';
import { HISTORY_DEFAULTS, type HistoryConfig } from '../shared/history-config';

export interface MlDetectConfig extends VersionedConfig, ReadingConfig, ConditionConfig, HistoryConfig {
  /** Id of the `ml-store` config node; empty: the default folder. */
  readonly store: string;
  /** Name of the model; empty: `default`. */
  readonly model: string;
  /**
   * `live`: each message goes on with its device's stream. `batch`: each message's readings are judged by themselves, as
   * if none had come before them; no alarms, no learning. `history`: so are past readings in a database, which else is
   * not looked at.
   */
  readonly source: 'live' | 'batch' | 'history';
  /** Where to look for a model, in this order; each can be switched off. */
  readonly useOwn: boolean;
  readonly useShared: boolean;
  readonly useLearning: boolean;
  /** Readings before the learning detector judges. */
  readonly warmUpRows: string;
  /** Anomalous readings in a row that raise an alarm, normal ones that clear it. */
  readonly raiseAfter: string;
  readonly clearAfter: string;
  /** Seconds that such a row of readings must last as well; empty: only the readings count. */
  readonly onDelaySeconds: string;
  readonly offDelaySeconds: string;
  /** How far below the threshold a score must be to count as normal, once an alarm is raised. */
  readonly deadBand: string;
  /** True: an alarm that is over stays until it is acknowledged. */
  readonly latch: boolean;
  /** Seconds after which a warning that nobody acknowledges becomes critical; empty: never. */
  readonly escalateSeconds: string;
  /** Score from which an anomaly is critical. */
  readonly criticalScore: string;
  /** Seconds of silence after which `no-data` is sent; empty: never. */
  readonly noDataSeconds: string;
  /** How many contributions a result lists; 0: none. */
  readonly contributions: string;
  /** Id of the `ml-database` that results are written to; empty: to none. */
  readonly resultsDatabase: string;
  /** Of which readings the scores are written. */
  readonly writeScores: 'all' | 'anomalies' | 'none';
  /** Whether the readings themselves are written, too. */
  readonly writeReadings: boolean;
}

export const ML_DETECT_DEFAULTS: OwnConfig<MlDetectConfig> = {
  ...READING_DEFAULTS,
  ...CONDITION_DEFAULTS,
  ...HISTORY_DEFAULTS,
  store: '',
  model: '',
  source: 'live',
  useOwn: true,
  useShared: true,
  useLearning: true,
  warmUpRows: '',
  raiseAfter: '',
  clearAfter: '',
  onDelaySeconds: '',
  offDelaySeconds: '',
  deadBand: '',
  latch: false,
  escalateSeconds: '',
  criticalScore: '',
  noDataSeconds: '',
  contributions: '',
  resultsDatabase: '',
  writeScores: 'all',
  writeReadings: false,
};
