import type { Condition, Pipeline } from '../core/pipeline';
import type { FeatureRow } from '../readings/feature-row';
import { durationText } from '../readings/plain-words';

/** Names that a sentence lists before it says "and so many more". */
const NAMED = 3;

/** What the notes speak of. */
type NotedPipeline = Pick<Pipeline, 'judgeWhen' | 'fields' | 'stepMs'>;

/** Why readings for which a condition does not hold are not judged. */
export function conditionNote(condition: Condition, reading: ReadonlyMap<string, number>): string {
  const { field, comparison, value } = condition;
  const is = reading.has(field) ? `${field} is ${reading.get(field)!}` : `${field} is missing`;
  return `Not judged: only readings with ${field} ${comparison} ${value} are, and ${is}.`;
}

/** What should be known about the verdict on a row, in plain words; undefined where there is nothing to say. */
export function noteOf(row: FeatureRow, { judgeWhen, fields, stepMs }: NotedPipeline): string | undefined {
  if (row.verdict === 'not-now' && judgeWhen !== undefined) return conditionNote(judgeWhen, row.reading);
  if (row.verdict === 'mostly-missing') {
    return `Not judged: ${row.missing.length} of ${fields.length} fields are missing (${listed(row.missing)}).`;
  }
  const lacksPast = row.withoutPast > 0 && !row.late;
  if (row.sampling !== 'slower' && !row.late && !lacksPast) return undefined;
  const notes = [
    row.sampling === 'slower' &&
      `Readings come more slowly than the one every ${durationText(stepMs)} that the model was trained on.`,
    row.late && 'The reading came late: it is judged without those before it and changes no alarm.',
    lacksPast &&
      `${row.withoutPast} of ${row.values.length} features need earlier readings that are not there: what is usual stands in for them.`,
  ].filter((note) => note !== false);
  return notes.join(' ');
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return names.slice(0, NAMED).join(', ') + more;
}
