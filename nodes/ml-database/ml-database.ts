import type { Node, NodeAPI } from 'node-red';
import { messageOf } from '../../lib/core/errors';
import { Database, type DatabaseState } from '../../lib/postgres/database';
import { ResultsWriter } from '../../lib/postgres/results/results-writer';
import { PostgresStore } from '../../lib/store/postgres-store';
import { migrateConfig } from '../shared/migrate';
import { ML_DATABASE_DEFAULTS, type DatabaseCredentials, type MlDatabaseConfig } from './config';
import type { OfferedDatabase } from './database-of';
import { startRetention } from './retention';
import { settingsOf, settingSpecs } from './settings';
import { tryDatabase } from './try-database';

/** Nodes that close may write for so long; Node-RED itself waits 15 s. */
const LAST_WRITES_MS = 8_000;
/** Then the results that still wait are written in so long a time. */
const LAST_RESULTS_MS = 4_000;

/** Config node: a PostgreSQL server or an embedded database, which the nodes that use it share; see `databaseOf`. */
const register = (RED: NodeAPI): void => {
  function MlDatabase(this: Node<{ password: unknown; url: unknown }>, given: MlDatabaseConfig): void {
    RED.nodes.createNode(this, given);
    try {
      const config = migrateConfig<MlDatabaseConfig>(given, ML_DATABASE_DEFAULTS);
      // Undefined where none were ever given.
      const credentials = (this.credentials as DatabaseCredentials | undefined) ?? {};
      const { where, schema, resultsKept, open, ...kept } = settingsOf(config, credentials, RED.settings.userDir);
      const listeners = new Set<(state: DatabaseState) => void>();
      const holders = new Set<() => void>();
      let emptied: () => void = () => undefined;

      const onState = (state: DatabaseState, reason: string): void => {
        if (state === 'disconnected') this.warn(`${reason} It is tried again until it is there.`);
        if (state === 'connected') this.log(RED._('ml-database.connected', { where }));
        for (const listener of [...listeners]) listener(state);
      };
      const database: Database = new Database({
        where,
        open: () =>
          open(() => {
            database.connect().catch(() => undefined);
          }),
        onState,
      });
      const offered: OfferedDatabase = {
        database,
        schema,
        where,
        models: new PostgresStore(database, schema),
        results: new ResultsWriter(database, {
          schema,
          kept: resultsKept,
          now: Date.now,
          report: (problem) => this.warn(problem),
        }),
        onState: (listener) => {
          listeners.add(listener);
          listener(database.state);
          return () => {
            listeners.delete(listener);
          };
        },
        hold: () => {
          const release = (): void => {
            holders.delete(release);
            if (holders.size === 0) emptied();
          };
          holders.add(release);
          return release;
        },
      };
      Object.assign(this, offered);
      database.connect().catch(() => undefined);
      const stopRetention = startRetention({
        ...kept,
        database,
        schema,
        log: (rows, versions) => this.log(RED._('ml-database.deleted', { rows, versions })),
        warn: (problem) => this.warn(RED._('ml-database.notDeleted', { problem })),
      });

      this.on('close', (done: () => void) => {
        stopRetention();
        let timer: NodeJS.Timeout | undefined;
        const released = new Promise<void>((resolve) => {
          emptied = resolve;
          timer = setTimeout(resolve, LAST_WRITES_MS);
          if (holders.size === 0) resolve();
        });
        released
          .then(() => clearTimeout(timer))
          .then(() => offered.results.close(LAST_RESULTS_MS))
          .then(() => database.close())
          .then(done, done);
      });
    } catch (error) {
      // The nodes that use it say so, too.
      this.error(messageOf(error));
    }
  }

  RED.nodes.registerType('ml-database', MlDatabase, {
    credentials: { password: { type: 'password' }, url: { type: 'password' } },
    settings: { mlDatabaseNumbers: { value: settingSpecs, exportable: true } },
  });

  RED.httpAdmin.post('/flowsight-ml/database', RED.auth.needsPermission('ml-database.write'), (request, response) => {
    tryDatabase(RED, request.body as unknown).then(
      (answer) => response.json(answer),
      () => response.sendStatus(500),
    );
  });
};

export = register;
