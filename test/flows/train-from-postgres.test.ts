import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import should from 'should';
import type { ModelCard } from '#lib/core/artifact';
import { openSharedEmbedded } from '#lib/postgres/shared-embedded';
import mlDatabase from '#nodes/ml-database/ml-database';
import mlDetect from '#nodes/ml-detect/ml-detect';
import mlSynthetic from '#nodes/ml-synthetic/ml-synthetic';
import mlTrain from '#nodes/ml-train/ml-train';
import { type FileNode, ROOT } from '../support/demo';
import { arrivals, type FlowNode, loadFlow, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';

const example = JSON.parse(readFileSync(join(ROOT, 'examples/06 train from Postgres.json'), 'utf8')) as (FileNode &
  FlowNode)[];
const named = (type: string, name: string): string =>
  example.find((node) => node.type === type && node.name === name)!.id;

describe('the example "train from Postgres"', function () {
  this.timeout(120_000);
  afterEach(unloadFlow);
  const folder = temporaryFolder();

  it('goes from readings that were written to a model for each device, by which they are judged', async () => {
    // What is pressed is given by hand, and what is shown is listened to.
    const flow = example
      .filter(({ type }) => !['comment', 'inject'].includes(type))
      .map((node) => (node.type === 'debug' ? { ...node, type: 'helper' } : node)) as FlowNode[];
    await loadFlow([mlDatabase, mlSynthetic, mlDetect, mlTrain], flow, { userDir: folder() });
    const synthetic = runningNode(named('ml-synthetic', 'three pumps'));
    const verdicts = async (): Promise<readonly { readonly device: string; readonly model: object }[]> => {
      const arrived = arrivals(named('debug', 'model of the last reading'), 1);
      synthetic.receive({});
      const [message] = await arrived;
      return message!.anomaly as { device: string; model: object }[];
    };

    should((await verdicts()).at(-1)!.model).containEql({ version: 0 });
    const client = await openSharedEmbedded(join(folder(), 'flowsight-ml-database'), __dirname);
    const written = async (): Promise<number> =>
      (await client.query<{ rows: number }>('SELECT count(*)::int AS rows FROM flowsight.metrics_history'))[0]!.rows;
    while ((await written().catch(() => 0)) < 3 * 1440) await pause(50);

    const cards = arrivals(named('debug', 'model cards'), 3);
    runningNode(example.find(({ type }) => type === 'ml-train')!.id).receive({});
    const trained = (await cards).map(({ payload }) => payload as ModelCard);
    trained.map(({ device }) => device).should.eql(['pump-01', 'pump-02', 'pump-03']);
    for (const { rows, version, features } of trained) {
      rows.should.be.above(1300);
      version.should.equal(1);
      features.length.should.be.above(3);
    }
    should((await verdicts()).at(-1)).containDeep({ device: 'pump-03', model: { version: 1 } });
    await client.close();
  });
});
