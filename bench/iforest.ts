/** Speed of the isolation forest, 100 trees × 256 rows, against scikit-learn and npm's isolation-forest. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Detector } from '#lib/core/algorithm';
import { checkParams } from '#lib/core/params';
import { Random } from '#lib/core/random';
import { makeTable, rowOf, sliceRows, type Table } from '#lib/core/table';
import { isolationForest } from '#lib/detectors/isolation-forest';
import { auc } from './support/metrics';
import { npmPeer } from './support/npm-peer';
import { PythonPeer } from './support/python-peer';
import { bench, fixed, printMachine, printTable } from './support/report';
import { medianOf, race, timed, timedAsync } from './support/timing';

const SIZES = [
  { rows: 10_080, columns: 4 },
  { rows: 100_000, columns: 14 },
];
const ROUNDS = 9;
/** Fits in a row here, of which the median counts: they are so short that clearing away a peer's garbage would decide. */
const FITS = 5;
/** Rows scored one by one; scikit-learn needs some 10 ms for each. */
const SINGLE_ROWS = { here: 20_000, peer: 20 };

interface LabelledTable {
  readonly x: Table;
  readonly anomalous: Uint8Array;
}

/** Three operating states, each with features that move together; one row in a hundred has some features shifted. */
function makeData(rows: number, columns: number, seed: number): LabelledTable {
  const random = new Random(seed);
  const states = Array.from({ length: 3 }, () => ({
    means: Float64Array.from({ length: columns }, () => random.uniform(-4, 4)),
    mixing: Float64Array.from({ length: columns * columns }, () => 0.5 * random.normal()),
  }));
  const data = new Float64Array(rows * columns);
  const anomalous = new Uint8Array(rows);
  const shiftedShare = columns > 4 ? 0.35 : 0.6;
  for (let r = 0; r < rows; r++) {
    const { means, mixing } = states[random.below(states.length)]!;
    const sources = Float64Array.from({ length: columns }, () => random.normal());
    anomalous[r] = Number(random.uniform() < 0.01);
    for (let c = 0; c < columns; c++) {
      let value = means[c]! + sources[c]!;
      for (let k = 0; k < c; k++) value += mixing[c * columns + k]! * sources[k]!;
      if (anomalous[r] && random.uniform() < shiftedShare) {
        value += random.uniform(2.5, 5) * (random.uniform() < 0.5 ? -1 : 1);
      }
      data[r * columns + c] = value;
    }
  }
  const names = Array.from({ length: columns }, (_, c) => `x${c}`);
  return { x: makeTable(names, data), anomalous };
}

/** What we use of npm's isolation-forest. */
type NpmForest = new (
  trees: number,
  sampleSize: number,
) => {
  fit(data: readonly Readonly<Record<string, number>>[]): void;
  scores(): number[];
  predict(data: readonly Readonly<Record<string, number>>[]): number[];
};

function asObjects(x: Table): Record<string, number>[] {
  return Array.from({ length: x.rows }, (_, r) =>
    Object.fromEntries(Array.from(rowOf(x, r), (value, c) => [x.columns[c]!, value])),
  );
}

/** A figure of each contestant. */
type Each = Readonly<Record<'here' | 'sklearn' | 'npm', number | null>>;

interface Figures {
  readonly fitMs: Each;
  readonly scoreMs: Each;
  readonly rowUs: Each;
  readonly auc: Each;
  readonly explainUs: number;
}

