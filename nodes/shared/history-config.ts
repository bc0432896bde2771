import { MlError, show } from '../../lib/core/errors';
import type { ParamSpecs } from '../../lib/core/params';
import { DEVICE_LISTS, type DeviceList, type HistorySource } from '../../lib/postgres/history/source';
import { USUAL_RANGE_MS } from '../../lib/readings/time-range';
import { durationSetting, optionalNumber } from './settings';

const LAYOUTS = ['shadow', 'narrow', 'wide', 'sql', 'written'] as const;

/** Where past readings are in a database. Blank names of tables and columns: the usual ones of the layout. */
export interface HistoryConfig {
  /** Id of the `ml-database` config node; empty: no past readings. */
  readonly database: string;
  /** One JSON document a row, one value a row, one column a field, the user's own SQL, or what this package has written. */
  readonly historyLayout: (typeof LAYOUTS)[number];
  /** `table` or `schema.table`. */
  readonly historyTable: string;
  readonly historyDevice: string;
  readonly historyTime: string;
  readonly historyState: string;
  readonly historyMetric: string;
  readonly historyValue: string;
  /** With `$device`, `$from` and `$to`. */
  readonly historySql: string;
  /** How far back, such as `168 h`; empty: a week. */
  readonly historyRange: string;
  /** Seconds that readings are averaged over in the database; empty: as they are. */
  readonly historyBucket: string;
}

/** The same for a node that can take all devices. */
export interface FleetHistoryConfig extends HistoryConfig {
  /** Which devices there are: those in the table, or those that `device_shadows` says are online. */
  readonly historyDevices: DeviceList;
}

export const HISTORY_DEFAULTS: HistoryConfig = {
  database: '',
  historyLayout: 'shadow',
  historyTable: '',
  historyDevice: '',
  historyTime: '',
  historyState: '',
  historyMetric: '',
  historyValue: '',
  historySql: '',
  historyRange: '',
  historyBucket: '',
};

export const FLEET_HISTORY_DEFAULTS: FleetHistoryConfig = { ...HISTORY_DEFAULTS, historyDevices: 'table' };

/** The form's numbers of past readings, which may be left blank. */
export const historySpecs = {
  historyBucket: { type: 'number', default: 0, min: 0.001, max: 31_536_000, unit: 's', doc: 'Time averaged over.' },
} as const satisfies ParamSpecs;

/** What each layout's table and its column of devices are called where nothing is said. */
export const USUAL_NAMES = {
  shadow: { table: 'device_shadow_history', device: 'device_uuid' },
  narrow: { table: 'metrics', device: 'device' },
  wide: { table: 'telemetry', device: 'device' },
} as const;

/** A configuration, read and checked. */
export interface HistorySettings {
  /** How far back, where a message does not say. */
  readonly rangeMs: number;
  /** Undefined: readings as they are. */
  readonly bucketMs: number | undefined;
  readonly source: HistorySource;
}

/**
 * @param owner - who has the settings, for messages
 * @param schema - of this package's tables
 * @throws MlError `PARAMETER` naming the setting and what it must be
 */
export function historySettings(
  owner: string,
  config: HistoryConfig | FleetHistoryConfig,
  schema: string,
): HistorySettings {
  return {
    source: {
      ...sourceOf(owner, config, schema),
      ...('historyDevices' in config && {
        devicesFrom: oneOf(owner, 'historyDevices', DEVICE_LISTS, config.historyDevices),
      }),
    },
    rangeMs: durationSetting(owner, 'historyRange', config.historyRange) ?? USUAL_RANGE_MS,
    bucketMs: bucketOf(owner, config),
  };
}

/** Ms that readings are averaged over in the database; undefined: as they are. @throws MlError `PARAMETER` */
export function bucketOf(owner: string, { historyBucket }: HistoryConfig): number | undefined {
  const seconds = optionalNumber(owner, 'historyBucket', historySpecs.historyBucket, historyBucket);
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

function sourceOf(owner: string, config: HistoryConfig, schema: string): HistorySource {
  const layout = oneOf(owner, 'historyLayout', LAYOUTS, config.historyLayout);
  if (layout === 'written') return { layout, schema };
  if (layout === 'sql') {
    const sql = config.historySql.trim();
    if (sql !== '') return { layout, sql };
    throw new MlError('PARAMETER', `${owner}: give the SQL that past readings are read with.`);
  }
  const usual = USUAL_NAMES[layout];
  const table = {
    table: config.historyTable.trim() || usual.table,
    deviceColumn: config.historyDevice.trim() || usual.device,
    timeColumn: config.historyTime.trim() || 'timestamp',
  };
  if (layout === 'wide') return { layout, ...table };
  if (layout === 'shadow') return { layout, ...table, stateColumn: config.historyState.trim() || 'reported_state' };
  return {
    layout,
    ...table,
    metricColumn: config.historyMetric.trim() || 'metric',
    valueColumn: config.historyValue.trim() || 'value',
  };
}

function oneOf<T extends string>(owner: string, name: string, options: readonly T[], given: T): T {
  if (options.includes(given)) return given;
  throw new MlError('PARAMETER', `${owner}: ${name} must be one of ${options.join(', ')}, got ${show(given)}.`);
}
