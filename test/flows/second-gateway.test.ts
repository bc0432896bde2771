import { join } from 'node:path';
import should from 'should';
import { openStore } from '#lib/store/open-store';
import type { ImportReport } from '#lib/store/store';
import mlModelStore from '#nodes/ml-model-store/ml-model-store';
import mlStore from '#nodes/ml-store/ml-store';
import { makeArtifact } from '../support/artifact';
import { arrivals, loadFlow, type NodeModule, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const fileNodes = require('@node-red/nodes/core/storage/10-file.js') as NodeModule;

/** The way that docs/operating.md describes: export → file, carried over, file → import. */
describe('a second gateway', () => {
  const folder = temporaryFolder();
  afterEach(unloadFlow);

  it('gets the models of the first one through a file', async () => {
    const file = join(folder(), 'models.jsonl');
    const key = { name: 'pump-health', device: 'pump-07' };
    const first = openStore(join(folder(), 'first'), { report: () => undefined });
    await first.models.save(makeArtifact(key), true);
    await first.models.save(makeArtifact({ ...key, device: '*' }), true);
    await first.models.setThreshold(key, 0.8);

    // The file nodes as they are dropped on the canvas.
    const fileNode = { filename: file, filenameType: 'str', encoding: 'none' };
    await loadFlow(
      [mlStore, mlModelStore, fileNodes],
      [
        { id: 'one', type: 'ml-store', folder: 'first' },
        { id: 'two', type: 'ml-store', folder: 'second' },
        { id: 'exporting', type: 'ml-model-store', store: 'one', action: 'export', wires: [['write']] },
        { id: 'write', type: 'file', ...fileNode, appendNewline: true, overwriteFile: 'true', wires: [['read']] },
        { id: 'read', type: 'file in', ...fileNode, format: 'utf8', allProps: false, wires: [['importing']] },
        { id: 'importing', type: 'ml-model-store', store: 'two', action: 'import', wires: [['out']] },
        { id: 'out', type: 'helper' },
      ],
      { userDir: folder() },
    );
    const arrived = arrivals('out', 1);
    runningNode('exporting').receive({});
    const [message] = await arrived;
    const report = message!.payload as ImportReport;
    report.failed.should.eql([]);
    report.imported.should.eql([
      { ...key, device: '*', version: 1 },
      { ...key, version: 1 },
    ]);

    const second = openStore(join(folder(), 'second'), { report: () => undefined });
    should(await second.models.active(key)).eql(await first.models.active(key));
    await first.release();
    await second.release();
  });
});
