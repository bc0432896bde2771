import { BoundedMap } from '../core/bounded-map';
import { isMlError } from '../core/errors';
import { databaseError } from '../postgres/database-error';
import { migrate } from '../postgres/migrations';
import { identifier, type SqlClient } from '../postgres/sql';
import { ChangeRows } from './change-rows';
import { ChangeWatch } from './change-watch';
import { databaseName, nameFromDatabase } from './database-names';
import { Turns } from './lock';
import { newManifest, type Manifest } from './manifest';
import { ModelRows } from './model-rows';
import { compareKeys } from './names';
import type { ActiveModel, ModelKey, ModelSummary, VersionSummary } from './store';
import type { Change } from './stored-model';
import { systemTimers, type Timers } from './timers';
import { VersionRows } from './version-rows';
import { DEFAULT_KEEP, isOtherInUse, VersionedStore } from './versioned-store';

export interface PostgresStoreOptions {
  readonly keep?: number;
  readonly timers?: Timers;
}

const MOST_KNOWN = 20_000;

/**
 * A store in a schema of a database, see `model-tables`. Each change is one transaction that holds the lock on the model's
 * manifest; several processes may use one schema, and notice each other's changes within a second.
 */
export class PostgresStore extends VersionedStore {
  readonly #rows: VersionRows;
  readonly #changes: ChangeRows;
  readonly #watch: ChangeWatch;
  readonly #turns = new Turns();
  #migrated: Promise<void> | null = null;

  /** @param schema - made, with its tables, when it is first used */
  constructor(
    private readonly client: SqlClient,
    readonly schema: string,
    { keep = DEFAULT_KEEP, timers = systemTimers }: PostgresStoreOptions = {},
  ) {
    super(keep, timers);
    this.#rows = new VersionRows(schema, new BoundedMap(MOST_KNOWN));
    this.#changes = new ChangeRows(schema);
    this.#watch = new ChangeWatch({
      client,
      schema,
      rows: this.#changes,
      timers,
      ready: () => this.#ready(),
      notify: (key) => this.announce(key),
    });
  }

  keys(filter: Partial<ModelKey> = {}): Promise<readonly ModelKey[]> {
    return this.guard(async () => {
      const { name, device } = filter;
      const rows = await this.client.query<ModelKey>(
        `SELECT DISTINCT name, device FROM ${identifier(this.schema, 'ml_models')}
         WHERE ($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR device = $2)`,
        [name === undefined ? null : databaseName(name), device === undefined ? null : databaseName(device)],
      );
      return rows.map(keyOf).sort(compareKeys);
    });
  }

  list(filter: Partial<ModelKey> = {}): Promise<readonly ModelSummary[]> {
    return this.guard(async () => {
      const versions = new Map<string, VersionSummary[]>();
      const found: ModelKey[] = [];
      for (const { name, device, summary } of await this.#rows.summaries(this.client, filter)) {
        const id = JSON.stringify([name, device]);
        const known = versions.get(id);
        if (known === undefined) found.push({ name, device });
        versions.set(id, [...(known ?? []), summary]);
      }
      const manifests = await this.#manifests(filter);
      return found.sort(compareKeys).map((key) => {
        const id = JSON.stringify([key.name, key.device]);
        const { active, pinned, threshold } = manifests.get(id) ?? newManifest(key);
        return { ...key, active, pinned, threshold, versions: versions.get(id)! };
      });
    });
  }

  override async active(key: ModelKey): Promise<ActiveModel | null> {
    try {
      return await super.active(key);
    } catch (error) {
      if (isMlError(error, 'DATABASE')) this.#watch.missed(key);
      throw error;
    }
  }

  protected of(key: ModelKey): ModelRows {
    return new ModelRows(this.client, this.schema, key, this.#rows);
  }

  protected async all(filter?: Partial<ModelKey>): Promise<readonly ModelRows[]> {
    return (await this.keys(filter)).map((key) => this.of(key));
  }

  protected watch(): Promise<void> {
    return this.#watch.begin();
  }

  protected listening(on: boolean): void {
    if (on) this.#watch.start();
    else this.#watch.stop();
  }

  /** In this process one change at a time: they would only wait for each other, each with a connection in its hands. */
  protected exclusively<T>(key: ModelKey, task: Change<T>, create: boolean): Promise<T> {
    return this.#turns.take('', async () => {
      let takeBack: () => void = () => undefined;
      try {
        return await this.client.transaction(async (session) => {
          const model = new ModelRows(session, this.schema, key, this.#rows);
          const before = await model.lock(create);
          let changed = false;
          const result = await task(model, before, async (after) => {
            await model.write(after);
            changed ||= isOtherInUse(before, after);
          });
          const isDeleted = !create && (await model.manifest()) === null;
          if (changed || isDeleted) takeBack = this.#watch.own(await this.#changes.add(session, key));
          return result;
        });
      } catch (error) {
        takeBack();
        throw error;
      }
    });
  }

  protected async guard<T>(task: () => Promise<T>): Promise<T> {
    try {
      await this.#ready();
      return await task();
    } catch (error) {
      throw databaseError('of the model store', error);
    }
  }

  /** Has the tables made, once; where that fails, it is tried again the next time. */
  #ready(): Promise<void> {
    this.#migrated ??= migrate(this.client, this.schema).catch((error: unknown) => {
      this.#migrated = null;
      throw error;
    });
    return this.#migrated;
  }

  async #manifests({ name, device }: Partial<ModelKey>): Promise<Map<string, Manifest>> {
    const rows = await this.client.query<Manifest>(
      `SELECT name, device, active, pinned, threshold, newest FROM ${identifier(this.schema, 'ml_model_manifests')}
       WHERE ($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR device = $2)`,
      [name === undefined ? null : databaseName(name), device === undefined ? null : databaseName(device)],
    );
    return new Map(
      rows.map((row) => {
        const key = keyOf(row);
        return [JSON.stringify([key.name, key.device]), { ...row, ...key }];
      }),
    );
  }
}

function keyOf({ name, device }: ModelKey): ModelKey {
  return { name: nameFromDatabase(name), device: nameFromDatabase(device) };
}
