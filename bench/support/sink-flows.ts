import { flowOf } from './running-flow';

/** What a flow writes: of the results nothing; scores of all readings; the readings, too; of anomalies only. */
export const WRITING = ['nothing', 'scores', 'readings', 'anomalies'] as const;
export type Writing = (typeof WRITING)[number];
/** What judges: a trained isolation forest, or what is learned as it goes. */
export const JUDGES = ['trained', 'learning'] as const;
export type Judge = (typeof JUDGES)[number];

const SETTINGS: Readonly<Record<Writing, object>> = {
  nothing: {},
  scores: { resultsDatabase: 'database', writeScores: 'all' },
  readings: { resultsDatabase: 'database', writeScores: 'all', writeReadings: true },
  anomalies: { resultsDatabase: 'database', writeScores: 'anomalies' },
};
/** A flow's name. */
export const nameOf = (judge: Judge, writing: Writing): string => `${judge}-${writing}`;

/** The flows that are compared, one more to send through steadily, and their database. @param port - of its server */
export function sinkFlows(port: number): object[] {
  const database = { id: 'database', type: 'ml-database', host: '127.0.0.1', port: String(port) };
  const detect = { type: 'ml-detect' };
  const each = JUDGES.flatMap((judge) =>
    WRITING.flatMap((writing) => {
      const model = judge === 'trained' ? 'trained' : nameOf(judge, writing);
      return flowOf(nameOf(judge, writing), { ...detect, model, ...SETTINGS[writing] });
    }),
  );
  return [database, ...each, ...flowOf('restart', { ...detect, model: 'trained', ...SETTINGS.scores })];
}
