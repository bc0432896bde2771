/**
 * What does it cost a flow that `ml-detect` writes its results, and is any lost? Readings a second through the same flow
 * with results written to a PostgreSQL server of the benchmark's own, against not written, in turns; then at a steady
 * pace, while that server is killed, is away for seconds, and is killed once more: rows against readings sent.
 */
import { join } from 'node:path';
import { forked } from './support/forked';
import { bench, fixed, printMachine, printTable } from './support/report';
import { type Judge, JUDGES, WRITING, type Writing } from './support/sink-flows';
import type { SinkFigures } from './support/sink-process';
import { interval, medianOf } from './support/timing';

const WORDS: Readonly<Record<Writing, string>> = {
  nothing: 'nothing',
  scores: 'all scores',
  readings: 'all scores, and the readings',
  anomalies: 'anomalies only',
};

bench(async () => {
  printMachine();
  const { perSecond, processorUs, restart } = await forked<SinkFigures>(join('support', 'sink-process.js'));
  /** In each round against the same round without writing. */
  const ratios = (judge: Judge, writing: Writing): number[] =>
    perSecond[judge][writing].map((rate, round) => rate / perSecond[judge].nothing[round]!);
  const processorRatio = (judge: Judge, writing: Writing): number =>
    medianOf(processorUs[judge].nothing) / medianOf(processorUs[judge][writing]);
  for (const judge of JUDGES) {
    printTable(
      [
        judge === 'trained' ? 'auto' : 'learning as it goes',
        'readings a second',
        'ratio',
        'processor, µs a reading',
        'ratio',
      ],
      WRITING.map((writing) => [
        WORDS[writing],
        fixed(medianOf(perSecond[judge][writing]), 0),
        interval(ratios(judge, writing)),
        fixed(medianOf(processorUs[judge][writing]), 1),
        fixed(processorRatio(judge, writing), 2),
      ]),
    );
  }
  const { sent, lost, duplicated } = restart;
  console.log(`Server killed twice: ${sent} readings sent, ${lost} lost, ${duplicated} written twice.\n`);
  const figures = (judge: Judge): Record<string, unknown> => ({
    ratio: medianOf(ratios(judge, 'scores')),
    readings_per_s: { written: medianOf(perSecond[judge].scores), not_written: medianOf(perSecond[judge].nothing) },
    processor_ratio: processorRatio(judge, 'scores'),
    ratio_with_readings: medianOf(ratios(judge, 'readings')),
    ratio_anomalies_only: medianOf(ratios(judge, 'anomalies')),
  });
  return { ...figures('trained'), learning: figures('learning'), sent, lost, duplicated };
});
