import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMlError, MlError, messageOf } from '../core/errors';

/** What temporary files are left of is a crash; after so long nobody is still writing them. */
const STALE_MS = 3_600_000;
/** Another program (a virus scanner, a reader on Windows) may hold a file for a moment. */
const RENAME_DELAYS_MS = [10, 30, 100, 300];

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** The disk's error as a sentence for the user; errors of our own pass through. */
export function asStoreError(error: unknown, folder: string): MlError {
  if (isMlError(error)) return error;
  const hint = hasCode(error, 'ENOSPC', 'EDQUOT')
    ? 'the disk is full'
    : hasCode(error, 'EACCES', 'EPERM', 'EROFS')
      ? 'Node-RED must be allowed to read and write there'
      : 'check the disk';
  return new MlError('STORE', `The store in ${folder} failed: ${hint} (${messageOf(error)}).`, { cause: error });
}

/** Makes what is missing of a folder's path, for the owner only, and makes it last. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/**
 * Writes a whole new file into `temporary`, for the owner only, and makes it last.
 * @returns its path
 */
async function writeTemporary(temporary: string, content: string | Iterable<string>): Promise<string> {
  await makeFolder(temporary);
  const path = join(temporary, randomUUID());
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      for (const piece of typeof content === 'string' ? [content] : content) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    return path;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Puts a file or folder in its place, replacing a file that is there: readers see the old one or the new one, whole. */
export async function moveInto(from: string, to: string): Promise<void> {
  for (const delayMs of [...RENAME_DELAYS_MS, null]) {
    try {
      await rename(from, to);
      break;
    } catch (error) {
      if (process.platform !== 'win32' || delayMs === null || !hasCode(error, 'EPERM', 'EACCES', 'EBUSY')) throw error;
      await sleep(delayMs);
    }
  }
  await syncFolder(dirname(to));
}

/**
 * Writes a file whole or not at all.
 * @param content - a large one may come in pieces
 */
export async function replaceFile(temporary: string, path: string, content: string | Iterable<string>): Promise<void> {
  const written = await writeTemporary(temporary, content);
  try {
    await moveInto(written, path);
  } catch (error) {
    await rm(written, { force: true });
    throw error;
  }
}

/** The text of a file, or null where there is none. */
export async function readText(path: string, maxBytes: number): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) {
      throw new MlError('LIMIT', `${path} is too large: ${size} bytes, at most ${maxBytes} are allowed.`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/** Names in a folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** Deletes what crashes have left in the folder for temporary files. */
export async function cleanTemporary(temporary: string, nowMs: number): Promise<void> {
  for (const name of await namesIn(temporary)) {
    const path = join(temporary, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && nowMs - found.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}

/** Makes a rename or a new name in a folder last. Windows and some network disks have no such thing. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!hasCode(error, 'EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EBADF')) throw error;
  }
}
