import should from 'should';
import { replaceNames } from '#lib/postgres/history/own-sql';

const replaced = (sql: string): string => replaceNames(sql, (name) => `<${name}>`);

describe('names in the own SQL', () => {
  it('stand for values wherever they are names of their own', () => {
    replaced('SELECT * FROM t WHERE d=$device AND s>=$from::date AND s<($to);').should.equal(
      'SELECT * FROM t WHERE d=<device> AND s>=<from>::date AND s<(<to>)',
    );
  });

  it('are left alone inside texts, quoted names, dollar quotes and comments', () => {
    const untouched = [
      `SELECT '$device ''$from'' ; $to'`,
      String.raw`SELECT E'\'$device', e'\\', '\'`,
      'SELECT "$device ""; $from" FROM t',
      'SELECT $$ $device ; $$, $a$ $from $$ $to $A$ $to $a$, $device$ $to $device$',
      "SELECT 1 -- $device ; it's\n, 2",
      "SELECT /* $device /* $from */ ; $to ' */ 1",
      'SELECT a$device, ä$from FROM t',
    ];
    for (const sql of untouched) replaced(sql).should.equal(sql);
  });

  it('are found again after each of those', () => {
    const befores = [`'a'`, `''''`, `E'\\''`, '"a"', '$$a$$', '$x$a$x$', '/* /* a */ */', '-- a\n', 'a$b', '1', '::'];
    for (const before of befores) replaced(`${before} $device`).should.equal(`${before} <device>`);
  });

  it('are three: any other, and what the database numbers, is refused', () => {
    for (const sql of ['SELECT $1', 'SELECT $devices', 'SELECT $Device', 'SELECT $from2']) {
      should(() => replaced(sql)).throw({ code: 'PARAMETER', message: /only \$device, \$from and \$to/ });
    }
  });

  it('make one statement: a second one is refused, a semicolon at the end is not', () => {
    replaced('SELECT 1 ; ; -- done\n /* really */ ').should.equal('SELECT 1   -- done\n /* really */ ');
    should(() => replaced('SELECT 1; COMMIT')).throw({ code: 'PARAMETER', message: /one SELECT.*"COMMIT"/ });
    for (const sql of ['', ' ', ';', '-- $device', '/* a']) {
      should(() => replaced(sql)).throw({ code: 'PARAMETER', message: /is empty/ });
    }
  });
});
