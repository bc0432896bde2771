import should from 'should';
import { databaseError } from '#lib/postgres/database-error';
import { TableWriter } from '#lib/postgres/results/table-writer';
import { database } from '../support/databases';

const never = (): never => {
  throw new Error('Nothing is wrong here.');
};

describe('the writer of one table', () => {
  it('loses nothing that comes while a batch ends, just before it closes', async () => {
    // At whichever step of the ending it is: each is one turn of the queue of promises.
    for (let turns = 0; turns < 20; turns++) {
      const rows: string[] = [];
      let end: () => void = () => undefined;
      const writer = new TableWriter(
        database(() => Promise.reject(new Error('Nobody should ask for it.'))),
        {
          kept: 10_000,
          insert: async (batch) => {
            if (rows.length === 0) await new Promise<void>((resolve) => (end = resolve));
            rows.push(...batch);
          },
          onLost: never,
          onRefused: never,
          onHeld: never,
          onWritten: () => undefined,
        },
      );
      for (let i = 0; i < 1000; i++) writer.push(String(i));
      end();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      writer.push('last');
      should(await writer.close(AbortSignal.timeout(5000))).equal(0);
      rows.should.have.length(1001);
      rows.at(-1)!.should.equal('last');
    }
  });

  for (const [code, what] of [
    ['42501', 'the right to the table is missing'],
    ['53100', 'the disk is full'],
    ['XX001', 'an index is damaged'],
  ] as const) {
    it(`keeps its rows while ${what}`, async () => {
      let held: (error: unknown) => void = () => undefined;
      const holding = new Promise((resolve) => (held = resolve));
      const writer = new TableWriter(
        database(() => Promise.reject(new Error('Nobody should ask for it.'))),
        {
          kept: 10_000,
          insert: () => Promise.reject(databaseError('plant', Object.assign(new Error('no'), { code }))),
          onLost: never,
          onRefused: never,
          onHeld: held,
          onWritten: never,
        },
      );
      for (let i = 0; i < 1000; i++) writer.push(String(i));
      should(await holding).match({ message: /^The database plant says: no\./ });
      writer.isHeld.should.be.true();
      writer.waiting.should.equal(1000);
      should(await writer.close(AbortSignal.timeout(5000))).equal(1000);
    });
  }
});
