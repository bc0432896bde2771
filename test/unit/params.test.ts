import should from 'should';
import { checkParams, invalidValues, type ParamSpecs } from '#lib/core/params';

const specs = {
  trees: { type: 'int', default: 100, min: 1, max: 1000, doc: 'How many trees.' },
  share: { type: 'number', default: 0.5, min: 0, max: 1, doc: 'A share.' },
  kind: { type: 'choice', default: 'a', options: ['a', 'b'], doc: 'A kind.' },
  bootstrap: { type: 'boolean', default: false, doc: 'With replacement.' },
} satisfies ParamSpecs;

describe('parameters', () => {
  it('fill in the defaults', () => {
    checkParams('isolation-forest', specs, { trees: 7 }).should.eql({
      trees: 7,
      share: 0.5,
      kind: 'a',
      bootstrap: false,
    });
  });

  it('say what was expected and what came', () => {
    should(() => checkParams('isolation-forest', specs, { trees: 0 })).throw(
      'isolation-forest: trees must be an integer from 1 to 1000, got 0.',
    );
    should(() => checkParams('isolation-forest', specs, { kind: 'c' })).throw(/kind must be one of "a", "b", got "c"/);
  });

  it('name the parameters that exist when one does not', () => {
    should(() => checkParams('mad', specs, { tree: 1 })).throw(/no parameter "tree"; its parameters are: trees, share/);
  });

  for (const [name, spec] of Object.entries(specs)) {
    for (const value of invalidValues(spec)) {
      it(`refuse ${JSON.stringify(value)} (${String(value)}) for ${name}`, () => {
        should(() => checkParams('x', specs, { [name]: value })).throw(/^x: /);
      });
    }
  }
});
