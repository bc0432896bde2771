import type { ForecasterArtifact } from '#lib/core/artifact';
import type { LearningJob } from '#lib/forecasting/learner';
import { train } from '#lib/training/train';

/** A model that repeats the last season, as training makes it. @param name - the model's */
export async function fitted(
  { table, series, horizonMs }: LearningJob,
  name = 'temperature',
): Promise<ForecasterArtifact> {
  const artifact = await train({
    task: 'forecast',
    name,
    device: table.device,
    algorithm: 'seasonal-naive',
    params: {},
    minRows: 2,
    seed: 1,
    learnAlarms: true,
    tables: [table],
    series,
    horizonMs,
    budgetSeconds: 5,
  });
  return artifact;
}
