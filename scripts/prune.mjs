import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of compiled files, and where their sources are. */
const OUTPUTS = [
  ['dist/lib', 'lib'],
  ['dist/nodes', 'nodes'],
  ['build/test', 'test'],
  ['build/bench', 'bench'],
  ['build/demo', 'demo'],
  ['build/editor', 'editor'],
];

/**
 * Removes compiled files whose source is gone: the compiler leaves them, and a test or a node that was deleted would
 * otherwise live on.
 */
export function prune(root) {
  for (const [output, source] of OUTPUTS) {
    if (!existsSync(join(root, output))) continue;
    for (const file of readdirSync(join(root, output), { recursive: true })) {
      const stem = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(file)?.[1];
      const sources = stem === undefined ? [file] : [`${stem}.ts`, file];
      const isOurs = stem !== undefined || /\.(html|json|svg)$/.test(file);
      if (isOurs && !sources.some((name) => existsSync(join(root, source, name)))) rmSync(join(root, output, file));
    }
  }
}
