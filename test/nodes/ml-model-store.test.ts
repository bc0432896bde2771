import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import should from 'should';
import type { ModelCard } from '#lib/core/artifact';
import { openStore, type OpenStore } from '#lib/store/open-store';
import type { ImportReport, ModelSummary } from '#lib/store/store';
import mlModelStore from '#nodes/ml-model-store/ml-model-store';
import mlStore from '#nodes/ml-store/ml-store';
import { makeArtifact, makeForecaster } from '../support/artifact';
import { arrivals, give, loadFlow, type Message, nextStatus, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';

describe('ml-model-store', () => {
  const folder = temporaryFolder();
  const key = { name: 'pump-health', device: 'pump-07' };
  let store: OpenStore;

  const start = (config: object = {}): Promise<void> =>
    loadFlow(
      [mlStore, mlModelStore],
      [
        { id: 'models', type: 'ml-model-store', wires: [['out']], ...config },
        { id: 'out', type: 'helper' },
      ],
      { userDir: folder() },
    );
  const ask = async (message: Message): Promise<unknown> => {
    const { sent, error } = await give(runningNode('models'), message);
    if (error) throw error;
    sent.should.have.length(1);
    return (sent[0] as Message).payload;
  };
  const refusal = async (message: Message): Promise<string> => {
    const { sent, error } = await give(runningNode('models'), message);
    sent.should.be.empty();
    should(error).be.an.Error();
    return error!.message;
  };
  const save = (device = key.device): Promise<unknown> =>
    store.models.save(makeArtifact({ name: key.name, device }), true);

  beforeEach(() => {
    store = openStore(join(folder(), 'flowsight-ml'), { report: () => undefined });
  });
  afterEach(async () => {
    await unloadFlow();
    await store.release();
  });

  it('lists the models of the default folder as dropped on the canvas, and lets the message go on', async () => {
    await start();
    await save();
    const arrived = arrivals('out', 1);
    runningNode('models').receive({ topic: 'kept', payload: 'replaced' });
    const [message] = await arrived;
    should(message!.topic).equal('kept');
    const [summary] = message!.payload as ModelSummary[];
    summary!.should.containEql({ ...key, active: 1, pinned: false });
  });

  it('shows what it did', async () => {
    await start();
    const node = runningNode('models');
    const shown = nextStatus(node, ({ fill }) => fill === 'green');
    await ask({});
    should(await shown).eql({ fill: 'green', shape: 'dot', text: 'models: 0' });
  });

  it('gets a card and what the manifest says, without the model itself', async () => {
    await start({ action: 'get', model: 'pump-health' });
    await save();
    await save();
    const { card, manifest, ...others } = (await ask({ version: 1 })) as { card: ModelCard; manifest: ModelSummary };
    others.should.eql({});
    card.should.containEql({ ...key, version: 1, algorithm: 'mad', active: false });
    manifest.active!.should.equal(2);
    ((await ask({})) as { card: ModelCard }).card.version.should.equal(2);
  });

  it('activates, goes back and sets thresholds', async () => {
    await start({ model: 'pump-health', device: 'pump-07' });
    for (let i = 0; i < 3; i++) await save();
    should(await ask({ action: 'rollback' })).containEql({ active: 2, pinned: true });
    should(await ask({ action: 'activate', version: '3' })).containEql({ active: 3, pinned: false });
    should(await ask({ action: 'rollback', version: 1 })).containEql({ active: 1, pinned: true });
    should(await ask({ action: 'threshold', threshold: 0.8 })).containEql({ threshold: 0.8 });
    should(await ask({ action: 'threshold', threshold: null })).containEql({ threshold: null });
  });

  it('keeps forecasters like detectors, but sets them no threshold', async () => {
    await start({ model: 'tank-level', device: 'pump-07' });
    const level = { name: 'tank-level', device: 'pump-07' };
    for (let i = 0; i < 2; i++) await store.models.save(makeForecaster(level), true);
    const { card } = (await ask({ action: 'get' })) as { card: ModelCard };
    card.should.containEql({ version: 2, field: 'level', horizon: 1440, candidates: makeForecaster().card.candidates });
    should(await ask({ action: 'rollback' })).containEql({ active: 1, pinned: true });
    (await refusal({ action: 'threshold', threshold: 0.8 })).should.match(/forecasts, so that it has no threshold/);
    const text = await ask({ action: 'export' });
    await ask({ action: 'delete' });
    const report = (await ask({ action: 'import', payload: text })) as ImportReport;
    report.imported.map(({ version }) => version).should.eql([1, 2]);
    ((await ask({ action: 'list' })) as ModelSummary[])[0]!.should.containEql({ ...level, active: 1, pinned: true });
  });

  it('deletes a version, or the whole model, and prunes', async () => {
    await start();
    for (let i = 0; i < 4; i++) await save();
    const message = { model: key.name, device: key.device };
    should(await ask({ ...message, action: 'delete', version: 2 })).eql({ ...key, version: 2 });
    should(await ask({ ...message, action: 'prune', keep: 1 })).eql({ deleted: 2 });
    should(await ask({ action: 'prune' })).eql({ deleted: 0 });
    should(await ask({ ...message, action: 'delete' })).eql({ ...key, version: null });
    should(await ask({ action: 'list' })).eql([]);
  });

  it('carries models to another gateway', async () => {
    await start();
    await save('pump-07');
    await save('pump-08');
    const everything = (await ask({ action: 'export' })) as string;
    const one = (await ask({ action: 'export', device: 'pump-08' })) as string;
    one.length.should.be.below(everything.length);
    await ask({ action: 'delete', model: key.name, device: 'pump-07' });
    await ask({ action: 'delete', model: key.name, device: 'pump-08' });
    const report = (await ask({ action: 'import', payload: Buffer.from(one) })) as ImportReport;
    report.imported.should.eql([{ ...key, device: 'pump-08', version: 1 }]);
    report.failed.should.be.empty();
    report.note.should.match(/damage, not malice/);
    ((await ask({ action: 'import', payload: everything })) as ImportReport).imported.should.have.length(2);
  });

  it('uses the store that was chosen', async () => {
    const flow = [
      { id: 'store', type: 'ml-store', folder: 'elsewhere', keep: '2' },
      { id: 'models', type: 'ml-model-store', store: 'store', wires: [] },
    ];
    await loadFlow([mlStore, mlModelStore], flow, { userDir: folder() });
    const elsewhere = openStore(join(folder(), 'elsewhere'), { report: () => undefined, keep: 1 });
    elsewhere.keep.should.equal(2);
    await elsewhere.models.save(makeArtifact(key), true);
    ((await ask({})) as ModelSummary[]).should.have.length(1);
    await elsewhere.release();
  });

  it('says so when the store that was chosen is not there', async () => {
    await start({ store: 'gone' });
    (await refusal({})).should.match(/store this node uses is missing or switched off; choose another/);
  });

  const refused: readonly (readonly [string, Message, RegExp])[] = [
    ['an unknown action', { action: 'explode' }, /msg.action must be one of list, get, .*; got "explode"/],
    ['no model', { action: 'get' }, /To get, name a model: in msg.model or/],
    ['an unknown model', { action: 'get', model: 'x' }, /no model "x" for any device/],
    ['an unknown device', { action: 'get', model: 'pump-health', device: 'x' }, /no model "pump-health" for x/],
    [
      'a device that is not clear',
      { action: 'delete', model: 'pump-health' },
      /2 models .* for pump-07, pump-08 …: name/,
    ],
    ['no version', { action: 'activate', model: 'pump-health', device: 'pump-07' }, /number in msg.version/],
    ['a bad version', { action: 'get', version: 'new' }, /msg.version must be a whole number of at least 1, got "new"/],
    [
      'no threshold',
      { action: 'threshold', model: 'pump-health', device: 'pump-07' },
      /score from 0 to 1, in msg.thres/,
    ],
    ['a bad threshold', { action: 'threshold', threshold: 3 }, /msg.threshold must be a score from 0 to 1.* got 3/],
    ['a bad number to keep', { action: 'prune', keep: 0 }, /msg.keep must be a whole number of at least 1, got 0/],
    ['no text to import', { action: 'import', payload: {} }, /text of an export in msg.payload, got an object/],
    ['another text to import', { action: 'import', payload: 'hello' }, /must be the text that an export gave/],
    ['a model that is no name', { action: 'list', model: {} }, /msg.model must be a name, got an object/],
    ['an export of nothing', { action: 'export', model: 'x' }, /no model "x" for any device/],
    [
      'the active version to delete',
      { action: 'delete', model: 'pump-health', device: 'pump-07', version: 1 },
      /active one/,
    ],
  ];
  for (const [what, message, expected] of refused) {
    it(`refuses ${what} in a sentence that helps`, async () => {
      await start();
      await save('pump-07');
      await save('pump-08');
      (await refusal(message)).should.match(expected);
    });
  }

  it('says why nothing could be imported', async () => {
    await start();
    await save();
    const text = ((await ask({ action: 'export' })) as string).replaceAll('"rows":1500', '"rows":1');
    (await refusal({ action: 'import', payload: text })).should.match(
      /^Nothing could be imported; entry 2: .*checksum/,
    );
  });

  it('takes any message without harm', async () => {
    await start();
    await save();
    const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true });
    const actions = ['list', 'get', 'activate', 'rollback', 'threshold', 'export', 'import', 'prune', 'delete'];
    const message = fc.record(
      {
        action: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...actions) }, anything),
        model: fc.oneof(fc.constantFrom('pump-health', '__proto__', '../..'), fc.string(), anything),
        device: fc.oneof(fc.constant('pump-07'), fc.string(), anything),
        version: fc.oneof(fc.integer(), anything),
        threshold: fc.oneof(fc.double(), anything),
        keep: fc.oneof(fc.integer(), anything),
        payload: anything,
      },
      { requiredKeys: [] },
    );
    const property = fc.asyncProperty(message, async (received) => {
      const { sent, error } = await give(runningNode('models'), received);
      (sent.length === 1).should.equal(error === undefined);
      if (error) error.name.should.equal('MlError');
    });
    await fc.assert(property, { seed: 1, numRuns: 1000 });
    // It is none of the messages' business to leave anything outside the folder.
    (await readdir(folder())).should.eql(['flowsight-ml']);
  });
});
