// Starts Tessera on a PostgreSQL database of its own, as `launch` was asked to: one node that remembers in
// memory (TESSERA_SETUP=postgres), or two that share a Redis, behind an address where requests go to one and
// the other by turns (TESSERA_SETUP=pair). The rest of the environment is that of `launch`.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort } from './ports.mjs';

const env = process.env;
const here = path.dirname(fileURLToPath(import.meta.url));
const pair = env.TESSERA_SETUP === 'pair';
const admin = env.TESSERA_TEST_POSTGRES;
if (!admin) throw new Error('TESSERA_TEST_POSTGRES names no PostgreSQL');
if (pair && !env.TESSERA_TEST_REDIS) throw new Error('TESSERA_TEST_REDIS names no Redis');

/** How long one node may not know what was done on the other: docs/how-to/several-nodes.md. */
const BOUND = 50;

// A server that is started again on the same file finds the same database.
const name = `nodes_${createHash('sha256').update(env.DB ?? String(process.pid)).digest('hex').slice(0, 24)}`;
const database = /^postgres/.test(env.DB ?? '') ? env.DB : await own(name);
const port = Number(env.PORT ?? 3000);
const base = env.BASE_URL ?? `http://127.0.0.1:${port}`;
const ports = pair ? [await freePort(), await freePort()] : [port];
const children = [];
for (const at of ports) children.push(start(at));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => children.forEach((child) => child.kill(signal)));
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
let running = children.length;
for (const child of children) child.on('exit', (code) => { running -= 1; if (running === 0 || code) process.exit(code ?? 0); });
if (pair) {
  await Promise.all(ports.map(isUp));
  alternate();
}

function start(at) {
  // The server takes everything that begins like this for a setting.
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TESSERA_') || name === 'TESSERA_LOG'));
  const settings = { ...clean, TESSERA_BIN: env.TESSERA_BIN, PORT: String(at), BASE_URL: base, DB: database, OUTBOX: env.OUTBOX ?? `${env.DB}.outbox` };
  if (pair) settings.REDIS = JSON.stringify({ url: env.TESSERA_TEST_REDIS, prefix: `${name}:` });
  const config = execFileSync('node', [path.join(here, 'config.mjs')], { env: settings, encoding: 'utf8' }).trim();
  return spawn(env.TESSERA_BIN, ['--config', config, 'serve'], { env: clean, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Every request to the other node than the one before. */
function alternate() {
  const agent = new http.Agent({ keepAlive: true });
  let next = 0;
  let changed = 0;
  const server = http.createServer({ insecureHTTPParser: true, maxHeaderSize: 512 * 1024 }, async (request, response) => {
    const wait = changed + BOUND - Date.now();
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    const to = ports[next++ % ports.length];
    const { method, url, rawHeaders: headers } = request;
    const passed = http.request({ host: '127.0.0.1', port: to, method, path: url, headers, agent, insecureHTTPParser: true }, (answer) => {
      // What a GET does, such as following a link in a letter, changes things too.
      if (method !== 'GET' || answer.headers['set-cookie']) changed = Date.now();
      response.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  server.on('clientError', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'));
  server.listen(port, env.HOST ?? '127.0.0.1');
}

async function isUp(at) {
  for (const until = Date.now() + 30_000; Date.now() < until; await new Promise((done) => setTimeout(done, 20))) {
    if ((await fetch(`http://127.0.0.1:${at}/api/auth/ok`).catch(() => null))?.ok) return;
  }
  process.exit(1);
}

async function own(name) {
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (!rowCount) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return url.href;
}
