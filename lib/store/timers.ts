/** The clock, as the store sees it: replaced in tests. */
export interface Timers {
  nowMs(): number;
  /** Runs `task` once after `delayMs`; never keeps the process alive. Returns the way to cancel it. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemTimers: Timers = {
  nowMs: () => Date.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
