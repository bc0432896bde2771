import { Workspace } from './loader';

/**
 * The one memory of this thread in which fitted models work by turns: a WebAssembly memory reserves gigabytes of address
 * space, so that a thousand models cannot have one each.
 */
let arena: { workspace: Workspace; owner: object | null } | undefined;

export interface Turn {
  /** At least as large as was asked for; its contents are whatever the last model left. */
  readonly workspace: Workspace;
  /** True where `owner` was the last to have it, so that what it loaded is still there. */
  readonly loaded: boolean;
}

/**
 * Gives the arena to a model until another takes it.
 * @param owner - who will find its data again; null: nobody
 * @throws MlError `LIMIT` beyond what a workspace can hold
 */
export function takeArena(bytes: number, owner: object | null): Turn {
  if (arena === undefined || arena.workspace.floats.byteLength < bytes) {
    arena = { workspace: Workspace.create(bytes + bytes / 4), owner: null };
  }
  const loaded = owner !== null && arena.owner === owner;
  arena.owner = owner;
  return { workspace: arena.workspace, loaded };
}
