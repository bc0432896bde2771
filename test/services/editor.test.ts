// Over 300 lines: one browser and one Node-RED serve all forms, and take seconds to start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import should from 'should';
import { FolderStore } from '#lib/store/folder-store';
import { ML_DATABASE_DEFAULTS } from '#nodes/ml-database/config';
import { makeArtifact } from '../support/artifact';
import { type FileNode, RunningDemo } from '../support/demo';
import { EditorPage, findChromium } from '../support/editor';
import { NODE_TYPES } from '../support/forms';

const chromium = findChromium();
/** A database that can be chosen; nobody answers at its port. */
const NO_SERVER = { ...ML_DATABASE_DEFAULTS, host: '127.0.0.1', port: '1' };
const CONFIG_NODES = ['ml-database', 'ml-store'];

/** What a person types into a form; true and false are checkboxes. */
type Answers = Readonly<Record<string, string | boolean>>;

const SHAPES: Answers = {
  fieldNames: 'a, b',
  topicPattern: 'site/{device}/{field}',
  maxDevices: '50',
  reportByException: true,
  assemble: 'leading',
  leadingField: 'flow',
  maxAge: '60',
};

const READINGS: Answers = {
  fields: 'flow, system.cpuUsage',
  ...SHAPES,
  conditionField: 'running',
  conditionComparison: '>=',
  conditionValue: '1',
};

/** In the order of the form: some rows show only after another was answered. */
const ANSWERS: Readonly<Record<string, Answers>> = {
  'ml-detect': {
    name: 'watch',
    model: 'pump-health',
    raiseAfter: '4',
    onDelaySeconds: '20',
    clearAfter: '9',
    offDelaySeconds: '60',
    deadBand: '0.1',
    latch: true,
    criticalScore: '0.9',
    escalateSeconds: '600',
    noDataSeconds: '300',
    ...READINGS,
    useOwn: false,
    useShared: false,
    warmUpRows: '150',
    contributions: '2',
  },
  'ml-train': {
    name: 'learn',
    model: 'pump-health',
    algorithm: 'isolation-forest',
    source: 'stream',
    shared: true,
    trainAfterRows: '',
    retrainHours: '24',
    windowRows: '5000',
    windowHours: '72',
    minRows: '200',
    thresholdBy: 'false-alarms-per-day',
    thresholdValue: '2',
    ...READINGS,
    step: '60',
    aggregation: 'maximum',
    hourOfDay: true,
    dayOfWeek: true,
    timeZone: 'Europe/Berlin',
    activate: false,
    seed: '7',
  },
  'ml-forecast': {
    name: 'soon',
    model: 'pump-temperature',
    field: 'temperature',
    horizon: '6 h',
    when: 'samples',
    everySamples: '5',
    chart: true,
    ...SHAPES,
    database: 'plant',
    historyLayout: 'sql',
    historySql: 'SELECT timestamp, flow FROM pumps\nWHERE pump = $device',
    historyRange: '30 d',
    historyBucket: '60',
    resultsDatabase: 'plant',
    writeEvery: '30',
    breachProbability: '0.8',
    raiseAfter: '3',
    level: '0.95',
    useOwn: false,
    neededSamples: '200',
    step: '60',
    timeZone: 'Europe/Berlin',
  },
  'ml-synthetic': {
    name: 'pumps',
    profile: 'custom',
    mode: 'batch',
    days: '2',
    interval: '30',
    format: 'csv',
    scenarios: false,
    devices: 'a, b',
    start: '2026-01-31T08:00:00Z',
    seed: '3',
  },
  'ml-model-store': {
    name: 'keeper',
    action: 'rollback',
    model: 'pump-health',
    device: 'pump-07',
    database: 'plant',
    historyLayout: 'narrow',
    historyTable: 'plant.metrics',
    historyDevices: 'online',
    historyRange: '24 h',
  },
};

