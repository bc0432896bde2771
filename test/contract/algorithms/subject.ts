import type { Algorithm, Fitted } from '#lib/core/algorithm';
import type { ParamsOf, ParamSpecs } from '#lib/core/params';
import { checkParams } from '#lib/core/params';

/** An algorithm under test with what its kind needs for it: detectors see tables, forecasters will see series. */
export interface Subject<X = unknown, M extends Fitted = Fitted> {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly algorithm: Algorithm<X, M, any>;
  /** Makes good data, the same each time. */
  data(): X;
  /** As many rows of one constant value. */
  constant(): X;
  /** The first rows of `data()`. */
  head(rows: number): X;
  /** Data that must be refused, and what the refusal must say. */
  readonly unfit: readonly { readonly what: string; readonly x: X; readonly message: RegExp }[];
  /** Whatever the model says, as numbers: two models are the same when these are, bit for bit. */
  output(model: M): Float64Array;
}

export interface Check<S> {
  readonly name: string;
  /** Whether the algorithm owes it; by default all do. */
  readonly applies?: (subject: S) => boolean;
  readonly run: (subject: S) => Promise<void> | void;
}

export const SEED = 42;

/** The parameters that contract tests fit with: the algorithm's own quick ones. */
export function testParams({ algorithm }: Pick<Subject, 'algorithm'>): ParamsOf<ParamSpecs> {
  return checkParams(algorithm.id, algorithm.params, algorithm.testParams);
}

export function fit<X, M extends Fitted>(subject: Subject<X, M>, x: X = subject.data()): Promise<M> {
  return subject.algorithm.fit(x, testParams(subject), { seed: SEED });
}

export function allFinite(numbers: Float64Array): boolean {
  return numbers.length > 0 && numbers.every(Number.isFinite);
}

/** The bytes of numbers: equal when every bit is, NaN and −0 included. */
export function bits(numbers: Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('hex');
}

/** Runs each check as a test of its own; those in `knownFailures` must fail, or the entry is out of date. */
export function itPasses<S extends Subject>(subject: S, checks: readonly Check<S>[]): void {
  const known = subject.algorithm.knownFailures ?? {};
  const due = checks.filter(({ applies }) => applies?.(subject) ?? true);
  for (const { name, run } of due) {
    const reason = known[name];
    if (reason === undefined) {
      it(name, () => run(subject));
    } else {
      it(`${name} (known failure: ${reason})`, async () => {
        await Promise.resolve()
          .then(() => run(subject))
          .should.be.rejected();
      });
    }
  }
  it('has known failures of existing checks only', () => {
    due.map(({ name }) => name).should.containDeep(Object.keys(known));
  });
}
