import { MlError } from '../../core/errors';

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let settle!: Pick<Deferred<T>, 'resolve' | 'reject'>;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  // Whoever waits for it hears of it; where nobody does, it is of no account.
  promise.catch(() => undefined);
  return { promise, ...settle };
}

/**
 * What a task gives, one after the other, as a sequence to walk through. The task waits until each was dealt with; where
 * the walk is broken off, its `give` fails, and the walk ends when the task has.
 */
export async function* handOver<T>(task: (give: (item: T) => Promise<void>) => Promise<void>): AsyncGenerator<T> {
  let offer = deferred<{ readonly item: T } | null>();
  let dealtWith = deferred<void>();
  const ended = task((item) => {
    dealtWith = deferred();
    offer.resolve({ item });
    return dealtWith.promise;
  }).then(
    () => offer.resolve(null),
    (error: unknown) => offer.reject(error),
  );
  try {
    for (let offered = await offer.promise; offered !== null; offered = await offer.promise) {
      offer = deferred();
      yield offered.item;
      dealtWith.resolve();
    }
  } finally {
    dealtWith.reject(new MlError('ABORTED', 'Reading was broken off.'));
    await ended;
  }
}