describe('the editor in a browser', () => {
  let folder: string;
  let demo: RunningDemo;
  let editor: EditorPage;

  before(async function () {
    if (chromium === undefined) {
      console.log('    Skipped: no Chromium was found; say where it is by the variable CHROMIUM.');
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'ml-editor-'));
    await new FolderStore(join(folder, 'flowsight-ml')).save(
      makeArtifact({ name: 'pump-health', device: 'pump-07' }),
      true,
    );
    demo = await RunningDemo.start(folder);
    await demo.deploy([
      { id: 'tab', type: 'tab', label: 'Test' },
      { id: 'plant', type: 'ml-database', name: 'plant', configVersion: 1, ...NO_SERVER },
    ]);
    editor = await EditorPage.open(chromium, demo.url);
  });

  after(async () => {
    await editor?.close();
    await demo?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    editor.problems.length = 0;
  });

  afterEach(() => {
    should(editor.problems).be.empty();
  });

  const input = (property: string): string => `#node-input-${property}`;

  async function answer(answers: Answers): Promise<void> {
    for (const [property, value] of Object.entries(answers)) {
      const place = editor.page.locator(input(property));
      if (typeof value === 'boolean') await place.setChecked(value);
      else if ((await place.evaluate((element) => element.nodeName)) === 'SELECT') await place.selectOption(value);
      else await place.fill(value);
    }
  }

  async function shown(answers: Answers): Promise<Answers> {
    const found: Record<string, string | boolean> = {};
    for (const [property, value] of Object.entries(answers)) {
      const place = editor.page.locator(input(property));
      found[property] = typeof value === 'boolean' ? await place.isChecked() : await place.inputValue();
    }
    return found;
  }

  NODE_TYPES.filter((type) => !CONFIG_NODES.includes(type)).forEach((type, i) => {
    const answers = ANSWERS[type]!;

    it(`takes ${type} from the palette, valid as it is, and keeps what is answered in its form`, async () => {
      const id = await editor.drop(type, 300, 100 + 80 * i);
      should(await editor.property(id, 'valid')).be.true();

      await editor.edit(id);
      await answer(answers);
      await editor.done();
      for (const [property, value] of Object.entries(answers)) {
        should(await editor.property(id, property)).equal(value, property);
      }

      await editor.edit(id);
      should(await shown(answers)).eql(answers);
      await editor.done();
    });
  });

  it('asks ml-train’s questions by what is to be learned', async () => {
    const { page } = editor;
    const id = await editor.drop('ml-train', 600, 300);
    await editor.edit(id);
    const isShown = (property: string): Promise<boolean> => page.locator(input(property)).isVisible();
    const offered = (): Promise<string[]> => page.locator(`${input('algorithm')} option`).allTextContents();
    const both = ['algorithm', 'source', 'trainAfterRows', 'step', 'conditionField', 'timeZone', 'activate'];
    const ofDetection = ['shared', 'thresholdBy', 'fields', 'hourOfDay'];
    const ofForecasts = ['target', 'horizon', 'otherFields', 'budgetSeconds'];
    const check = async (shownNow: readonly string[], hidden: readonly string[]): Promise<void> => {
      for (const property of shownNow) should(await isShown(property)).equal(true, property);
      for (const property of hidden) should(await isShown(property)).equal(false, property);
    };
    await check([...both, ...ofDetection], ofForecasts);
    const summary = await page.locator('[data-summary]').textContent();

    await answer({ task: 'forecast' });
    await check([...both, ...ofForecasts], ofDetection);
    should(await page.locator('[data-summary]').textContent()).not.equal(summary);
    should(await offered())
      .containEql('Same as last time')
      .and.not.containEql('Isolation forest');
    const answers = { target: 'level', horizon: '2 d', otherFields: 'flow, pressure', budgetSeconds: '5' };
    await answer({ ...answers, algorithm: 'seasonal-naive' });
    should(await isShown('budgetSeconds')).be.false();
    await page.selectOption('#ml-param-season', 'longest');
    await editor.done();
    const expected = { ...answers, task: 'forecast', algorithm: 'seasonal-naive', params: { season: 'longest' } };
    for (const [property, value] of Object.entries(expected)) should(await editor.property(id, property)).eql(value);
    should(await editor.property(id, 'valid')).be.true();

    await editor.edit(id);
    should(await page.inputValue(input('algorithm'))).equal('seasonal-naive');
    await answer({ task: 'detect' });
    should(await page.inputValue(input('algorithm'))).equal('auto');
    should(await offered())
      .containEql('Isolation forest')
      .and.not.containEql('Same as last time');
    await answer({ task: 'forecast' });
    should(await page.inputValue('#ml-param-season')).equal('longest');
    await editor.done();
    await page.evaluate(`RED.nodes.remove('${id}'); RED.view.redraw(true);`);
  });

  it('asks where past readings are, and what is to be written, once there is a database', async () => {
    const { page } = editor;
    const id = await editor.drop('ml-forecast', 600, 400);
    await editor.edit(id);
    const check = async (wanted: boolean, ...properties: readonly string[]): Promise<void> => {
      for (const property of properties) {
        should(await page.locator(input(property)).isVisible()).equal(wanted, property);
      }
    };
    await check(false, 'historyLayout', 'historyTable', 'historyRange', 'writeEvery');
    await answer({ database: 'plant' });
    await check(true, 'historyLayout', 'historyTable', 'historyRange');
    await check(false, 'historySql', 'writeEvery');
    await answer({ resultsDatabase: 'plant' });
    await check(true, 'writeEvery');
    await editor.done();
    await page.evaluate(`RED.nodes.remove('${id}'); RED.view.redraw(true);`);
  });

  it('takes ml-forecast’s limits as numbers, properties and fields', async () => {
    const { page } = editor;
    const id = await editor.drop('ml-forecast', 600, 500);
    await editor.edit(id);
    const choose = (property: string, type: string, value: string): Promise<void> =>
      page.evaluate(`$('${input(property)}').typedInput('type', '${type}').typedInput('value', '${value}')`);
    await choose('upperLimit', 'num', '80');
    await choose('lowerLimit', 'field', 'setpoint');
    await editor.done();
    const limits = { upperLimit: '80', upperLimitType: 'num', lowerLimit: 'setpoint', lowerLimitType: 'field' };
    for (const [property, value] of Object.entries(limits)) should(await editor.property(id, property)).equal(value);
    should(await editor.property(id, 'valid')).be.true();
    await editor.edit(id);
    await choose('upperLimit', 'num', 'high');
    await editor.done();
    should(await editor.property(id, 'valid')).be.false();
    await page.evaluate(`RED.nodes.remove('${id}'); RED.view.redraw(true);`);
  });

  it('keeps the lists and the parameters of a form', async () => {
    const { page } = editor;
    const [id] = await page.evaluate<string[]>("RED.nodes.filterNodes({ type: 'ml-train' }).map(({ id }) => id)");
    await editor.edit(id!);
    await page.fill('#ml-param-trees', '50');
    await page.check('#ml-param-bootstrap');
    const addTo = (list: string): Promise<void> =>
      page.locator(`.red-ui-editableList:has([data-list="${list}"]) .red-ui-editableList-addButton`).click();
    await addTo('derived');
    const derived = page.locator('[data-list="derived"] .ml-entry input:visible');
    await derived.nth(0).fill('load');
    await derived.nth(1).fill('current');
    await derived.nth(2).fill('rated');
    await addTo('featureRows');
    const feature = page.locator('[data-list="featureRows"] .ml-entry');
    await feature.locator('[data-suggest]').fill('flow');
    await feature.locator('[name="deviation"]').check();
    await feature.locator('.ml-short').fill('12');
    await editor.done();

    const expected = {
      params: { trees: 50, bootstrap: true },
      derived: [{ name: 'load', operation: 'percent', part: 'current', whole: 'rated' }],
      featureRows: [
        {
          field: 'flow',
          mean: true,
          deviation: true,
          minimum: false,
          maximum: false,
          window: 12,
          lags: '',
          rate: false,
        },
      ],
    };
    for (const [property, value] of Object.entries(expected)) {
      should(await editor.property(id!, property)).eql(value);
    }
    await editor.edit(id!);
    should(await page.inputValue('#ml-param-trees')).equal('50');
    await editor.done();
    for (const [property, value] of Object.entries(expected)) {
      should(await editor.property(id!, property)).eql(value);
    }
  });

  it('keeps own metrics', async () => {
    const { page } = editor;
    const [id] = await page.evaluate<string[]>("RED.nodes.filterNodes({ type: 'ml-synthetic' }).map(({ id }) => id)");
    should(await editor.property(id!, 'valid')).be.false();
    await editor.edit(id!);
    await page.locator('.red-ui-editableList-addButton').click();
    const inputs = page.locator('[data-list="metrics"] .ml-entry input');
    for (const [i, value] of ['temperature', '20', '3', '', '0.02', '', '90'].entries())
      await inputs.nth(i).fill(value);
    await editor.done();
    should(await editor.property(id!, 'metrics')).eql([
      { name: 'temperature', base: 20, daily: 3, weekly: 0, noise: 0.02, minimum: null, maximum: 90 },
    ]);
    should(await editor.property(id!, 'valid')).be.true();
  });

  it('makes a store from the form of a node that uses it', async () => {
    const { page } = editor;
    const [id] = await page.evaluate<string[]>("RED.nodes.filterNodes({ type: 'ml-detect' }).map(({ id }) => id)");
    await editor.edit(id!);
    should(await page.locator('#node-input-store option:checked').textContent()).equal('default folder');
    await editor.editConfig('store');
    await page.fill('#node-config-input-folder', 'line-2');
    await page.fill('#node-config-input-keep', '3');
    await editor.done();
    await editor.done();
    const store = await editor.property<string>(id!, 'store');
    should(await editor.property(store, 'folder')).equal('line-2');
    should(await editor.property(store, 'keep')).equal('3');
  });

  it('says what is wrong with a number, and marks the node', async () => {
    const { page } = editor;
    const id = await editor.drop('ml-detect', 600, 100);
    await editor.edit(id);
    await page.locator(input('raiseAfter')).pressSequentially('many');
    should(await page.locator(`${input('raiseAfter')}.input-error`).count()).equal(1);
    await editor.done();
    should(await editor.property(id, 'valid')).be.false();
    should((await editor.property<string[]>(id, 'validationErrors')).join()).match(
      /Raise after: must be a whole number from 1 to/,
    );
    await editor.edit(id);
    await page.fill(input('raiseAfter'), '${RAISE_AFTER}');
    await editor.done();
    should(await editor.property(id, 'valid')).be.true();
    await page.evaluate(`RED.nodes.remove('${id}'); RED.view.redraw(true);`);
  });

  it('offers the names of models that there are', async () => {
    const { page } = editor;
    const id = await editor.drop('ml-model-store', 600, 200);
    await editor.edit(id);
    await page.fill(input('model'), '');
    await page.locator(input('model')).press('ArrowDown');
    await page.locator('.red-ui-autoComplete-container a', { hasText: 'pump-health' }).click();
    should(await page.inputValue(input('model'))).equal('pump-health');
    await editor.done();
    should(await editor.property(id, 'model')).equal('pump-health');
    await page.evaluate(`RED.nodes.remove('${id}'); RED.view.redraw(true);`);
  });

  it('shows the help of every node', async () => {
    for (const type of NODE_TYPES) {
      await editor.page.evaluate(`RED.sidebar.help.show('${type}')`);
      const heading = CONFIG_NODES.includes(type) ? 'Details' : 'Inputs';
      await editor.page
        .locator('.red-ui-sidebar-help-content h3, .red-ui-help h3', { hasText: heading })
        .first()
        .waitFor();
    }
  });

  it('deploys all of it', async () => {
    await editor.deploy();
    const flows = (await (await demo.get('/flows')).json()) as FileNode[];
    for (const type of Object.keys(ANSWERS)) {
      should(flows.find((node) => node.type === type)).containEql(ANSWERS[type]);
    }
  });
});

describe('the demo in a browser', () => {
  let folder: string;
  let demo: RunningDemo;
  let editor: EditorPage;

  before(async function () {
    if (chromium === undefined) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'ml-demo-'));
    demo = await RunningDemo.start(folder);
    editor = await EditorPage.open(chromium, demo.url);
  });

  after(async () => {
    await editor?.close();
    await demo?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** How many readings ml-detect has learned from, as the canvas shows it, once they are more than `before`. */
  async function learned(before: number): Promise<number> {
    const counted = await editor.page.waitForFunction(
      `[...document.querySelectorAll('.red-ui-flow-node-status-label')]
        .map((label) => Number(/^learning (\\d+)\\//.exec(label.textContent)?.[1]))
        .find((count) => count > ${before})`,
    );
    return Number(await counted.jsonValue());
  }

  it('shows on the canvas that it learns, and goes on with it after a deploy', async () => {
    const before = await learned(0);
    should(await editor.page.locator('.red-ui-flow-node-error:visible').count()).equal(0);
    await editor.page.evaluate('RED.nodes.dirty(true)');
    await editor.deploy();
    should(await learned(before)).be.within(before + 1, before + 20);
    should(editor.problems).be.empty();
  });
});
