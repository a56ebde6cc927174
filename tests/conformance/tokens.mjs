// Other services check tokens through the key set, as the book tells them to: before, during and after a
// rotation, with two servers on one PostgreSQL that are told to rotate at the same moment.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';
import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';
import pg from 'pg';
import { SECRET, pause, scratch, steps } from './lib.mjs';
import { freePort } from './ports.mjs';

/** `jose` asks for the key set again no sooner than this after the last time. */
const COOLDOWN = 31_000;
/** What one server did is known to the other within ten seconds. */
const HEARD = 11_000;

const folder = scratch();
const { step, end } = steps('tokens in other services, through a rotation');
const admin = process.env.TESSERA_TEST_POSTGRES;
const database = admin ? await ownDatabase(admin) : null;
if (!database) console.log('SKIPPED: PostgreSQL under the two servers; TESSERA_TEST_POSTGRES is not set');

const [first, second] = [await freePort(), await freePort()];
const origin = `http://127.0.0.1:${first}`;
const config = path.join(folder, 'tessera.toml');
fs.writeFileSync(config, `
base_url = "${origin}"
secret = "${SECRET}"
data_dir = "${folder}/data"
database.url = "${database?.url ?? `sqlite:${folder}/tokens.sqlite`}"
mail = { transport = "file", outbox = "none" }
plugins.jwt.enabled = true
plugins.bearer.enabled = true
log.level = "warn"
`);
const nodes = [await startNode(first), await startNode(second)];

const signedUp = await fetch(`${origin}/api/auth/sign-up/email`, {
  method: 'POST', headers: { 'content-type': 'application/json', origin },
  body: JSON.stringify({ name: 'Ada', email: 'ada@tokens.test', password: 'Correct-Horse-42' }),
});
const bearer = signedUp.headers.get('set-auth-token');
const ada = (await signedUp.json()).user.id;

/** A token that one of the servers signs. */
async function token(port) {
  const answer = await fetch(`http://127.0.0.1:${port}/api/auth/token`, { headers: { authorization: `Bearer ${bearer}` } });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).token;
}
const kid = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url')).kid;
const keySet = async () => (await (await fetch(`${origin}/api/auth/jwks`)).json()).keys.map((key) => key.kid);

const services = [javascript('jose'), python('PyJWT')];
const begun = Date.now();
const accepted = async (jwt) => {
  for (const service of services) assert.equal(await service.check(jwt), ada, `${service.name} does not take ${kid(jwt)}`);
};

await step('the official client with its jwt plugin gets a token and the keys', async () => {
  const client = createAuthClient({
    baseURL: origin, plugins: [jwtClient()], fetchOptions: { auth: { type: 'Bearer', token: bearer } },
  });
  assert.equal((await client.getSession()).data.user.id, ada);
  const { data, error } = await client.token();
  assert.equal(error, null, JSON.stringify(error));
  await accepted(data.token);
  const published = await client.jwks();
  assert.deepEqual(published.data.keys.map((key) => key.kid), [kid(data.token)]);
});
let old;
await step('before: every server\'s tokens are good', async () => {
  old = await token(first);
  for (const port of [first, second]) await accepted(await token(port));
  assert.deepEqual(await keySet(), [kid(old)]);
});
await step('nobody takes a token that was changed, is for others, or has no signature', async () => {
  const [head, body, signature] = old.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const forged = [
    `${head}.${encode({ ...claims, sub: 'root' })}.${signature}`,
    `${encode({ alg: 'none' })}.${body}.`, `${encode({ alg: 'HS256', kid: kid(old) })}.${body}.${signature}`,
  ];
  for (const service of services) for (const jwt of forged) assert.match(await service.check(jwt), /^refused/, service.name);
});
await step('both servers are told to rotate at once: one new key, which waits', async () => {
  // A key that not everybody has heard of is new still, and no other is made.
  await pause(Math.max(0, begun + HEARD - Date.now()));
  const said = await Promise.all([keys('rotate'), keys('rotate')]);
  assert.equal(said[0], said[1]);
  assert.equal((await keySet()).length, 2);
  for (const port of [first, second]) {
    const jwt = await token(port);
    assert.equal(kid(jwt), kid(old));
    await accepted(jwt);
  }
});
await step('during: servers change to a new key one after the other, and no token is refused', async () => {
  await pause(Math.max(0, begun + COOLDOWN - Date.now()));
  const said = await Promise.all([keys('rotate', '--now'), keys('rotate', '--now')]);
  assert.equal(said[0], said[1]);
  const fresh = said[0].split(' ')[0];
  const signs = new Map();
  for (const until = Date.now() + HEARD; Date.now() < until; await pause(250)) {
    for (const port of [first, second]) {
      const jwt = await token(port);
      signs.set(port, kid(jwt));
      await accepted(jwt);
    }
    await accepted(old);
    if ([first, second].every((port) => signs.get(port) === fresh)) break;
  }
  assert.deepEqual([...signs.values()], [fresh, fresh]);
});
await step('after: old and new tokens are good for services that start now', async () => {
  const jwt = await token(second);
  const [early, late] = [services.splice(0), [javascript('jose, new'), python('PyJWT, new')]];
  services.push(...late);
  await accepted(old);
  await accepted(jwt);
  early.forEach((service) => service.end());
});
await step('a revoked key is good for nobody who asks', async () => {
  assert.match(await keys('revoke', kid(old)), /is revoked/);
  await pause(HEARD);
  assert.ok(!(await keySet()).includes(kid(old)));
  services.splice(0).forEach((service) => service.end());
  services.push(javascript('jose, late'), python('PyJWT, late'));
  for (const service of services) assert.match(await service.check(old), /^refused/, service.name);
  await accepted(await token(first));
});

