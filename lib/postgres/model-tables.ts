import type { TableSpec, ViewSpec } from './tables';

/** The tables of the model store, see `lib/store/postgres-store.ts`. */
export const modelTables: readonly TableSpec[] = [
  {
    name: 'ml_models',
    comment: 'Trained models, one row a version. A row never changes.',
    columns: [
      { name: 'name', type: 'text NOT NULL', comment: 'The name that the user gave the model.' },
      { name: 'device', type: 'text NOT NULL', comment: 'The device it was trained for; * is shared by all devices.' },
      { name: 'version', type: 'integer NOT NULL', comment: 'Number of the version: 1, 2, 3 and so on.' },
      { name: 'created_at', type: 'timestamptz NOT NULL', comment: 'When it was trained.' },
      {
        name: 'stored_at',
        type: 'timestamptz NOT NULL DEFAULT now()',
        comment: 'When it came here: later than created_at where it was imported.',
      },
      { name: 'algorithm', type: 'text NOT NULL', comment: 'The algorithm, such as isolation-forest.' },
      { name: 'kind', type: 'text NOT NULL', comment: 'What it is for: detector or forecaster.' },
      { name: 'bytes', type: 'integer NOT NULL', comment: 'Size of the artifact.' },
      { name: 'artifact', type: 'text NOT NULL', comment: 'The whole model as JSON text with a checksum.' },
    ],
    constraints: ['PRIMARY KEY (name, device, version)'],
  },
  {
    name: 'ml_model_manifests',
    comment: 'Which version of each model is in use, one row a model.',
    columns: [
      { name: 'name', type: 'text NOT NULL', comment: 'The name that the user gave the model.' },
      { name: 'device', type: 'text NOT NULL', comment: 'The device it was trained for; * is shared by all devices.' },
      { name: 'active', type: 'integer', comment: 'The version in use; null: none.' },
      {
        name: 'pinned',
        type: 'boolean NOT NULL DEFAULT false',
        comment: 'True after a rollback: new versions do not become active by themselves.',
      },
      {
        name: 'threshold',
        type: 'double precision',
        comment: 'Score from 0 to 1 that replaces the threshold training chose; null: none.',
      },
      {
        name: 'newest',
        type: 'integer NOT NULL DEFAULT 0',
        comment: 'The highest version ever; numbers are not given again.',
      },
      { name: 'updated_at', type: 'timestamptz NOT NULL DEFAULT now()', comment: 'When this row last changed.' },
    ],
    constraints: ['PRIMARY KEY (name, device)'],
  },
  {
    name: 'ml_model_changes',
    comment: 'What lets each Node-RED notice what another one has changed, one row a model.',
    columns: [
      { name: 'name', type: 'text NOT NULL', comment: 'The name that the user gave the model.' },
      { name: 'device', type: 'text NOT NULL', comment: 'The device it was trained for; * is shared by all devices.' },
      {
        name: 'change',
        type: 'bigint NOT NULL UNIQUE',
        comment: 'Number of the last change to the active version or threshold; rises with each change to any model.',
      },
      { name: 'changed_at', type: 'timestamptz NOT NULL DEFAULT now()', comment: 'When that was.' },
    ],
    constraints: ['PRIMARY KEY (name, device)'],
  },
];

export const activeModels: ViewSpec = {
  name: 'active_ml_models',
  comment: 'The models in use: the active version of each.',
  columns: [
    { name: 'name', comment: 'The name that the user gave the model.' },
    { name: 'device', comment: 'The device it was trained for; * is shared by all devices.' },
    { name: 'version', comment: 'The version in use.' },
    { name: 'created_at', comment: 'When it was trained.' },
    { name: 'algorithm', comment: 'The algorithm, such as isolation-forest.' },
    { name: 'kind', comment: 'What it is for: detector or forecaster.' },
    { name: 'bytes', comment: 'Size of the artifact.' },
    { name: 'pinned', comment: 'True after a rollback: new versions do not become active by themselves.' },
    { name: 'threshold', comment: 'Score from 0 to 1 that replaces the threshold training chose; null: none.' },
    { name: 'updated_at', comment: 'When it was last changed which version is in use, or the threshold.' },
  ],
  select: (table) =>
    `SELECT version.name, version.device, version.version, version.created_at, version.algorithm, version.kind,
  version.bytes, manifest.pinned, manifest.threshold, manifest.updated_at
FROM ${table('ml_model_manifests')} AS manifest
JOIN ${table('ml_models')} AS version
  ON version.name = manifest.name AND version.device = manifest.device AND version.version = manifest.active`,
};
