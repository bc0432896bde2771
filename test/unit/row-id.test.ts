import should from 'should';
import { rowId } from '#lib/postgres/results/row-id';

describe('ids of rows', () => {
  it('are UUIDs of version 7, each of its own, in order of their time', () => {
    const timesMs = [0, 1, Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1) + 0.5, Date.UTC(9999, 0, 1)];
    const ids = timesMs.flatMap((timeMs) => [rowId(timeMs), rowId(timeMs)]);
    for (const id of ids) id.should.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    new Set(ids).size.should.equal(ids.length);
    const milliseconds = ids.map((id) => parseInt(id.replaceAll('-', '').slice(0, 12), 16));
    should(milliseconds).eql(timesMs.flatMap((timeMs) => [Math.floor(timeMs), Math.floor(timeMs)]));
  });
});
