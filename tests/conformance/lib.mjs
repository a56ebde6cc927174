// What the journeys share: a server, a browser, an outbox, and steps that are counted.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createAuthClient } from 'better-auth/client';
import { freePort } from './ports.mjs';

export const SECRET = 'q7Jm2vXc9TzLr4Yd8KwPn3HsBg6FeUa1RtVo5ZiEx0C';
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** A folder that is gone when this process is. */
export function scratch() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tessera-journey-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts Tessera through the launcher, as the differential harness does. */
export async function startTessera({ folder, db, profile = 'default', options = {} }) {
  const command = process.env.TESSERA_LAUNCH;
  if (!command) throw new Error('TESSERA_LAUNCH does not name the launcher');
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const outbox = path.join(folder, `outbox-${port}.jsonl`);
  const settings = {
    PORT: String(port), HOST: '127.0.0.1', BASE_URL: base, PROFILE: profile, SECRET,
    OPTIONS: JSON.stringify({ plugins: [], ...options }), DB: db ?? path.join(folder, `${profile}.sqlite`), OUTBOX: outbox,
  };
  const child = spawn(command, { env: { ...process.env, ...settings }, stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = new Promise((done) => child.once('exit', done));
  let said = '';
  child.stderr.on('data', (text) => { said = (said + text).slice(-4000); });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  for (const until = Date.now() + 30_000; ; await pause(50)) {
    const answer = await fetch(`${base}/api/auth/ok`).catch(() => null);
    if (answer?.ok) break;
    if (child.exitCode !== null || Date.now() > until) { kill(); throw new Error(`Tessera does not start:\n${said}`); }
  }
  const stop = async () => {
    process.removeListener('exit', kill);
    child.kill('SIGTERM');
    await Promise.race([gone, pause(10_000)]);
    kill();
  };
  return { base, outbox, stop, log: () => said };
}

/** A browser: cookies of its own, and the official client with these plugins of its own. */
export function browser(base, name = 'journey', plugins = []) {
  const jar = new Map();
  const last = {};
  const customFetchImpl = async (url, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('origin', base);
    headers.set('user-agent', `tessera-${name}/1`);
    if (jar.size) headers.set('cookie', cookieHeader(jar));
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) store(jar, line);
    last.status = answer.status;
    last.headers = answer.headers;
    return answer;
  };
  const client = createAuthClient({ baseURL: base, fetchOptions: { customFetchImpl }, plugins });
  return { client, jar, last, fetch: (url, init) => customFetchImpl(new URL(url, base).href, init) };
}

export const cookieHeader = (jar) => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

function store(jar, line) {
  const [pair, ...attributes] = line.split(/;\s*/);
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) jar.delete(name);
  else jar.set(name, value);
}

/** Data, or the step fails with the error that came. */
export const data = async (answer) => {
  const { data: value, error } = await answer;
  assert.equal(error, null, `unexpected ${JSON.stringify(error)}`);
  return value;
};

/** An error of this status and code, or the step fails. */
export const refused = async (answer, status, code) => {
  const { data: value, error } = await answer;
  assert.equal(value, null);
  assert.deepEqual([error.status, error.code], [status, code]);
  assert.ok(error.message, 'a refusal has a message');
};

/** The newest letter of a kind to an address. */
export async function letter(outbox, type, to, wait = 5000) {
  for (const until = Date.now() + wait; ; await pause(25)) {
    const lines = fs.existsSync(outbox) ? fs.readFileSync(outbox, 'utf8').split('\n').filter(Boolean) : [];
    const found = lines.map((line) => JSON.parse(line)).findLast((entry) => entry.type === type && entry.to === to);
    if (found) return found;
    if (Date.now() > until) throw new Error(`no ${type} came to ${to}`);
  }
}

/** Counts steps. A failed one is printed and does not end the journey. */
export function steps(title) {
  let passed = 0;
  let failed = 0;
  const step = async (name, run) => {
    try {
      await run();
      passed += 1;
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${title}: ${name}\n  ${String(error?.stack ?? error).split('\n').slice(0, 6).join('\n  ')}`);
    }
  };
  const end = () => {
    console.log(`${title}\n${passed} passed, ${failed} failed`);
    process.exitCode = failed ? 1 : process.exitCode;
  };
  return { step, end };
}

/** The code that an authenticator app shows for an `otpauth://` address. */
export function totp(uri) {
  const { searchParams } = new URL(uri);
  const bits = [...searchParams.get('secret')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / Number(searchParams.get('period')))));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
