import should from 'should';
import { messageOf } from '#lib/core/errors';
import { Database, type DatabaseState } from '#lib/postgres/database';
import { databaseError, isConnectionLost } from '#lib/postgres/database-error';
import { Slots } from '#lib/postgres/slots';
import type { SqlClient } from '#lib/postgres/sql';

const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });

/** A client whose database is there only while `isThere`; `wrong SQL` is refused in either case. */
class Fake implements SqlClient {
  isThere = true;
  asked: string[] = [];
  closed = 0;

  query<R extends object>(text: string): Promise<readonly R[]> {
    this.asked.push(text);
    if (text === 'wrong SQL') return Promise.reject(Object.assign(new Error('syntax error'), { code: '42601' }));
    return this.isThere ? Promise.resolve([]) : Promise.reject(databaseError('fake', refused()));
  }
  transaction<T>(): Promise<T> {
    return Promise.reject(new Error('not asked for here'));
  }
  listen(): Promise<() => Promise<void>> {
    return Promise.reject(new Error('not asked for here'));
  }
  close(): Promise<void> {
    this.closed += 1;
    return Promise.resolve();
  }
}

describe('a database that may come and go', () => {
  let client: Fake;
  let states: DatabaseState[];
  let database: Database;
  let opened: number;
  let becomes: (state: DatabaseState) => Promise<void>;

  beforeEach(() => {
    client = new Fake();
    states = [];
    opened = 0;
    const waiting: { readonly state: DatabaseState; readonly resolve: () => void }[] = [];
    becomes = (state) =>
      new Promise((resolve) => {
        waiting.push({ state, resolve });
      });
    database = new Database({
      where: 'fake',
      open: () => {
        opened += 1;
        return Promise.resolve(client);
      },
      onState: (state) => {
        states.push(state);
        for (const each of waiting) if (each.state === state) each.resolve();
      },
    });
  });
  afterEach(() => database.close());

  it('connects when it is asked to, and opens once for many', async () => {
    database.state.should.equal('connecting');
    await Promise.all([database.connect(), database.query('SELECT 2'), database.query('SELECT 3')]);
    states.should.eql(['connected']);
    opened.should.equal(1);
  });

  it('fails at once while it is away, says why, and comes back by itself', async () => {
    await database.connect();
    client.isThere = false;
    const lost = becomes('disconnected');
    await should(database.query('SELECT 2')).rejectedWith({ code: 'DATABASE', message: /Is the server running/ });
    await lost;
    const { length } = client.asked;
    await should(database.query('SELECT 3')).rejectedWith({
      code: 'DATABASE',
      message: /ECONNREFUSED.* It is tried again; until then nothing can be read or written\.$/,
    });
    client.asked.length.should.equal(length);
    const back = becomes('connected');
    client.isThere = true;
    await back;
    await database.query('SELECT 4');
    states.should.eql(['connected', 'disconnected', 'connected']);
    database.reason.should.equal('');
  });

  it('is tried soon again however many find it lost at the same moment', async () => {
    await database.connect();
    client.isThere = false;
    await Promise.allSettled(Array.from({ length: 40 }, () => database.query('SELECT 2')));
    client.isThere = true;
    const startedMs = performance.now();
    await becomes('connected');
    // The first pause is half a second; forty of them, each twice as long as the one before, would be years.
    (performance.now() - startedMs).should.be.below(3000);
  });

  it('stays connected when only the statement is wrong', async () => {
    await database.connect();
    await should(database.query('wrong SQL')).rejected();
    database.state.should.equal('connected');
  });

  it('is waited for, until it is there or nobody waits any more', async () => {
    client.isThere = false;
    await database.connect();
    const controller = new AbortController();
    const patient = database.whenConnected();
    const leaving = database.whenConnected(controller.signal);
    controller.abort();
    await should(leaving).rejectedWith({ code: 'ABORTED' });
    client.isThere = true;
    await patient;
    database.state.should.equal('connected');
  });

  it('lets nobody wait after it was closed', async () => {
    client.isThere = false;
    await database.connect();
    const waiting = database.whenConnected();
    await database.close();
    await should(waiting).rejectedWith({ code: 'ABORTED', message: /was closed/ });
    await should(database.query('SELECT 2')).rejectedWith({ code: 'ABORTED' });
    client.closed.should.equal(1);
  });
});

describe('what a database says', () => {
  const said: readonly (readonly [string, object, RegExp, boolean])[] = [
    [
      'a wrong password',
      { code: '28P01', message: 'password authentication failed for user "x"' },
      /Check the user and the password\.$/,
      true,
    ],
    ['a missing table', { code: '42P01', message: 'relation "x" does not exist' }, /name of the table/, false],
    ['a missing right', { code: '42501', message: 'permission denied for schema x' }, /Grant the user/, false],
    ['a server that is not there', { code: 'ECONNREFUSED', message: '' }, /Is the server running/, true],
    ['a server that shuts down', { code: '57P01', message: 'terminating connection' }, /terminating connection/, true],
    ['a connection that broke', { message: 'Connection terminated unexpectedly' }, /terminated unexpectedly/, true],
    ['nothing', { message: '' }, /no reason was given/, false],
  ];
  for (const [what, properties, sentence, isLost] of said) {
    it(`becomes a sentence: ${what}`, () => {
      const error = databaseError('host:5432/plant', Object.assign(new Error(), properties));
      messageOf(error).should.match(/^The database host:5432\/plant says: .+[.?]$/);
      messageOf(error).should.match(sentence);
      isConnectionLost(error).should.equal(isLost);
    });
  }
});

describe('slots', () => {
  it('let so many in at a time, each in its turn, also after a failure', async () => {
    const slots = new Slots(2);
    const running = { now: 0, most: 0 };
    const order: number[] = [];
    const tasks = Array.from({ length: 7 }, (_, i) =>
      slots.take(async () => {
        running.most = Math.max(running.most, ++running.now);
        order.push(i);
        await new Promise((resolve) => setImmediate(resolve));
        running.now -= 1;
        if (i === 1) throw new Error('planned');
      }),
    );
    const results = await Promise.allSettled(tasks);
    results.filter(({ status }) => status === 'rejected').should.have.length(1);
    running.most.should.equal(2);
    order.should.eql([0, 1, 2, 3, 4, 5, 6]);
  });
});