async function measure(
  { x, anomalous }: LabelledTable,
  sklearn: PythonPeer | null,
  npmForest: NpmForest | null,
  folder: string,
): Promise<Figures> {
  const params = checkParams(isolationForest.id, isolationForest.params);
  if (sklearn) {
    const path = join(folder, `${x.rows}.f64`);
    writeFileSync(path, x.data);
    await sklearn.ask({ action: 'load', path, columns: x.columns.length });
  }
  const objects = npmForest ? asObjects(x) : [];
  const peer = npmForest ? new npmForest(100, 256) : null;
  let model!: Detector;
  let seed = 0;
  const askMs = async (request: Record<string, unknown>): Promise<number | null> =>
    sklearn ? (await sklearn.ask<{ ms: number }>(request)).ms : null;

  const fit = await race(
    {
      here: async () => {
        const fits: number[] = [];
        for (let i = 0; i < FITS; i++) {
          fits.push(await timedAsync(async () => (model = await isolationForest.fit(x, params, { seed: ++seed }))));
        }
        return medianOf(fits);
      },
      sklearn: () => askMs({ action: 'fit', seed }),
      npm: () => peer && timed(() => peer.fit(objects)),
    },
    ROUNDS,
  );
  const score = await race(
    {
      here: () => timed(() => model.score(x)),
      sklearn: () => askMs({ action: 'score' }),
      npm: () => peer && timed(() => peer.predict(objects)),
    },
    ROUNDS,
  );
  const row = await race(
    {
      here: () => singleRowMs(SINGLE_ROWS.here, x, (one) => model.score(one)),
      sklearn: () => askMs({ action: 'row', rows: SINGLE_ROWS.peer }),
      npm: () => peer && singleRowMs(SINGLE_ROWS.here, x, (_, r) => peer.predict([objects[r]!])),
    },
    3,
  );
  const theirs = await sklearn?.ask<{ scores: number[] }>({ action: 'score', scores: true });
  return {
    fitMs: fit,
    scoreMs: score,
    rowUs: { here: row.here! * 1000, sklearn: row.sklearn && row.sklearn * 1000, npm: row.npm && row.npm * 1000 },
    explainUs: 1000 * singleRowMs(SINGLE_ROWS.here, x, (one) => model.explain(one.data)),
    auc: {
      here: auc(model.score(x), anomalous),
      sklearn: theirs ? auc(theirs.scores, anomalous) : null,
      npm: peer ? auc(peer.predict(objects), anomalous) : null,
    },
  };
}

/** Median milliseconds for one row, each timed in a batch of a hundred calls: the clock is too coarse for one. */
function singleRowMs(calls: number, x: Table, score: (one: Table, row: number) => unknown): number {
  const times: number[] = [];
  for (let call = 0; call < calls; call += 100) {
    const ms = timed(() => {
      for (let i = call; i < call + 100; i++) score(sliceRows(x, i % x.rows, (i % x.rows) + 1), i % x.rows);
    });
    times.push(ms / 100);
  }
  return medianOf(times);
}

const ratio = (theirs: number | null, ours: number | null): number | null =>
  theirs === null || ours === null ? null : theirs / ours;

bench(async () => {
  const npm = npmPeer('isolation-forest');
  const sklearn = await PythonPeer.start('iforest.py', 'scikit-learn');
  printMachine({ 'scikit-learn': sklearn?.version ?? null, 'isolation-forest': npm?.version ?? null });
  const npmForest = (npm?.exports as { IsolationForest: NpmForest } | undefined)?.IsolationForest ?? null;
  const folder = mkdtempSync(join(tmpdir(), 'ml-bench-'));
  const results: Record<string, unknown>[] = [];
  try {
    for (const { rows, columns } of SIZES) {
      const figures = await measure(makeData(rows, columns, 42), sklearn, npmForest, folder);
      const { fitMs, scoreMs, rowUs, explainUs } = figures;
      printTable(
        [`${rows} × ${columns}`, 'fit ms', 'score ms', 'one row µs', 'explain µs', 'AUC'],
        (['here', 'sklearn', 'npm'] as const).map((who) => [
          { here: 'isolation-forest here', sklearn: 'scikit-learn', npm: 'npm isolation-forest' }[who],
          fixed(fitMs[who], 2),
          fixed(scoreMs[who], 1),
          fixed(rowUs[who], 2),
          who === 'here' ? fixed(explainUs, 2) : null,
          fixed(figures.auc[who], 4),
        ]),
      );
      results.push({
        fit_speedup_sklearn: ratio(fitMs.sklearn, fitMs.here),
        score_speedup_sklearn: ratio(scoreMs.sklearn, scoreMs.here),
        row_us: rowUs.here,
        explain_us: explainUs,
        fit_speedup_npm: ratio(fitMs.npm, fitMs.here),
        score_speedup_npm: ratio(scoreMs.npm, scoreMs.here),
        auc: figures.auc,
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
    await sklearn?.stop();
  }
  // The smaller size is the one a gateway meets: its figures stand at the top.
  const [small, large] = results;
  return { ...small, large };
});
