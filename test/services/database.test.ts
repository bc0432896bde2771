/** The database tests, on the server that `DATABASE_URL` names as well. */
import should from 'should';
import { SERVER_URL } from '../support/databases';
import '../contract/database-questions.test';
import '../contract/grafana.test';
import '../contract/postgres-history.test';
import '../contract/postgres-results.test';
import '../contract/postgres-shared.test';
import '../contract/postgres-store.test';
import '../contract/retention.test';
import '../contract/stored-results.test';
import '../flows/service-iiot.test';
import '../flows/service-infrastructure.test';
import '../flows/services.test';
import '../nodes/ml-database.test';
import '../nodes/ml-detect-history.test';
import '../nodes/ml-forecast-history.test';
import '../nodes/ml-model-store-data.test';
import '../nodes/ml-train-history.test';
import '../nodes/results.test';

describe('a PostgreSQL server', () => {
  it('was there to be tested on', function () {
    if (SERVER_URL === undefined && process.env.CI === undefined) {
      console.log('    Skipped: say where a PostgreSQL server for tests is by the variable DATABASE_URL.');
      this.skip();
    }
    should(SERVER_URL).match(/^postgres/);
  });
});
