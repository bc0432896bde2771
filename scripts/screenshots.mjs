// `node scripts/screenshots.mjs`: makes the pictures of the editor in docs/pictures, from the demo in headless Chromium.
// Chromium is found by the variable CHROMIUM, or where it usually is.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const { RunningDemo } = require('../build/test/support/demo.js');
const { EditorPage, findChromium } = require('../build/test/support/editor.js');

const pictures = join(root, 'docs', 'pictures');
const FORM_SIZE = { width: 1000, height: 720 };
/** The forms, and the sections that are open in their pictures. */
const FORMS = {
  'ml-train': ['when'],
  'ml-detect': ['alarm'],
  'ml-synthetic': ['advanced'],
  'ml-model-store': [],
};

const chromium = findChromium();
if (chromium === undefined) throw new Error('No Chromium was found; say where it is by the variable CHROMIUM.');

/** Each form with the node's help beside it. */
async function takeForms(url) {
  const editor = await EditorPage.open(chromium, url, FORM_SIZE);
  const { page } = editor;
  for (const [type, sections] of Object.entries(FORMS)) {
    const id = await editor.drop(type, 250, 150);
    await page.evaluate(`RED.sidebar.show('help'); RED.sidebar.help.show('${type}')`);
    await editor.edit(id);
    await page.evaluate(`document.querySelectorAll('.flowsight-ml details').forEach((each) => {
      each.open = ${JSON.stringify(sections)}.includes(each.dataset.section);
    })`);
    await page.screenshot({ path: join(pictures, `${type}.png`) });
    await editor.done();
    await page.evaluate(`RED.nodes.remove('${id}'); RED.view.redraw(true)`);
  }
  await editor.close();
}

const folder = mkdtempSync(join(tmpdir(), 'ml-pictures-'));
mkdirSync(pictures, { recursive: true });
const demo = await RunningDemo.start(folder);
try {
  await demo.deploy([{ id: 'tab', type: 'tab', label: 'Flow 1' }]);
  await takeForms(demo.url);
} finally {
  await demo.stop();
  rmSync(folder, { recursive: true, force: true });
}
