import should from 'should';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { columnOf } from '#lib/core/table';
import { findData, numbersOf, readCsv } from '../../bench/support/data';
import { race } from '../../bench/support/timing';

/** A contestant that needs these milliseconds, then nothing more; counts its runs. */
function runner(...ms: (number | null)[]): { run: () => number | null; runs: () => number } {
  let runs = 0;
  return { run: () => ms[Math.min(runs++, ms.length - 1)]!, runs: () => runs };
}

describe('a race', () => {
  it('takes the median of the rounds after the first', async () => {
    const [a, b] = [runner(90, 3, 1, 2), runner(80, 7)];
    should(await race({ a: a.run, b: b.run }, 3)).eql({ a: 2, b: 7 });
    should([a.runs(), b.runs()]).eql([4, 4]);
  });

  it('leaves out who is not there', async () => {
    should(await race({ here: () => 1, absent: () => null }, 2)).eql({ here: 1, absent: null });
  });

  it('lets a very slow one sit out, after one run at the least', async () => {
    const [slow, slower, quick] = [runner(9000, 8000), runner(20_000), runner(1)];
    const medians = await race({ slow: slow.run, slower: slower.run, quick: quick.run }, 5);
    should(medians).eql({ slow: 8000, slower: 20_000, quick: 1 });
    should([slow.runs(), slower.runs(), quick.runs()]).eql([2, 1, 6]);
  });
});

describe('benchmark data', () => {
  const given = process.env.ML_BENCH_DATA;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ml-data-'));
    process.env.ML_BENCH_DATA = folder;
  });
  afterEach(() => {
    if (given === undefined) delete process.env.ML_BENCH_DATA;
    else process.env.ML_BENCH_DATA = given;
    rmSync(folder, { recursive: true });
  });

  it('is taken from the folder that ML_BENCH_DATA names', () => {
    mkdirSync(join(folder, 'skab'));
    should(findData('skab')).equal(join(folder, 'skab'));
  });

  it('is said to be absent, with where to look and where it comes from', () => {
    const said: string[] = [];
    const log = console.log;
    console.log = (line: string) => void said.push(line);
    try {
      should(findData('nab')).be.null();
    } finally {
      console.log = log;
    }
    said.join('\n').should.containEql(folder).and.containEql('github.com/numenta/NAB').and.containEql('ML_BENCH_DATA');
  });

  it('is read from CSV by the names of columns', () => {
    const path = join(folder, 'x.csv');
    writeFileSync(path, 'when;b;a\r\n2020-03-01;1.5;2\r\n2020-03-02;-3;4e2\r\n');
    const csv = readCsv(path, ';');
    should(csv.rows[1]).eql(['2020-03-02', '-3', '4e2']);
    should([...columnOf(numbersOf(csv, ['a', 'b']), 0)]).eql([2, 400]);
    should(() => numbersOf(csv, ['c'])).throw('No column "c" among when, b, a.');
  });
});