services.forEach((service) => service.end());
for (const node of nodes) await node.stop();
await database?.end();
end();

/** A database of its own on a PostgreSQL that is there for tests. */
async function ownDatabase(connectionString) {
  const name = `tokens_${process.pid}`;
  const query = async (text) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try { await client.query(text); } finally { await client.end(); }
  };
  await query(`create database ${name}`);
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return { url: url.href, end: () => query(`drop database ${name} with (force)`) };
}

function command(...words) {
  return [process.env.TESSERA_BIN, ['--config', config, ...words]];
}

async function keys(...words) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TESSERA_')));
  const [program, args] = command('keys', ...words);
  return (await promisify(execFile)(program, args, { cwd: folder, env })).stdout;
}

async function startNode(port) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TESSERA_')));
  const [program, args] = command('--set', `server.port=${port}`, 'serve');
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => { said = (said + text).slice(-4000); });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  for (const until = Date.now() + 30_000; ; await pause(50)) {
    if ((await fetch(`http://127.0.0.1:${port}/api/auth/ok`).catch(() => null))?.ok) break;
    if (child.exitCode !== null || Date.now() > until) throw new Error(`a server does not start:\n${said}`);
  }
  return { stop: () => new Promise((done) => { child.once('exit', done); child.kill('SIGTERM'); }) };
}

/** The book's example in a language, cut where the token comes in. */
function example(language) {
  const page = fs.readFileSync(path.join(process.env.BOOK, 'how-to/verify-tokens.md'), 'utf8');
  const code = page.split('```' + language + '\n')[1]?.split('\n```')[0];
  assert.ok(code?.includes('https://auth.example.com'), `the book has no example for ${language}`);
  const lines = code.replaceAll('https://auth.example.com', origin).split('\n');
  const at = lines.findIndex((line) => /\btoken\b/.test(line));
  return [lines.slice(0, at).join('\n'), lines.slice(at)];
}

function javascript(name) {
  const [before, check] = example('js');
  const file = path.resolve(`service-${process.pid}.mjs`);
  process.once('exit', () => fs.rmSync(file, { force: true }));
  fs.writeFileSync(file, `
import readline from 'node:readline';
${before}
async function check(token) {
${check.join('\n')}
return payload.sub;
}
for await (const line of readline.createInterface({ input: process.stdin })) {
  console.log(await check(line).catch((error) => 'refused ' + error.code));
}
`);
  return service(name, 'node', [file]);
}

function python(name) {
  const [before, check] = example('python');
  const file = path.join(folder, 'service.py');
  fs.writeFileSync(file, `
import sys
${before}
def check(token):
${check.map((line) => `    ${line}`).join('\n')}
    return claims["sub"]

for line in sys.stdin:
    try:
        print(check(line.strip()), flush=True)
    except Exception as error:
        print("refused", type(error).__name__, flush=True)
`);
  return service(name, 'python3', [file]);
}

/** A program that answers each line, a token, with a line: who it is about, or that it is refused. */
function service(name, program, args) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const check = async (jwt) => {
    child.stdin.write(`${jwt}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended`);
    return value;
  };
  return { name, check, end: () => child.stdin.end() };
}
