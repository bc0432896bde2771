import should from 'should';
import type { ModelState } from '#lib/core/algorithm';
import { decodeArtifact, encodeArtifact } from '#lib/core/codec';
import { MlError } from '#lib/core/errors';
import { invalidValues, requirementOf, type ParamSpecs, type ParamsOf } from '#lib/core/params';
import { makeArtifact } from '../../support/artifact';
import { storedModels } from './stored-models';
import { allFinite, bits, fit, SEED, testParams, type Check, type Subject } from './subject';

/** What every algorithm owes, whatever its kind. */
export const commonChecks: readonly Check<Subject>[] = [
  {
    name: 'says what it is, in words for people',
    run({ algorithm }) {
      algorithm.id.should.match(/^[a-z][a-z0-9-]*$/);
      algorithm.title.should.not.be.empty();
      algorithm.summary.should.match(/\.$/);
      algorithm.reference.should.match(/\d{4}\.$/);
      for (const spec of Object.values(algorithm.params as ParamSpecs)) spec.doc.should.match(/\.$/);
    },
  },
  {
    name: 'refuses every invalid parameter, naming it, its range and the value',
    async run(subject) {
      const { algorithm } = subject;
      const params = testParams(subject);
      for (const [name, spec] of Object.entries(algorithm.params as ParamSpecs)) {
        for (const value of invalidValues(spec)) {
          const wrong = { ...params, [name]: value } as ParamsOf<ParamSpecs>;
          const error = await refusal(algorithm.fit(subject.data(), wrong, { seed: SEED }));
          should(error.code).equal('PARAMETER');
          error.message.should.startWith(`${algorithm.id}: ${name} must be ${requirementOf(spec)}, got `);
        }
      }
      const error = await refusal(algorithm.fit(subject.data(), { ...params, nonsense: 1 }, { seed: SEED }));
      error.message.should.startWith(`${algorithm.id} has no parameter "nonsense"`);
    },
  },
  {
    name: 'leaves its data unchanged',
    async run(subject) {
      const x = subject.data();
      const before = structuredClone(x);
      subject.output(await fit(subject, x));
      should(x).eql(before);
    },
  },
  {
    name: 'gives the same bits for the same seed',
    async run(subject) {
      const [one, other] = [await fit(subject), await fit(subject)];
      bits(subject.output(one)).should.equal(bits(subject.output(other)));
      artifactText(subject, one.snapshot()).should.equal(artifactText(subject, other.snapshot()));
    },
  },
  {
    name: 'comes back from its stored text bit for bit',
    async run(subject) {
      const model = await fit(subject);
      const { algorithm, state } = decodeArtifact(artifactText(subject, model.snapshot()));
      const restored = subject.algorithm.restore(state, algorithm.stateVersion, algorithm.params);
      bits(subject.output(restored)).should.equal(bits(subject.output(model)));
      should(restored.snapshot()).eql(model.snapshot());
    },
  },
  {
    name: 'crosses to another thread as plain data',
    async run(subject) {
      const model = await fit(subject);
      const { algorithm } = subject;
      const restored = algorithm.restore(
        structuredClone(model.snapshot()),
        algorithm.stateVersion,
        testParams(subject),
      );
      bits(subject.output(restored)).should.equal(bits(subject.output(model)));
    },
  },
  {
    name: 'still says what it said with every model that was ever stored',
    run(subject) {
      const stored = storedModels(subject.algorithm.id);
      const versions = stored.map(({ artifact }) => artifact.algorithm.stateVersion);
      versions.should.containEql(subject.algorithm.stateVersion);
      for (const { file, artifact, said } of stored) {
        const { stateVersion, params } = artifact.algorithm;
        const output = subject.output(subject.algorithm.restore(artifact.state, stateVersion, params));
        output.should.have.length(said.length);
        // Not bit for bit: kernels and platforms differ in their last digits, those of a network single precision's.
        const near = (value: number, i: number): boolean =>
          Math.abs(value - said[i]!) <= 1e-4 * (1 + Math.abs(said[i]!));
        output.every(near).should.be.true(file);
      }
    },
  },
  {
    name: 'refuses a state of a version it does not know',
    async run(subject) {
      const { algorithm } = subject;
      const state = (await fit(subject)).snapshot();
      for (const version of [0, algorithm.stateVersion + 1, 0.5, NaN]) {
        should(() => algorithm.restore(state, version, testParams(subject))).throw(
          /state version .* update the package/,
        );
      }
    },
  },
  {
    name: 'refuses a state that is damaged, wherever it is',
    async run(subject) {
      const state = (await fit(subject)).snapshot();
      const damaged = damage(state);
      damaged.length.should.be.above(0);
      for (const { what, state } of damaged) {
        const { algorithm } = subject;
        const error = await refusal(
          Promise.resolve().then(() => algorithm.restore(state, algorithm.stateVersion, testParams(subject))),
        );
        should(error.code).equal('ARTIFACT', what);
      }
    },
  },
  {
    name: 'says how many rows it needs when there are too few, or none',
    async run(subject) {
      const needed = subject.algorithm.minRows(testParams(subject));
      needed.should.be.above(1);
      for (const rows of [0, needed - 1]) {
        const error = await refusal(fit(subject, subject.head(rows)));
        should(error.code).equal('TOO_FEW_ROWS');
        error.message.should.match(new RegExp(`at least ${needed} rows.*got ${rows}`));
      }
      allFinite(subject.output(await fit(subject, subject.head(needed)))).should.be.true();
    },
  },
  {
    name: 'refuses data it cannot learn from, saying where and why',
    async run(subject) {
      for (const { x, message } of subject.unfit) {
        const error = await refusal(fit(subject, x));
        should(error.code).equal('DATA');
        error.message.should.match(message);
      }
    },
  },
  {
    name: 'is finite after constant data',
    async run(subject) {
      allFinite(subject.output(await fit(subject, subject.constant()))).should.be.true();
    },
  },
  {
    name: 'reports rising progress that ends at 1',
    async run(subject) {
      const fractions: number[] = [];
      const run = { seed: SEED, onProgress: (fraction: number) => void fractions.push(fraction) };
      await subject.algorithm.fit(subject.data(), testParams(subject), run);
      should(fractions).eql([...fractions].sort((a, b) => a - b));
      fractions[0]!.should.be.above(0);
      should(fractions.at(-1)).equal(1);
    },
  },
  {
    name: 'stops promptly when aborted',
    async run(subject) {
      const before = refusal(
        subject.algorithm.fit(subject.data(), testParams(subject), { seed: SEED, signal: AbortSignal.abort() }),
      );
      should((await before).code).equal('ABORTED');

      const controller = new AbortController();
      let reports = 0;
      const run = { seed: SEED, signal: controller.signal, onProgress: () => (reports++, controller.abort()) };
      const during = await refusal(subject.algorithm.fit(subject.data(), testParams(subject), run));
      should(during.code).equal('ABORTED');
      reports.should.equal(1);
    },
  },
];

