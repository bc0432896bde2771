import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decodeArtifact, encodeArtifact } from '#lib/core/codec';
import type { Artifact } from '#lib/core/artifact';
import { makeArtifact } from '../../support/artifact';
import { fit, SEED, testParams, type Subject } from './subject';

/** Models as this and earlier versions of the package have stored them, each with what it said. Never changed. */
const FOLDER = resolve(__dirname, '..', '..', '..', '..', 'test', 'fixtures', 'models');

export interface StoredModel {
  readonly file: string;
  readonly artifact: Artifact;
  /** What the subject's `output` gave for it. */
  readonly said: readonly number[];
}

export function storedModels(id: string): StoredModel[] {
  const files = readdirSync(FOLDER).filter((file) => file.startsWith(`${id}.state-`) && file.endsWith('.model.json'));
  return files.map((file) => ({
    file,
    artifact: decodeArtifact(readFileSync(join(FOLDER, file), 'utf8')),
    said: JSON.parse(readFileSync(join(FOLDER, file.replace('.model.', '.said.')), 'utf8')) as number[],
  }));
}

/** Stores a model of the state version that the algorithm has now, unless there is one. */
export async function storeModel(subject: Subject): Promise<boolean> {
  const { id, stateVersion } = subject.algorithm;
  const path = (what: string): string => join(FOLDER, `${id}.state-${stateVersion}.${what}.json`);
  if (existsSync(path('model'))) return false;
  const model = await fit(subject);
  const algorithm = { id, stateVersion, params: testParams(subject), seed: SEED };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path('model'), `${encodeArtifact(makeArtifact({ algorithm, state: model.snapshot() }))}\n`);
  writeFileSync(path('said'), `${JSON.stringify([...subject.output(model)])}\n`);
  return true;
}
