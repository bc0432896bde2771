import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A PostgreSQL server of a test's own, with a password and TLS, that can be stopped and started. It does not outlive the
 * process that made it, however that one ends.
 */
export interface OwnServer {
  readonly port: number;
  readonly password: string;
  /** PEM file of the authority that signed the server's certificate, which is for `localhost`. */
  readonly caFile: string;
  start(): Promise<void>;
  /** As a power cut does it. */
  stop(): Promise<void>;
  /** Stops it, and removes its files. */
  remove(): Promise<void>;
}

/** PostgreSQL's own programs as Debian and Ubuntu keep them, the newest; null where there are none. */
export async function serverPrograms(): Promise<string | null> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  return newest === undefined ? null : join(root, String(newest), 'bin');
}

/** Makes a server and starts it. @param programs - where `initdb` and `pg_ctl` are */
export async function ownServer(programs: string): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'flowsight-ml-server-'));
  const data = join(folder, 'data');
  const password = 'open-sesame';
  const port = await freePort();
  const user = await whoMayRun(folder);
  const program = (name: string, ...args: string[]): Promise<unknown> =>
    run(join(programs, name), args, { ...user, cwd: folder });

  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  await certify(folder);
  await handOver(folder, user);
  const cleaner = startCleaner(join(programs, 'pg_ctl'), data, folder, user);
  await program(
    'initdb',
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    `--pwfile=${passwordFile}`,
  );
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: join(folder, 'server.crt'),
    ssl_key_file: join(folder, 'server.key'),
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const control = (...args: string[]): Promise<unknown> => program('pg_ctl', '-D', data, '-w', ...args);
  const server: OwnServer = {
    port,
    password,
    caFile: join(folder, 'ca.crt'),
    start: async () => {
      await control('-l', join(folder, 'log'), '-o', options.join(' '), 'start');
    },
    stop: async () => {
      await control('-m', 'immediate', 'stop');
    },
    remove: async () => {
      const cleaned = once(cleaner, 'exit');
      cleaner.stdin!.end();
      await cleaned;
    },
  };
  await server.start();
  return server;
}

/** Waits until its end of a pipe is closed, as it is when this process ends; then stops the server and removes its files. */
function startCleaner(control: string, data: string, folder: string, user: User): ChildProcess {
  const script = 'read -r _; "$0" -D "$1" -w -m immediate stop; rm -rf "$2"';
  const stdio: ['pipe', 'ignore', 'ignore'] = ['pipe', 'ignore', 'ignore'];
  const cleaner = spawn('sh', ['-c', script, control, data, folder], { ...user, cwd: '/', detached: true, stdio });
  cleaner.unref();
  return cleaner;
}

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root. */
async function whoMayRun(folder: string): Promise<User> {
  if (process.getuid?.() !== 0) return {};
  const users = await readFile('/etc/passwd', 'utf8');
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`There is no user postgres to own ${folder}.`);
  return { uid: Number(uid), gid: Number(gid) };
}

async function handOver(folder: string, { uid, gid }: User): Promise<void> {
  if (uid === undefined || gid === undefined) return;
  await chown(folder, uid, gid);
  for (const name of await readdir(folder)) await chown(join(folder, name), uid, gid);
}

/** An authority, and a certificate that it signed for `localhost`. */
async function certify(folder: string): Promise<void> {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  const fresh = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  await openssl(
    'req',
    '-x509',
    ...fresh,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
    '-subj',
    '/CN=Test authority',
  );
  await openssl(
    'req',
    ...fresh.slice(0, 3),
    '-keyout',
    file('server.key'),
    '-out',
    file('server.csr'),
    '-subj',
    '/CN=localhost',
  );
  await writeFile(file('names'), 'subjectAltName=DNS:localhost');
  const signed = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
  await openssl(
    'x509',
    '-req',
    '-in',
    file('server.csr'),
    ...signed,
    '-extfile',
    file('names'),
    '-out',
    file('server.crt'),
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { readonly port: number };
      probe.close(() => resolve(port));
    });
  });
}
