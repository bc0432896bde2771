import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import should from 'should';
import { messageOf } from '#lib/core/errors';
import { Database, type DatabaseState } from '#lib/postgres/database';
import { ML_DATABASE_DEFAULTS, type MlDatabaseConfig } from '#nodes/ml-database/config';
import { settingsOf } from '#nodes/ml-database/settings';
import { ownServer, type OwnServer, serverPrograms } from '../support/own-server';

const OWN_SERVER = join(__dirname, '..', 'support', 'own-server.js');

/** Whether anybody listens on that port of this machine. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

describe('a PostgreSQL server of its own', function () {
  this.timeout(120_000);
  let server: OwnServer;
  const open: Database[] = [];

  before(async function () {
    const programs = await serverPrograms();
    if (programs === null) {
      should(process.env.CI).be.undefined();
      console.log('    Skipped: PostgreSQL is not installed on this machine.');
      this.skip();
    }
    server = await ownServer(programs);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });
  after(() => server?.remove());

  /** A database as the node makes it from its form. @param onState - told of each change */
  function database(
    form: Partial<MlDatabaseConfig>,
    password = server.password,
    onState: (state: DatabaseState) => void = () => undefined,
  ): Database {
    const node = { id: 'database', type: 'ml-database', name: '', z: '', configVersion: 1 };
    const config = { ...ML_DATABASE_DEFAULTS, ...node, host: 'localhost', port: String(server.port), ...form };
    const { where, open: connect } = settingsOf(config, { password });
    const found = (): void => {
      made.connect().catch(() => undefined);
    };
    const made: Database = new Database({ where, open: () => connect(found), onState });
    open.push(made);
    return made;
  }

  /** Whether the connection that a query comes over is encrypted. */
  async function isEncrypted(over: Database): Promise<boolean> {
    const [row] = await over.query<{ readonly ssl: boolean }>(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    return row!.ssl;
  }

  it('is spoken to in the clear, encrypted, or encrypted and verified, as was chosen', async () => {
    should(await isEncrypted(database({ tls: 'off' }))).be.false();
    should(await isEncrypted(database({ tls: 'require' }))).be.true();
    should(await isEncrypted(database({ tls: 'verify', caFile: server.caFile }))).be.true();
  });

  it('is refused where its certificate comes from nobody known, or is for another host', async () => {
    const unknown = await database({ tls: 'verify' }).query('SELECT 1').catch(messageOf);
    should(unknown).match(/^The database localhost:\d+\/postgres says: .*(self.signed|unable to verify)/);
    const other = await database({ tls: 'verify', caFile: server.caFile, host: '127.0.0.1' })
      .query('SELECT 1')
      .catch(messageOf);
    should(other).match(/127\.0\.0\.1.*certificate|certificate.*127\.0\.0\.1/);
  });

  it('says which file of an authority cannot be read', async () => {
    const caFile = join(server.caFile, '..', 'nowhere.crt');
    const said = await database({ tls: 'verify', caFile }).query('SELECT 1').catch(messageOf);
    should(said).match(/^The CA file cannot be read: .*nowhere\.crt.* Check its path and its rights\.$/);
  });

  it('refuses a wrong password, user or database in a sentence that holds no password', async () => {
    const wrong = await database({}, 'open-barley')
      .query('SELECT 1')
      .catch((error: unknown) => error);
    should(messageOf(wrong)).match(
      /password authentication failed for user "postgres"\. Check the user and the password\.$/,
    );
    // Node-RED hands an error's cause on to a catch node as well.
    inspect(wrong, { depth: 20, showHidden: true }).should.not.containEql('open-barley');
    const nobody = await database({ user: 'nobody' }).query('SELECT 1').catch(messageOf);
    should(nobody).match(/authentication failed for user "nobody"/);
    const missing = await database({ database: 'plant' }).query('SELECT 1').catch(messageOf);
    should(missing).match(/database "plant" does not exist\. Check the name of the database\.$/);
  });

  it('is gone when the process that made it is killed', async () => {
    const script = `const { ownServer, serverPrograms } = require(${JSON.stringify(OWN_SERVER)});
      serverPrograms().then(ownServer).then(({ port }) => process.send(port));`;
    const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const [port] = (await once(owner, 'message')) as [number];
    should(await answers(port)).be.true();
    owner.kill('SIGKILL');
    while (await answers(port)) await setTimeout(50);
  });

  it('is found again after a restart, and a statement that was running fails at once with a sentence', async () => {
    const states: DatabaseState[] = [];
    const made = database({}, server.password, (state) => states.push(state));
    await made.connect();
    const running = made.query('SELECT pg_sleep(60)').catch(messageOf);
    const sleeping = "SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'";
    while ((await made.query(sleeping)).length === 0);
    await server.stop();
    should(await running).match(/^The database localhost:\d+\/postgres says: /);
    should(made.state).equal('disconnected');
    should(await made.query('SELECT 1').catch(messageOf)).match(/It is tried again; until then nothing can be read/);
    await server.start();
    await made.whenConnected();
    should(await made.query('SELECT 1 AS one')).eql([{ one: 1 }]);
    states.should.eql(['connected', 'disconnected', 'connected']);
  });
});
