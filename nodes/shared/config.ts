import type { NodeDef } from 'node-red';
import type { Comparison } from '../../lib/core/pipeline';

/** Version of every node's configuration; older ones are brought up to date by the node's `migrate`. */
export const CONFIG_VERSION = 1;

export interface VersionedConfig extends NodeDef {
  readonly configVersion: number;
}

/** What a node's configuration holds besides what every node has. */
export type OwnConfig<C extends VersionedConfig> = Omit<C, keyof NodeDef | 'configVersion'>;

/*
 * The forms' numbers are text. Where a number has a default, blank means the default, so that the default stands in one
 * place: the specification that the form shows it from (`readingSpecs` and the nodes' `settings.ts`).
 */

/** How a node finds readings in messages. Shared by `ml-train` and `ml-detect`. Lists are comma-separated text. */
export interface ReadingConfig {
  /** Typed input for the device; empty: `msg.device`, else the topic pattern, else `msg.topic`, else `default`. */
  readonly device: string;
  readonly deviceType: 'msg' | 'flow' | 'global' | 'env' | 'jsonata' | 'str';
  /** Such as `site/{device}/{field}`; empty: the topic says nothing. With `{field}` readings are assembled. */
  readonly topicPattern: string;
  /** Names for a bare number or a bare array of numbers; empty: `value`. */
  readonly fieldNames: string;
  /** Fields to use, dotted when nested; empty: all numeric ones. */
  readonly fields: string;
  /** True: messages hold only what has changed, so that objects are assembled, too (tags and Sparkplug metrics always are). */
  readonly reportByException: boolean;
  /** When an assembled reading is complete. */
  readonly assemble: 'change' | 'step' | 'leading';
  /** Seconds, for `step`. */
  readonly assembleStep: string;
  /** For `leading`: the field whose arrival completes a reading. */
  readonly leadingField: string;
  /** Seconds for which a field's last value is held. */
  readonly maxAge: string;
  readonly maxDevices: string;
}

export const READING_DEFAULTS: ReadingConfig = {
  device: 'device',
  deviceType: 'msg',
  topicPattern: '',
  fieldNames: '',
  fields: '',
  reportByException: false,
  assemble: 'change',
  assembleStep: '',
  leadingField: '',
  maxAge: '',
  maxDevices: '',
};

/** "Judge only when": the field is empty where the condition is off. */
export interface ConditionConfig {
  readonly conditionField: string;
  readonly conditionComparison: Comparison;
  readonly conditionValue: string;
}

export const CONDITION_DEFAULTS: ConditionConfig = { conditionField: '', conditionComparison: '>', conditionValue: '' };
