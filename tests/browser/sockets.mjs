// Open sockets from a real browser: two nodes on one PostgreSQL with one Redis, and a headless Chromium whose
// pages open WebSockets and streams of events to both.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { chromium } from 'playwright-core';
import { SECRET, pause, scratch, steps } from './lib.mjs';
import { freePort } from './ports.mjs';

const folder = scratch();
const { step, end } = steps('sockets in a browser, two nodes');
const database = await ownDatabase(process.env.TESSERA_TEST_POSTGRES);
const ports = [await freePort(), await freePort()];
const [one, two] = ports.map((port) => `http://127.0.0.1:${port}`);
const config = path.join(folder, 'tessera.toml');
fs.writeFileSync(config, `
base_url = "${one}"
trusted_origins = ["${two}"]
secret = "${SECRET}"
data_dir = "${folder}/data"
database.url = "${database.url}"
redis = { url = "${process.env.TESSERA_TEST_REDIS}", prefix = "browser-${process.pid}:" }
mail = { transport = "file", outbox = "none" }
plugins.realtime.enabled = true
plugins.organization.enabled = true
log.level = "warn"
`);
const nodes = [await startNode(ports[0]), await startNode(ports[1])];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

/** Somebody's browser, on a page of the first node: what it evaluates runs there. */
async function visitor(name) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${one}/api/auth/ok`);
  const user = await page.evaluate(async (name) => {
    const post = (path, body) => fetch(path, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}),
    }).then((answer) => answer.json());
    /** Opens a socket and keeps what comes. */
    const open = (url, protocols = []) => new Promise((done) => {
      const socket = new WebSocket(url, ['tessera.v1', ...protocols]);
      const kept = { socket, said: [], code: null };
      socket.onmessage = ({ data }) => kept.said.push(JSON.parse(data));
      socket.onclose = ({ code }) => { kept.code = code; done(kept); };
      socket.onopen = () => done(kept);
    });
    globalThis.t = { post, open, sockets: {} };
    const signedUp = await post('/api/auth/sign-up/email', {
      name, email: `${name}@browser.test`, password: 'Correct-Horse-42',
    });
    return signedUp.user;
  }, name);
  const opens = (as, url, protocols) => page.evaluate(async ({ as, url, protocols }) => {
    const kept = await t.open(url, protocols);
    t.sockets[as] = kept;
    return kept.code;
  }, { as, url, protocols });
  const says = (as, message) => page.evaluate(({ as, message }) => t.sockets[as].socket.send(JSON.stringify(message)), { as, message });
  const hears = async (as, kind) => {
    const found = await page.waitForFunction(
      ({ as, kind }) => t.sockets[as].said.find((said) => said.type === kind) ?? null, { as, kind }, { timeout: 10_000 },
    );
    return found.jsonValue();
  };
  const closes = async (as) => {
    const code = await page.waitForFunction((as) => t.sockets[as].code, as, { timeout: 10_000 });
    return code.jsonValue();
  };
  const post = (path, body) => page.evaluate(({ path, body }) => t.post(path, body), { path, body });
  return { page, user, opens, says, hears, closes, post };
}

const socketOf = (base) => `${base.replace('http', 'ws')}/ws`;
const ada = await visitor('ada');

await step('a page opens sockets to both nodes with its cookie', async () => {
  for (const [as, base] of [['here', one], ['there', two]]) {
    assert.equal(await ada.opens(as, socketOf(base)), null, 'it is open');
    const welcome = await ada.hears(as, 'welcome');
    assert.equal(welcome.user.id, ada.user.id);
    assert.equal(welcome.session.token, undefined);
  }
});

await step('what happens on one node is told on the other', async () => {
  await ada.says('there', { type: 'subscribe', topic: 'session' });
  await ada.hears('there', 'subscribed');
  await ada.post('/api/auth/update-user', { name: 'Countess' });
  const told = await ada.hears('there', 'event');
  assert.deepEqual([told.topic, told.data.user.name], ['session', 'Countess']);
});

await step('a stream of events tells the same', async () => {
  await ada.page.evaluate(() => new Promise((done) => {
    t.events = [];
    t.source = new EventSource('/api/auth/realtime/events?topics=activity');
    t.source.onmessage = ({ data }) => { t.events.push(JSON.parse(data)); if (t.events.length === 2) done(); };
  }));
  await ada.post('/api/auth/update-user', { name: 'Ada' });
  await ada.page.waitForFunction(() => t.events.some((said) => said.name === 'user.updated'), null, { timeout: 10_000 });
});

await step('a ticket opens one socket', async () => {
  const { ticket } = await ada.post('/api/auth/realtime/ticket');
  assert.equal(await ada.opens('ticket', `${socketOf(two)}?ticket=${ticket}`), null);
  await ada.hears('ticket', 'welcome');
  assert.equal(await ada.opens('again', `${socketOf(one)}?ticket=${ticket}`), 1006);
});

await step('a page of another site gets no socket, whatever cookies there are', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://localhost:${ports[0]}/api/auth/ok`);
  await context.addCookies((await ada.page.context().cookies()).map((cookie) => ({ ...cookie, sameSite: 'Lax' })));
  const code = await page.evaluate((url) => new Promise((done) => {
    const socket = new WebSocket(url, ['tessera.v1']);
    socket.onclose = ({ code }) => done(code);
    socket.onopen = () => done('open');
  }), socketOf(one));
  assert.equal(code, 1006);
});

