import { setPriority } from 'node:os';

/**
 * Lets this thread step back behind the event loop. On Linux a thread has a priority of its own; elsewhere this would slow
 * the whole process, so nothing is done.
 */
export function yieldToEventLoop(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(10);
  } catch {
    // Not allowed here: the scheduler then shares the processor evenly.
  }
}
