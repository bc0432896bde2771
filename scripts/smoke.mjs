// Installs a packed tarball the way Node-RED's palette does, into an empty user directory beside a Node-RED of the
// given version, and judges readings over HTTP with it.
// Usage: node scripts/smoke.mjs TARBALL [node-red@VERSION]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [tarball, nodeRed = 'node-red@^4.1'] = process.argv.slice(2);
if (tarball === undefined) throw new Error('Usage: node scripts/smoke.mjs TARBALL [node-red@VERSION]');

const folder = mkdtempSync(join(tmpdir(), 'node-red-ml-smoke-'));

function npm(...args) {
  const { status, stderr } = spawnSync('npm', ['--silent', '--no-audit', '--no-fund', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed: ${stderr}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const flow = [
  { id: 'tab', type: 'tab', label: 'smoke' },
  { id: 'in', type: 'http in', z: 'tab', url: '/judge', method: 'post', wires: [['detect']] },
  { id: 'detect', type: 'ml-detect', z: 'tab', warmUpRows: '100', wires: [['shape'], []] },
  {
    id: 'shape',
    type: 'change',
    z: 'tab',
    rules: [{ t: 'move', p: 'anomaly', pt: 'msg', to: 'payload', tot: 'msg' }],
    wires: [['out']],
  },
  { id: 'out', type: 'http response', z: 'tab', wires: [] },
  ...['ml-train', 'ml-synthetic', 'ml-model-store'].map((type) => ({
    id: type,
    type,
    z: 'tab',
    mode: 'batch',
    wires: [[], []],
  })),
];

/** A pump that hums along, and at the end a pressure it has never had. */
function readings() {
  const start = Date.UTC(2026, 0, 1);
  const rows = Array.from({ length: 400 }, (_, i) => ({
    timestamp: new Date(start + i * 1000).toISOString(),
    pressure: 4 + 0.1 * Math.sin(i * 1.7) + 0.05 * Math.sin(i * 0.31),
    flow: 20 + 0.5 * Math.cos(i * 2.3) + 0.2 * Math.sin(i * 0.7),
  }));
  rows[399].pressure = 9;
  return rows;
}

let child;
try {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  npm('install', nodeRed);
  npm('install', '--omit=dev', '--engine-strict', resolve(tarball));
  const port = await freePort();
  writeFileSync(join(folder, 'flows.json'), JSON.stringify(flow));
  writeFileSync(
    join(folder, 'settings.js'),
    `module.exports = { uiHost: '127.0.0.1', uiPort: ${port}, flowFile: 'flows.json', telemetry: { enabled: false } };`,
  );
  const log = [];
  child = spawn(process.execPath, [join(folder, 'node_modules/node-red/red.js'), '-u', folder], { stdio: 'pipe' });
  const started = new Promise((done, failed) => {
    child.stdout.on('data', (chunk) => {
      log.push(String(chunk));
      if (log.join('').includes('Started flows')) done();
    });
    child.stderr.on('data', (chunk) => log.push(String(chunk)));
    child.on('exit', () => failed(new Error(`Node-RED ended early:\n${log.join('')}`)));
  });
  await started;

  const modules = await (
    await fetch(`http://127.0.0.1:${port}/nodes`, { headers: { accept: 'application/json' } })
  ).json();
  const ours = modules.filter((entry) => entry.module === '@flowsight/node-red-ml');
  const failed = ours.filter((entry) => entry.err !== undefined);
  if (ours.length === 0 || failed.length > 0) throw new Error(`Nodes failed to load: ${JSON.stringify(failed)}`);

  const response = await fetch(`http://127.0.0.1:${port}/judge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(readings()),
  });
  const verdicts = await response.json();
  const last = verdicts.at(-1);
  const before = verdicts.slice(200, 399).filter((verdict) => verdict.isAnomaly).length;
  if (verdicts.length !== 400 || last.isAnomaly !== true || before > 4) {
    throw new Error(`Expected 400 verdicts, few anomalies and then one; got ${before} and ${JSON.stringify(last)}`);
  }
  const types = ours.flatMap((entry) => entry.types).join(', ');
  console.log(`${process.version}, ${nodeRed}: ${types} load; the planted fault scores ${last.score.toFixed(2)}.`);
} finally {
  if (child !== undefined && child.exitCode === null) {
    child.removeAllListeners('exit');
    child.kill();
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}
