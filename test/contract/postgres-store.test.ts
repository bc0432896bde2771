import { identifier, type SqlClient } from '#lib/postgres/sql';
import { PostgresStore } from '#lib/store/postgres-store';
import { databases, warmUp } from '../support/databases';
import { storeContract } from './store-contract';

let schemas = 0;

for (const { what, open } of databases) {
  describe(`on ${what},`, () => {
    before(warmUp(open));
    storeContract('a schema', async (keep) => {
      const clients: SqlClient[] = [await open()];
      const [client] = clients;
      const schema = `test_store_${process.pid}_${++schemas}`;
      const options = keep === undefined ? {} : { keep };
      const storeOn = (on: SqlClient): PostgresStore => new PostgresStore(on, schema, options);
      return {
        store: storeOn(client!),
        reopen: () => storeOn(client!),
        damageVersion: async ({ name, device }, version) => {
          await client!.query(
            `UPDATE ${identifier(schema, 'ml_models')} SET artifact = left(artifact, 500) WHERE name = $1 AND device = $2 AND version = $3`,
            [name, device, version],
          );
        },
        close: async () => {
          await client!.query(`DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`);
          await client!.close();
        },
      };
    });
  });
}
