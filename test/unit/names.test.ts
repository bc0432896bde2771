import fc from 'fast-check';
import should from 'should';
import { decodeName, encodeName } from '#lib/store/names';

describe('names as file names', () => {
  it('stay readable where they are simple', () => {
    encodeName('pump-health').should.equal('pump-health');
    encodeName('pump_07').should.equal('pump_07');
    encodeName('Pump 7').should.equal('%50ump%207');
  });

  it('escape what systems treat specially', () => {
    encodeName('..').should.equal('%2e%2e');
    encodeName('a/b\\c:d').should.equal('a%2fb%5cc%3ad');
    encodeName('*').should.equal('%2a');
    encodeName('\0').should.equal('%00');
    encodeName('con').should.equal('%63on');
    encodeName('LPT1').should.equal('%4c%50%541');
    encodeName('lpt1').should.equal('%6cpt1');
    encodeName('x.').should.equal('x%2e');
  });

  it('come back, whatever they are, and never meet in one file name', () => {
    const anyName = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
    const property = fc.property(anyName, anyName, (a, b) => {
      const encoded = encodeName(a);
      encoded.should.match(/^[a-z0-9_%~-]{1,100}$/);
      encoded.should.not.match(/^(con|prn|aux|nul|com\d|lpt\d)$/);
      should(decodeName(encoded)).equal(encoded.includes('~') ? null : a);
      (encodeName(b) === encoded).should.equal(a === b);
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });

  it('are cut and hashed where they are long', () => {
    const long = 'a'.repeat(101);
    encodeName('a'.repeat(100)).should.equal('a'.repeat(100));
    encodeName(long).should.match(/^a{50}~[0-9a-f]{40}$/);
    encodeName(long).should.not.equal(encodeName(`${long}a`));
  });

  it('are told from other files', () => {
    for (const other of ['lost+found', '.DS_Store', 'Models', '%', '%2A', 'con', '%61', 'a~b', '']) {
      should(decodeName(other)).be.undefined();
    }
  });
});
