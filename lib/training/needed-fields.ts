import { inputsOf } from '../readings/derived';
import type { TrainingPlan } from './request';

/** The fields that a training needs readings to have; empty: all there are. */
export function neededFields(plan: TrainingPlan): readonly string[] {
  const { derived = [], judgeWhen } = plan.task === 'detection' ? plan.pipeline : plan.series;
  const named = plan.task === 'detection' ? (plan.pipeline.fields ?? []) : seriesFields(plan.series);
  if (named.length === 0) return [];
  const made = new Set(derived.map(({ name }) => name));
  const conditions = judgeWhen === undefined ? [] : [judgeWhen.field];
  const all = new Set([...named, ...derived.flatMap(inputsOf), ...conditions]);
  return [...all].filter((field) => !made.has(field));
}

function seriesFields({
  field,
  others = [],
}: {
  readonly field: string;
  readonly others?: readonly string[];
}): readonly string[] {
  return field === '' ? [] : [field, ...others];
}
