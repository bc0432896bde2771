/** Seven public outlier sets: is our isolation forest as good as the published one? Unsupervised, all rows, five seeds. */
import { join } from 'node:path';
import { checkParams } from '#lib/core/params';
import { mean } from '#lib/core/statistics';
import { columnOf } from '#lib/core/table';
import { isolationForest } from '#lib/detectors/isolation-forest';
import { findData, numbersOf, readCsv } from './support/data';
import { auc } from './support/metrics';
import { bench, fixed, printMachine, printTable } from './support/report';

/** Mean AUC of Isolation Forest in ADBench (S. Han et al., NeurIPS 2022), and how far from it a right one may be. */
const PUBLISHED = [
  { set: 'shuttle', published: 0.997, tolerance: 0.02 },
  { set: 'thyroid', published: 0.979, tolerance: 0.02 },
  { set: 'cardio', published: 0.922, tolerance: 0.02 },
  { set: 'pendigits', published: 0.947, tolerance: 0.02 },
  { set: 'satimage-2', published: 0.993, tolerance: 0.02 },
  { set: 'fault', published: 0.544, tolerance: 0.05 },
  { set: 'wilt', published: 0.451, tolerance: 0.03 },
];
const SEEDS = [1, 2, 3, 4, 5];

async function meanAuc(path: string): Promise<number> {
  const csv = readCsv(path);
  const x = numbersOf(csv, csv.columns.slice(0, -1));
  const labels = columnOf(numbersOf(csv, csv.columns.slice(-1)), 0);
  const params = checkParams(isolationForest.id, isolationForest.params);
  const aucs: number[] = [];
  for (const seed of SEEDS) {
    const model = await isolationForest.fit(x, params, { seed });
    aucs.push(auc(model.score(x), labels));
  }
  return mean(aucs);
}

bench(async () => {
  printMachine();
  const folder = findData('adbench');
  const measured = new Map<string, number>();
  for (const { set } of folder === null ? [] : PUBLISHED) {
    measured.set(set, await meanAuc(join(folder!, `${set}.csv`)));
  }
  printTable(
    ['AUC', 'published', 'here', 'difference', 'allowed', ''],
    PUBLISHED.map(({ set, published, tolerance }) => {
      const here = measured.get(set) ?? null;
      const difference = here === null ? null : here - published;
      const verdict = difference === null ? null : Math.abs(difference) <= tolerance ? 'ok' : 'off';
      return [set, published.toFixed(3), fixed(here, 3), fixed(difference, 3), `±${tolerance}`, verdict];
    }),
  );
  return { auc: folder === null ? null : Object.fromEntries(measured) };
});
