import { MlError } from '../../lib/core/errors';
import type { ReadingTable } from '../../lib/core/readings';
import { MAX_TEXT_LENGTH } from '../../lib/readings/limits';
import { csvText, jsonText } from '../../lib/readings/reading-text';
import type { Answer } from './actions';
import type { DataRequest } from './data-request';

/** A text that is sent in pieces, one message each. */
export interface Pieces {
  readonly pieces: AsyncIterable<string>;
}

const CONTENT_TYPES = { json: 'application/json', csv: 'text/csv; charset=utf-8' } as const;

/**
 * Readings as text: in pieces, for files and the like, or, where the message came from an `http in` node, in one piece,
 * since it can be answered only once.
 * @param readings - gives them from the beginning, each time it is called
 * @throws MlError `LIMIT` where one piece would be too large
 */
export async function exportReadings(
  request: DataRequest,
  readings: () => AsyncIterable<ReadingTable>,
): Promise<Answer | Pieces> {
  const pieces = textOf(request, readings);
  if (request.message.res === undefined) return { pieces };
  const payload = await whole(pieces);
  const headers = { ...(request.message.headers as object | undefined), 'content-type': CONTENT_TYPES[request.format] };
  return { payload, number: payload.length, properties: { headers } };
}

async function* textOf(
  { format, fields }: DataRequest,
  readings: () => AsyncIterable<ReadingTable>,
): AsyncGenerator<string> {
  if (format === 'json') yield* jsonText(readings());
  else yield* csvText(readings(), fields.length > 0 ? fields : await fieldsIn(readings()));
}

/** The names stand in the first line, before it is known what comes: so all is read once for them alone. */
async function fieldsIn(readings: AsyncIterable<ReadingTable>): Promise<readonly string[]> {
  const fields = new Set<string>();
  for await (const part of readings) for (const field of part.fields) fields.add(field);
  return [...fields].sort();
}

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  const texts: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > MAX_TEXT_LENGTH) {
      throw new MlError(
        'LIMIT',
        `The export has more than ${MAX_TEXT_LENGTH} characters, which is too much for one answer: ask for a shorter ` +
          'time by msg.from and msg.to, or for fewer fields by msg.fields.',
      );
    }
    texts.push(piece);
  }
  return texts.join('');
}
