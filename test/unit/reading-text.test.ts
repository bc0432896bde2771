import should from 'should';
import type { ReadingTable } from '#lib/core/readings';
import { readingRows } from '#lib/readings/reading-rows';
import { csvText, jsonText } from '#lib/readings/reading-text';
import { parsePayload } from '#lib/readings/payload';

const minute = (i: number): number => Date.UTC(2026, 4, 3, 14, i);

const part = (changes: Partial<ReadingTable>): ReadingTable => ({
  device: 'pump-1',
  fields: ['flow', 'motor.current'],
  timestampsMs: Float64Array.of(minute(0), minute(1)),
  data: Float64Array.of(1.5, -2, NaN, 1e21),
  ...changes,
});

async function* from(...parts: ReadingTable[]): AsyncGenerator<ReadingTable> {
  for (const each of parts) yield await Promise.resolve(each);
}

async function all(pieces: AsyncIterable<string>): Promise<string[]> {
  const texts: string[] = [];
  for await (const text of pieces) texts.push(text);
  return texts;
}

describe('readings as rows', () => {
  it('are flat objects without what is missing', () => {
    readingRows(part({ labels: [null, 'leak'] })).should.eql([
      { device: 'pump-1', timestamp: '2026-05-03T14:00:00.000Z', flow: 1.5, 'motor.current': -2 },
      { device: 'pump-1', timestamp: '2026-05-03T14:01:00.000Z', 'motor.current': 1e21, label: 'leak' },
    ]);
  });

  it('are what the nodes take as a batch', () => {
    const { readings, isBatch } = parsePayload(readingRows(part({ labels: ['normal', 'leak'] })), []);
    isBatch.should.be.true();
    should([...readings[0]!.values]).eql([
      ['flow', 1.5],
      ['motor.current', -2],
    ]);
    should(readings.map(({ device, label, time }) => [device, label, time?.value])).eql([
      ['pump-1', 'normal', '2026-05-03T14:00:00.000Z'],
      ['pump-1', 'leak', '2026-05-03T14:01:00.000Z'],
    ]);
  });

  it('let no field pose as the device, or change what an object is', () => {
    const [row] = readingRows(
      part({ fields: ['device', '__proto__'], timestampsMs: Float64Array.of(minute(0)), data: Float64Array.of(1, 2) }),
    );
    should(Object.keys(row!)).eql(['device', 'timestamp']);
    should(row!.device).equal('pump-1');
  });
});

describe('readings as JSON', () => {
  it('come in pieces that make one array', async () => {
    const pieces = await all(jsonText(from(part({}), part({ device: 'pump-2', labels: [null, 'normal'] }))));
    pieces.should.have.length(3);
    should(JSON.parse(pieces.join(''))).eql([
      ...readingRows(part({})),
      ...readingRows(part({ device: 'pump-2', labels: [null, 'normal'] })),
    ]);
  });

  it('are an empty array where there are none', async () => {
    const none = part({ timestampsMs: new Float64Array(0), data: new Float64Array(0) });
    should(JSON.parse((await all(jsonText(from(none)))).join(''))).eql([]);
    should(JSON.parse((await all(jsonText(from()))).join(''))).eql([]);
  });
});

describe('readings as CSV', () => {
  it('have one line with the names, columns in one order, and nothing for what is missing', async () => {
    const other = part({
      fields: ['motor.current', 'flow', 'late'],
      data: Float64Array.of(7, 8, 9, 10, NaN, 12),
      labels: ['normal', null],
    });
    const pieces = await all(csvText(from(part({}), other), ['flow', 'motor.current']));
    pieces.should.have.length(3);
    pieces
      .join('')
      .should.equal(
        'device,timestamp,flow,motor.current,label\r\n' +
          'pump-1,2026-05-03T14:00:00.000Z,1.5,-2,\r\n' +
          'pump-1,2026-05-03T14:01:00.000Z,,1e+21,\r\n' +
          'pump-1,2026-05-03T14:00:00.000Z,8,7,normal\r\n' +
          'pump-1,2026-05-03T14:01:00.000Z,,10,\r\n',
      );
  });

  it('quote what needs it, and compute nothing in a spreadsheet', async () => {
    const hostile = ['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\tx', '\rx', 'a,b', 'say "no"', 'two\nlines'];
    for (const text of hostile) {
      const table = part({ device: text, fields: [text], labels: [text, null], data: Float64Array.of(-1, 2) });
      const [head, rows] = await all(csvText(from(table), [text]));
      const cells = parseCsv(head! + rows!);
      const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
      should(cells[0]).eql(['device', 'timestamp', plain, 'label']);
      should(cells[1]).eql([plain, '2026-05-03T14:00:00.000Z', '-1', plain]);
    }
  });

  it('have the names even where there are no readings', async () => {
    should(await all(csvText(from(), ['flow']))).eql(['device,timestamp,flow,label\r\n']);
  });
});

/** A reader of RFC 4180, as small as can be. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}
