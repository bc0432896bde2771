import should from 'should';
import { migrate, migrationSql } from '#lib/postgres/migrations';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { channelOf } from '#lib/store/change-rows';
import { PostgresStore } from '#lib/store/postgres-store';
import type { ModelKey } from '#lib/store/store';
import { makeArtifact } from '../support/artifact';
import { databases, warmUp, withSchema } from '../support/databases';

const key: ModelKey = { name: 'pump-health', device: 'pump-07' };

/** Names that would do harm if any of them were put into a statement. */
const HOSTILE = ['"; DROP SCHEMA public CASCADE; --', "'); DELETE FROM ml_models; --", '$1', '\\', 'x" y', '%s', '\0x'];

/** A client on which nobody hears notices, as behind a connection pooler. */
function deaf(client: SqlClient): SqlClient {
  return {
    query: (text, values) => client.query(text, values),
    transaction: (work, readOnly) => client.transaction(work, readOnly),
    listen: () => Promise.resolve(() => Promise.resolve()),
    close: () => client.close(),
  };
}

for (const { what, open } of databases) {
  describe(`a schema on ${what}`, () => {
    before(warmUp(open));
    let clients: SqlClient[];
    const another = async (): Promise<SqlClient> => {
      const client = await open();
      clients.push(client);
      return client;
    };
    beforeEach(() => {
      clients = [];
    });
    afterEach(() => Promise.all(clients.map((client) => client.close())));

    /** The next change that a store tells of. */
    const told = (store: PostgresStore): Promise<ModelKey> =>
      new Promise((resolve) => {
        const stop = store.onChange((changed) => {
          stop();
          resolve(changed);
        });
      });

    it('is made once, by however many begin at the same time', async () => {
      const client = await another();
      await withSchema(client, async (schema) => {
        const others = await Promise.all([another(), another(), another()]);
        await Promise.all([client, ...others].map((each) => migrate(each, schema)));
        await migrate(client, schema);
        const steps = await client.query(`SELECT version FROM ${identifier(schema, 'ml_migrations')}`);
        steps.should.eql([{ version: 1 }, { version: 2 }]);
      });
    });

    it('is made by the printed text as well, which may be run twice', async () => {
      const client = await another();
      await withSchema(client, async (schema) => {
        const statements = migrationSql(schema)
          .replace(/^--.*$/gm, '')
          .split(/;\n/);
        for (const statement of [...statements, ...statements]) {
          if (!/^\s*(BEGIN|COMMIT)?\s*$/.test(statement)) await client.query(statement);
        }
        const store = new PostgresStore(client, schema);
        (await store.save(makeArtifact(key), true)).version.should.equal(1);
      });
    });

    it('says of every column what it holds', async () => {
      const client = await another();
      await withSchema(client, async (schema) => {
        await migrate(client, schema);
        const columns = await client.query<{ name: string; comment: string | null }>(
          `SELECT relname || '.' || attname AS name, col_description(attrelid, attnum) AS comment
           FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace AS n ON n.oid = relnamespace
           WHERE nspname = $1 AND relkind IN ('r', 'v') AND attnum > 0`,
          [schema],
        );
        columns.length.should.be.above(20);
        columns.filter(({ comment }) => !/^[A-Z].+\.$/.test(comment ?? '')).should.eql([]);
      });
    });

    it('shows the models in use in a view', async () => {
      const client = await another();
      await withSchema(client, async (schema) => {
        const store = new PostgresStore(client, schema);
        for (let i = 0; i < 2; i++) await store.save(makeArtifact(key), true);
        await store.save(makeArtifact({ name: 'waits' }), false);
        await store.rollback(key);
        const rows = await client.query(`SELECT * FROM ${identifier(schema, 'active_ml_models')}`);
        rows.should.have.length(1);
        should(rows[0]).containEql({ ...key, version: 1, algorithm: 'mad', kind: 'detector', pinned: true });
      });
    });

    for (const [how, hears] of [
      ['at once, by a notice', true],
      ['within a second, where notices are lost', false],
    ] as const) {
      it(`tells another instance of a version that was activated ${how}`, async () => {
        const client = await another();
        await withSchema(client, async (schema) => {
          const here = new PostgresStore(client, schema);
          for (let i = 0; i < 2; i++) await here.save(makeArtifact(key), true);
          const second = await another();
          const there = new PostgresStore(hears ? second : deaf(second), schema);
          const changed = told(there);
          should((await there.active(key))?.artifact.version).equal(2);
          await here.activate(key, 1);
          const startedMs = performance.now();
          (await changed).should.eql(key);
          (performance.now() - startedMs).should.be.below(2000);
          should((await there.active(key))?.artifact.version).equal(1);
        });
      });
    }

    it('tells another instance of a model that was deleted, or has a threshold', async () => {
      const client = await another();
      await withSchema(client, async (schema) => {
        const here = new PostgresStore(client, schema);
        await here.save(makeArtifact(key), true);
        const there = new PostgresStore(await another(), schema);
        let changed = told(there);
        await there.active(key);
        await here.setThreshold(key, 0.9);
        (await changed).should.eql(key);
        changed = told(there);
        await there.active(key);
        await here.delete(key);
        (await changed).should.eql(key);
        should(await there.active(key)).be.null();
      });
    });

    it('tells an instance nothing of what it has done itself', async () => {
      const client = await another();
      await withSchema(client, async (schema) => {
        const store = new PostgresStore(client, schema);
        const seen: ModelKey[] = [];
        const other = { name: 'other', device: '*' };
        const stop = store.onChange((changed) => seen.push(changed));
        for (let i = 0; i < 5; i++) await store.save(makeArtifact(key), true);
        seen.should.have.length(5);
        // What another one does afterwards has been told only when all before it has been looked at.
        const heard = told(store);
        seen.length = 0;
        await new PostgresStore(await another(), schema).save(makeArtifact(other), true);
        (await heard).should.eql(other);
        seen.should.eql([other]);
        stop();
      });
    });

    it('gives each version its own number when instances save at once, and loses none', async () => {
      const client = await another();
      await withSchema(client, async (schema) => {
        const stores = await Promise.all(
          Array.from({ length: 4 }, async () => new PostgresStore(await another(), schema, { keep: 100 })),
        );
        const saved = await Promise.all(
          Array.from({ length: 24 }, (_, i) => stores[i % stores.length]!.save(makeArtifact(key), true)),
        );
        const numbers = saved.map(({ version }) => version).sort((a, b) => a - b);
        numbers.should.eql(Array.from({ length: 24 }, (_, i) => i + 1));
        const [summary] = await stores[0]!.list();
        summary!.versions.map(({ version }) => version).should.eql(numbers);
        summary!.versions.filter(({ broken }) => broken !== undefined).should.be.empty();
        summary!.active!.should.equal(24);
      });
    });

    it('survives that a model is deleted by one while another saves it', async () => {
      const client = await another();
      await withSchema(client, async (schema) => {
        const [one, other] = [new PostgresStore(client, schema), new PostgresStore(await another(), schema)];
        for (let i = 0; i < 10; i++) {
          await one.save(makeArtifact(key), true);
          await Promise.all([one.delete(key), other.save(makeArtifact(key), true)]);
          // Whatever came first: what is there is whole.
          for (const { active } of await one.list()) should((await one.active(key))?.artifact.version).equal(active);
        }
      });
    });

    it('takes hostile names for what they are', async () => {
      const client = await another();
      await withSchema(client, async (outer) => {
        for (const name of HOSTILE) {
          const schema = name.replace('\0', '') + outer;
          try {
            const store = new PostgresStore(client, schema);
            await store.save(makeArtifact({ name, device: name }), true);
            await store.save(makeArtifact(key), true);
            (await store.get({ name, device: name })).name.should.equal(name);
            await store.rollback({ name, device: name }).catch(() => undefined);
            await store.delete({ name, device: name });
            (await store.keys()).should.eql([key]);
          } finally {
            await client.query(`DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`);
          }
        }
      });
      channelOf(HOSTILE[0]!).should.match(/^flowsight_[0-9a-f]{16}$/);
    });

    it('refuses names that are too long together for an index, in a sentence', async () => {
      const client = await another();
      await withSchema(client, async (schema) => {
        const long = { name: '泵'.repeat(500), device: '站'.repeat(500) };
        await should(new PostgresStore(client, schema).save(makeArtifact(long), true)).rejectedWith({
          code: 'PARAMETER',
          message: /2600 bytes together, got 3000: shorten them/,
        });
      });
    });
  });
}
