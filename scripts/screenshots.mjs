// `node scripts/screenshots.mjs`: makes the pictures of the editor in docs/pictures, from the demo in headless Chromium.
// Chromium is found by the variable CHROMIUM, or where it usually is.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
/** For a canvas at 80 %. */
const DEMO_SIZE = { width: 1010, height: 770 };
const EXAMPLE_SIZE = { width: 1330, height: 540 };
/** Learning and a fault each take less. */
const PATIENCE_MS = 150_000;
/** The forms, and the sections that are open in their pictures. */
const FORMS = {
  'ml-train': ['when'],
  'ml-detect': ['alarm'],
  'ml-forecast': [],
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

/** The editor on a flow, with the debug sidebar; helpers to wait for what the nodes show. */
async function watch(url, size) {
  const editor = await EditorPage.open(chromium, url, size);
  const { page } = editor;
  await page.addStyleTag({ content: '.red-ui-workspace-chart-grid { display: none; }' });
  await page.evaluate("RED.actions.invoke('core:show-debug-tab'); RED.actions.invoke('core:toggle-palette', false)");
  // The palette slides away.
  await page.waitForFunction(
    "document.getAnimations().length === 0 && document.querySelector('#red-ui-palette').offsetWidth < 10",
  );
  if (size === DEMO_SIZE) await page.evaluate("for (const _ of 'ab') RED.actions.invoke('core:zoom-out')");
  const statusOf = (type) => `RED.nodes.filterNodes({ type: '${type}' })[0].status?.text ?? ''`;
  return {
    show: (tab) => page.evaluate(`RED.workspaces.show('${tab}')`),
    openEvent: () => page.locator('.red-ui-debug-msg .red-ui-debug-msg-object-handle').last().click(),
    take: (name) => page.screenshot({ path: join(pictures, `${name}.png`) }),
    until: (type, pattern) =>
      page.waitForFunction(`${pattern}.test(${statusOf(type)})`, null, { timeout: PATIENCE_MS }),
    close: () => editor.close(),
  };
}

/** A fault, its alarm in the debug sidebar, on the flow that runs. */
async function takeAlarm(demo, fault, name, size) {
  const editor = await watch(demo.url, size);
  await editor.until('ml-detect', /normal/);
  await demo.press(fault);
  await editor.until('ml-detect', /alarm/);
  await editor.openEvent();
  await editor.take(name);
  await editor.close();
}

/** A leak, and the warning of it, on the demo's second tab. */
async function takeWarning(demo, flow) {
  const editor = await watch(demo.url, DEMO_SIZE);
  await editor.show(flow.find(({ label }) => label === 'A server, forecast').id);
  await editor.until('ml-forecast', /[↗→↘]/);
  await demo.press(idOf(flow, 'inject', 'Memory leak'));
  await editor.until('ml-forecast', /> 80/);
  await editor.openEvent();
  await editor.take('forecast-demo');
  await editor.close();
}

const idOf = (flow, type, name) => flow.find((node) => node.type === type && node.name === name).id;
const readFlow = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'ml-pictures-'));
mkdirSync(pictures, { recursive: true });
const demo = await RunningDemo.start(folder);
try {
  const shown = readFlow('demo', 'flows.json');
  await takeAlarm(demo, idOf(shown, 'inject', 'Blocked valve'), 'demo', DEMO_SIZE);
  await takeWarning(demo, shown);

  const example = readFlow('examples', '01 first alarm.json');
  await demo.deploy(example);
  const learning = await watch(demo.url, EXAMPLE_SIZE);
  await learning.until('ml-detect', /learn/);
  await learning.take('first-alarm-learning');
  await learning.close();
  await takeAlarm(demo, idOf(example, 'inject', 'Blocked valve'), 'first-alarm-raised', EXAMPLE_SIZE);

  await demo.deploy([{ id: 'tab', type: 'tab', label: 'Flow 1' }]);
  await takeForms(demo.url);
} finally {
  await demo.stop();
  rmSync(folder, { recursive: true, force: true });
}