await step('signing out on one node closes the sockets on both, and the stream', async () => {
  await ada.page.evaluate(() => { t.closed = new Promise((done) => t.source.addEventListener('close', ({ data }) => { t.source.close(); done(JSON.parse(data).code); })); });
  await ada.post('/api/auth/sign-out');
  assert.equal(await ada.closes('here'), 4401);
  assert.equal(await ada.closes('there'), 4401);
  assert.equal(await ada.closes('ticket'), 4401);
  assert.equal(await ada.page.evaluate(() => t.closed), 4401);
});

await step('who is removed from an organization hears no more of it', async () => {
  const [owner, member] = [await visitor('owner'), await visitor('member')];
  const { id } = await owner.post('/api/auth/organization/create', { name: 'House', slug: 'house' });
  const invitation = await owner.post('/api/auth/organization/invite-member', {
    email: 'member@browser.test', role: 'member', organizationId: id,
  });
  await database.verify('member@browser.test');
  await pause(50);
  await member.post('/api/auth/organization/accept-invitation', { invitationId: invitation.id });
  await member.opens('house', socketOf(two));
  await member.says('house', { type: 'subscribe', topic: `organization:${id}` });
  await member.hears('house', 'subscribed');
  await owner.post('/api/auth/organization/remove-member', { memberIdOrEmail: 'member@browser.test', organizationId: id });
  assert.equal((await member.hears('house', 'unsubscribed')).topic, `organization:${id}`);
});

await step('a node that stops sends its sockets to the other', async () => {
  const eve = await visitor('eve');
  await eve.opens('first', socketOf(one));
  await eve.hears('first', 'welcome');
  nodes[0].kill('SIGTERM');
  assert.equal(await eve.closes('first'), 1012);
  assert.equal(await eve.opens('second', socketOf(two)), null);
  await eve.hears('second', 'welcome');
});

await browser.close();
for (const node of nodes) node.kill('SIGTERM');
await database.drop();
end();

async function startNode(port) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TESSERA_')));
  const settings = ['--config', config, '--set', `server.port=${port}`, 'serve'];
  const child = spawn(process.env.TESSERA_BIN, settings, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  for (const until = Date.now() + 30_000; ; await pause(50)) {
    if ((await fetch(`http://127.0.0.1:${port}/api/auth/ok`).catch(() => null))?.ok) return child;
    if (child.exitCode !== null || Date.now() > until) throw new Error('a node does not start');
  }
}

/** A database of its own, gone at the end. */
async function ownDatabase(admin) {
  const name = `browser_${process.pid}_${Date.now()}`;
  const root = new pg.Client({ connectionString: admin });
  await root.connect();
  await root.query(`CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  const verify = async (email) => {
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query('UPDATE "user" SET "emailVerified" = true WHERE email = $1', [email]);
    await client.end();
  };
  const drop = async () => { await root.query(`DROP DATABASE ${name} WITH (FORCE)`); await root.end(); };
  return { url: url.href, verify, drop };
}
