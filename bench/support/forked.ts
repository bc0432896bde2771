import { fork } from 'node:child_process';
import { join } from 'node:path';

/** The figures that a process of its own sends before it ends. @param file - its compiled script, seen from `build/bench` */
export function forked<T>(file: string): Promise<T> {
  const child = fork(join(__dirname, '..', file));
  return new Promise((resolve, reject) => {
    child.once('message', (figures) => resolve(figures as T));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${file} ended with code ${code} before it was measured.`)));
  });
}
