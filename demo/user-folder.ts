import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const PACKAGE = '@flowsight/node-red-ml';

/**
 * Makes the demo's own Node-RED user folder: the package is found in it as one that a user has installed, with its
 * editor resources and examples; the flow is the demo's, unless the user has changed it.
 * @param folder - the user folder; made where it is not there
 * @param root - the folder of the package
 */
export function prepareUserFolder(folder: string, root: string): void {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'node-red-ml-demo', private: true, dependencies: { [PACKAGE]: `file:${root}` } };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  linkPackage(join(folder, 'node_modules', PACKAGE), root);
  offerFlow(join(root, 'demo', 'flows.json'), folder);
}

/** A junction needs no special rights on Windows; elsewhere the word is ignored. */
function linkPackage(link: string, root: string): void {
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) rmSync(link, { recursive: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(root, link, 'junction');
}

/** A newer demo flow takes the place of an older one, but never that of a flow that the user has worked on. */
function offerFlow(shipped: string, folder: string): void {
  const flow = join(folder, 'flows.json');
  const asOffered = join(folder, 'flows.as-shipped.json');
  const isTheUsers = existsSync(flow) && !(existsSync(asOffered) && readFileSync(flow).equals(readFileSync(asOffered)));
  if (isTheUsers) return;
  copyFileSync(shipped, flow);
  copyFileSync(shipped, asOffered);
}
