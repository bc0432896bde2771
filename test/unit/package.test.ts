import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import should from 'should';

const root = join(__dirname, '../../..');
interface PackageJson {
  readonly name: string;
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly keywords: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly 'node-red': { readonly nodes: Readonly<Record<string, string>> };
}
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;

/** What may be in the tarball, and nothing else. */
const allowed = [
  /^dist\/(lib|nodes)\/.+\.(js|d\.ts)$/,
  /^dist\/nodes\/[a-z-]+\/[a-z-]+\.html$/,
  /^dist\/nodes\/[a-z-]+\/locales\/[\w-]+\/[a-z-]+\.(json|html)$/,
  /^dist\/lib\/kernels\/kernels\.wasm$/,
  /^resources\/.+\.(js|css)$/,
  /^examples\/.+\.json$/,
  /^grafana\/dashboard\.json$/,
  /^(README\.md|CHANGELOG\.md|LICENSE|package\.json)$/,
];

describe('the package', () => {
  let files: string[];

  before(function () {
    this.timeout(60_000);
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
      cwd: root,
      encoding: 'utf8',
    });
    const [pack] = JSON.parse(output) as [{ files: { path: string }[] }];
    files = pack.files.map(({ path }) => path);
  });

  it('ships what runs, what the editor needs, the examples, the dashboard and the papers, and nothing else', () => {
    const strangers = files.filter((file) => !allowed.some((pattern) => pattern.test(file)));
    strangers.should.eql([]);
    for (const needed of [
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'dist/lib/index.js',
      'resources/ml-editor.js',
      'resources/ml-editor.css',
    ]) {
      files.should.containEql(needed);
    }
    files.some((file) => file.startsWith('examples/')).should.be.true();
  });

  it('ships html, locale and help beside every node', () => {
    const nodes = Object.entries(manifest['node-red'].nodes);
    nodes.length.should.be.above(0);
    for (const [type, path] of nodes) {
      path.should.equal(`dist/nodes/${type}/${type}.js`);
      for (const file of [`${type}.js`, `${type}.html`, `locales/en-US/${type}.json`, `locales/en-US/${type}.html`]) {
        files.should.containEql(`dist/nodes/${type}/${file}`);
      }
    }
  });

  it('runs nothing when it is installed', () => {
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      should(manifest.scripts[script]).be.undefined();
    }
  });

  it('has at most six dependencies, each of which runs on every Node.js that we promise', () => {
    const names = Object.keys(manifest.dependencies);
    names.length.should.be.belowOrEqual(6);
    manifest.engines.node.should.equal('>=20');
    for (const name of names) {
      const { engines } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
        engines?: { node?: string };
      };
      (engines?.node ?? '*').should.match(/^(\*|>=\s*(\d|1\d|20)(\.[x0](\.[x0])?)?)$/);
    }
  });

  it('carries the keyword and the licence that the catalogue asks for', () => {
    manifest.keywords.should.containEql('node-red');
    manifest.license.should.equal('Apache-2.0');
    existsSync(join(root, 'LICENSE')).should.be.true();
  });
});
