import type { ColumnSpec, IndexSpec, TableSpec, ViewSpec } from '../tables';

const id: ColumnSpec = {
  name: 'id',
  type: 'uuid PRIMARY KEY',
  comment: 'Made by Node-RED before it writes, so that a row written again after a lost connection stays one row.',
};

const device: ColumnSpec = { name: 'device', type: 'text NOT NULL', comment: 'The device it is about.' };

const model: readonly ColumnSpec[] = [
  { name: 'model_name', type: 'text NOT NULL', comment: 'The model that said so.' },
  { name: 'model_version', type: 'integer NOT NULL', comment: 'Its version; 0 is what was learned as it goes.' },
  { name: 'algorithm', type: 'text NOT NULL', comment: 'Its algorithm, such as isolation-forest.' },
];

const readingTime: ColumnSpec = { name: 'timestamp', type: 'timestamptz NOT NULL', comment: 'Time of the reading.' };

const score: readonly ColumnSpec[] = [
  {
    name: 'score',
    type: 'double precision',
    comment: 'From 0 to 1; 0.70 is seen once in 1,000 normal readings, 0.79 once in 100,000. Null: none, see severity.',
  },
  { name: 'raw_score', type: 'double precision', comment: "The algorithm's own number." },
  { name: 'threshold', type: 'double precision', comment: 'Score from which on a reading is an anomaly.' },
  { name: 'severity', type: 'text NOT NULL', comment: 'How bad: normal, warning, critical or unknown.' },
];

/** By device and time, and by time alone for all devices' newest and for what is deleted when it is old. */
function indexes(table: string, time: string): readonly IndexSpec[] {
  return [
    { name: `${table}_device_${time}`, on: `(device, ${time})` },
    { name: `${table}_${time}`, on: `(${time})` },
  ];
}

/** What the nodes found, and what they were given; see `results-writer.ts`. */
export const resultTables: readonly TableSpec[] = [
  {
    name: 'anomaly_scores',
    comment: 'Verdicts on readings, one row a reading.',
    columns: [
      id,
      device,
      readingTime,
      ...model,
      ...score,
      { name: 'is_anomaly', type: 'boolean NOT NULL', comment: 'True from the threshold on.' },
      { name: 'missing', type: 'jsonb NOT NULL', comment: 'Array of fields that were missing.' },
      {
        name: 'scoring_ms',
        type: 'double precision',
        comment: "Milliseconds from the message's arrival in the node to the verdict; null: not measured.",
      },
    ],
    constraints: [],
    indexes: indexes('anomaly_scores', 'timestamp'),
  },
  {
    name: 'anomaly_detections',
    comment: 'Readings that were judged anomalies, with what made them so.',
    columns: [
      id,
      device,
      readingTime,
      ...model,
      ...score,
      {
        name: 'contributions',
        type: 'jsonb NOT NULL',
        comment: 'Array of {feature, value, expected: [low, high], share}, the largest share first.',
      },
    ],
    constraints: [],
    indexes: indexes('anomaly_detections', 'timestamp'),
  },
  {
    name: 'events',
    comment: 'What an operator is told: alarms, silence, predicted breaches, drift. One row a change.',
    columns: [
      id,
      { name: 'event_id', type: 'text NOT NULL', comment: 'The same for all rows of one alarm, silence or breach.' },
      {
        name: 'type',
        type: 'text NOT NULL',
        comment:
          'Which: raised, changed, cleared, no-data, breach-predicted, breach-withdrawn, breach-reached or drift; cleared ends.',
      },
      device,
      ...model,
      { name: 'severity', type: 'text NOT NULL', comment: 'How bad: normal, warning, critical or unknown.' },
      { name: 'since', type: 'timestamptz NOT NULL', comment: 'When it began.' },
      { name: 'until', type: 'timestamptz', comment: 'When it ended; null: it has not.' },
      { name: 'text', type: 'text NOT NULL', comment: 'One sentence for a person.' },
      { name: 'details', type: 'jsonb NOT NULL', comment: 'The rest of the event, as the node sends it.' },
      { name: 'created_at', type: 'timestamptz NOT NULL', comment: 'When it was told.' },
    ],
    constraints: [],
    indexes: [...indexes('events', 'created_at'), { name: 'events_event_id', on: '(event_id)' }],
  },
  {
    name: 'metric_forecasts',
    comment: 'Forecasts, one row a point.',
    columns: [
      id,
      device,
      { name: 'field', type: 'text NOT NULL', comment: 'The field that was forecast.' },
      ...model,
      { name: 'made_at', type: 'timestamptz NOT NULL', comment: 'Time of the newest reading it was made from.' },
      { name: 'timestamp', type: 'timestamptz NOT NULL', comment: 'The time it is about.' },
      { name: 'value', type: 'double precision', comment: 'What is expected then; null: beyond all numbers.' },
      { name: 'lower', type: 'double precision', comment: 'Lower end of the interval; null: it has none.' },
      { name: 'upper', type: 'double precision', comment: 'Upper end of the interval; null: it has none.' },
      {
        name: 'level',
        type: 'double precision',
        comment: 'Share of values inside the interval, such as 0.9.',
      },
    ],
    constraints: [],
    indexes: [
      ...indexes('metric_forecasts', 'timestamp'),
      { name: 'metric_forecasts_device_field_made_at', on: '(device, field, made_at)' },
    ],
  },
  {
    name: 'metrics_history',
    comment: 'Readings, one row each.',
    columns: [
      id,
      device,
      readingTime,
      {
        name: 'values',
        type: 'jsonb NOT NULL',
        comment: 'Object of numbers by field; names of nested ones are dotted.',
      },
      { name: 'label', type: 'text', comment: 'What is known of it: normal, or the name of a fault; null: nothing.' },
    ],
    constraints: [],
    indexes: indexes('metrics_history', 'timestamp'),
  },
];

export const recentMetrics: ViewSpec = {
  name: 'recent_metrics',
  comment: 'The readings of the last 24 hours, one row a value.',
  columns: [
    { name: 'device', comment: 'The device.' },
    { name: 'metric', comment: 'The field.' },
    { name: 'timestamp', comment: 'Time of the reading.' },
    { name: 'value', comment: 'Its value.' },
    { name: 'label', comment: 'What is known of the reading; null: nothing.' },
  ],
  select: (table) =>
    `SELECT reading.device, field.key AS metric, reading.timestamp, field.value::double precision AS value, reading.label
FROM ${table('metrics_history')} AS reading CROSS JOIN LATERAL jsonb_each_text(reading.values) AS field
WHERE reading.timestamp > now() - interval '24 hours'`,
};
