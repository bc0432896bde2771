import { type OwnConfig, READING_DEFAULTS, type ReadingConfig, type VersionedConfig } from '../shared/config';
import { HISTORY_DEFAULTS, type HistoryConfig } from '../shared/history-config';

/** Where a limit comes from: a number, a property of the message, another field of the reading. */
export type LimitType = 'num' | 'msg' | 'field';

export interface MlForecastConfig extends VersionedConfig, Omit<ReadingConfig, 'fields'>, HistoryConfig {
  /** Id of the `ml-store` config node; empty: the default folder. */
  readonly store: string;
  /** Name of the model; empty: `default`. */
  readonly model: string;
  /** The field to forecast where there is no trained model; empty: the first numeric one. */
  readonly field: string;
  /** How far ahead: a time such as `6 h`, or a number of steps; empty: as the model says, a day at most without one. */
  readonly horizon: string;
  /** When a forecast is made: with each sample, every few samples, every few seconds, or only when asked. */
  readonly when: 'sample' | 'samples' | 'timer' | 'asked';
  readonly everySamples: string;
  readonly everySeconds: string;
  /** Typed inputs; empty: no limit. */
  readonly upperLimit: string;
  readonly upperLimitType: LimitType;
  readonly lowerLimit: string;
  readonly lowerLimitType: LimitType;
  /** True: output 1 sends points for a chart instead of messages with `msg.forecast`. */
  readonly chart: boolean;
  /** Probability from which a breach is expected, and forecasts running that must find it. */
  readonly breachProbability: string;
  readonly raiseAfter: string;
  /** Probability with which the interval holds the true value. */
  readonly level: string;
  /** Where to look for a model, in this order; each can be switched off. */
  readonly useOwn: boolean;
  readonly useLearning: boolean;
  /** Samples before a first model is learned. */
  readonly neededSamples: string;
  /** Seconds between samples where there is no trained model; empty: found in the data. */
  readonly step: string;
  /** IANA name, for the days and weeks of what is learned; empty: the machine's. */
  readonly timeZone: string;
  /** Id of the `ml-database` that results are written to; empty: to none. */
  readonly resultsDatabase: string;
  /** Minutes between forecasts of a device that are written, by the time of its readings; 0: all are. */
  readonly writeEvery: string;
}

/** One field is forecast: which ones a reading has besides matters little. */
const { device, deviceType, topicPattern, fieldNames, reportByException } = READING_DEFAULTS;
const { assemble, assembleStep, leadingField, maxAge, maxDevices } = READING_DEFAULTS;

export const ML_FORECAST_DEFAULTS: OwnConfig<MlForecastConfig> = {
  device,
  deviceType,
  topicPattern,
  fieldNames,
  reportByException,
  assemble,
  assembleStep,
  leadingField,
  maxAge,
  maxDevices,
  ...HISTORY_DEFAULTS,
  store: '',
  model: '',
  field: '',
  horizon: '',
  when: 'sample',
  everySamples: '',
  everySeconds: '',
  upperLimit: '',
  upperLimitType: 'num',
  lowerLimit: '',
  lowerLimitType: 'num',
  chart: false,
  breachProbability: '',
  raiseAfter: '',
  level: '',
  useOwn: true,
  useLearning: true,
  neededSamples: '',
  step: '',
  timeZone: '',
  resultsDatabase: '',
  writeEvery: '',
};