/** The MlError that a promise rejects with. */
async function refusal(promise: Promise<unknown>): Promise<MlError> {
  const error: unknown = await promise.then(
    () => new Error('It was accepted.'),
    (reason: unknown) => reason,
  );
  should(error).be.instanceof(MlError);
  return error as MlError;
}

function artifactText(subject: Subject, state: ModelState): string {
  const { id, stateVersion } = subject.algorithm;
  return encodeArtifact(
    makeArtifact({ algorithm: { id, stateVersion, params: testParams(subject), seed: SEED }, state }),
  );
}

/** Copies of a state, each with one part missing, cut short, of another type or out of range. */
function damage({ scalars, tensors }: ModelState): { what: string; state: ModelState }[] {
  const damaged: { what: string; state: ModelState }[] = [];
  for (const name of Object.keys(scalars)) {
    for (const value of [undefined, null, -1, 0.5, '', []]) {
      const changed = { ...scalars, [name]: value } as ModelState['scalars'];
      damaged.push({ what: `${name}: ${String(value)}`, state: { scalars: changed, tensors } });
    }
  }
  for (const [name, tensor] of Object.entries(tensors)) {
    const without = Object.fromEntries(Object.entries(tensors).filter(([other]) => other !== name));
    const short = { ...tensor, data: tensor.data.slice(1) };
    const other = { ...tensor, data: new Uint8Array(tensor.data.length) };
    damaged.push({ what: `no ${name}`, state: { scalars, tensors: without } });
    damaged.push({ what: `${name} cut short`, state: { scalars, tensors: { ...tensors, [name]: short } } });
    damaged.push({ what: `${name} of bytes`, state: { scalars, tensors: { ...tensors, [name]: other } } });
    if (tensor.data instanceof Float64Array || tensor.data instanceof Float32Array) {
      const holed = { ...tensor, data: tensor.data.slice().fill(NaN, 0, 1) };
      damaged.push({ what: `${name} with NaN`, state: { scalars, tensors: { ...tensors, [name]: holed } } });
    }
  }
  return damaged;
}
