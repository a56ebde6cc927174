// A database that Better Auth made is used here in place, and handed back.
import assert from 'node:assert/strict';
import path from 'node:path';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import Database from 'better-sqlite3';
import pg from 'pg';
import { SECRET, browser, cookieHeader, scratch, startTessera, steps } from './lib.mjs';

process.env.BETTER_AUTH_TELEMETRY = '0';
const ADA = { name: 'Ada', email: 'ada@adopt.test', password: 'a long enough secret 1' };
const GRACE = { name: 'Grace', email: 'grace@adopt.test', password: 'another long secret 22' };

/** A SQLite file. */
function sqlite(folder) {
  const file = path.join(folder, 'adopted.sqlite');
  return {
    title: 'adopts SQLite', url: file,
    open: () => { const db = new Database(file); return { database: db, close: async () => db.close() }; },
    schema: async () => {
      const db = new Database(file, { readonly: true });
      const tables = db.prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite%'").pluck().all();
      const columns = tables.flatMap((table) => db.pragma(`table_info("${table}")`)
        .map((c) => [`${table}.${c.name}`, { type: c.type, required: !!c.notnull && c.dflt_value === null, key: c.pk }]));
      db.close();
      return new Map(columns);
    },
    end: async () => {},
  };
}

/** A database of its own on a PostgreSQL that is there for tests. */
async function postgres(admin) {
  const name = `adopt_${process.pid}`;
  const query = async (connectionString, text) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try { return (await client.query(text)).rows; } finally { await client.end(); }
  };
  await query(admin, `create database ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return {
    title: 'adopts PostgreSQL', url: url.href,
    open: () => { const pool = new pg.Pool({ connectionString: url.href }); return { database: pool, close: () => pool.end() }; },
    schema: async () => {
      const rows = await query(url.href, `select table_name, column_name, data_type, is_nullable, column_default
        from information_schema.columns where table_schema = 'public'`);
      return new Map(rows.map((c) => [`${c.table_name}.${c.column_name}`, {
        type: c.data_type, required: c.is_nullable === 'NO' && c.column_default === null, default: c.column_default,
      }]));
    },
    end: () => query(admin, `drop database ${name} with (force)`),
  };
}

/** Better Auth on a store, for as long as `use` takes. */
async function withBetterAuth(store, base, use) {
  const { database, close } = store.open();
  const options = {
    appName: 'Reference', baseURL: base, secret: SECRET, database, telemetry: { enabled: false },
    emailAndPassword: { enabled: true }, logger: { level: 'error' },
  };
  await (await getMigrations(options)).runMigrations();
  try { return await use(betterAuth(options).api); } finally { await close(); }
}

const cookiesOf = (headers) => headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
const signIn = ({ email, password }) => ({ body: { email, password } });

async function adopt(store, folder) {
  const { step, end } = steps(store.title);
  const base = 'http://127.0.0.1:3000';
  let cookie;
  await step('Better Auth makes a database with a user', () => withBetterAuth(store, base, async (api) => {
    const { headers } = await api.signUpEmail({ body: ADA, returnHeaders: true });
    cookie = cookiesOf(headers);
  }));
  const before = await store.schema();

  const server = await startTessera({ folder, db: store.url });
  const ada = browser(server.base, 'ada');
  const grace = browser(server.base, 'grace');
  await step('the session from there is one here', async () => {
    const answer = await fetch(`${server.base}/api/auth/get-session`, { headers: { cookie } });
    assert.equal((await answer.json())?.user?.email, ADA.email);
  });
  await step('the user signs in here', async () => {
    const { data, error } = await ada.client.signIn.email({ email: ADA.email, password: ADA.password });
    assert.equal(error, null, JSON.stringify(error));
    assert.equal(data.user.name, ADA.name);
  });
  await step('another signs up here', async () => {
    const { data, error } = await grace.client.signUp.email(GRACE);
    assert.equal(error, null, JSON.stringify(error));
    assert.equal(data.user.email, GRACE.email);
  });
  await server.stop();

  await step('what was there is as it was, and nothing added is in the way', async () => {
    const after = await store.schema();
    for (const [column, what] of before) assert.deepEqual(after.get(column), what, column);
    const theirs = new Set([...before.keys()].map((column) => column.split('.')[0]));
    for (const [column, what] of after) {
      if (theirs.has(column.split('.')[0]) && !before.has(column)) assert.equal(what.required, false, `${column} is in the way`);
    }
  });
  await step('Better Auth signs both in again', () => withBetterAuth(store, base, async (api) => {
    for (const who of [ADA, GRACE]) assert.equal((await api.signInEmail(signIn(who))).user.email, who.email);
  }));
  await step('the session from here is one there', () => withBetterAuth(store, base, async (api) => {
    const session = await api.getSession({ headers: new Headers({ cookie: cookieHeader(grace.jar) }) });
    assert.equal(session?.user?.email, GRACE.email);
  }));
  end();
}

const folder = scratch();
await adopt(sqlite(folder), folder);
const admin = process.env.TESSERA_TEST_POSTGRES;
if (admin) {
  const store = await postgres(admin);
  try { await adopt(store, folder); } finally { await store.end(); }
} else {
  console.log('SKIPPED: adopting a PostgreSQL; TESSERA_TEST_POSTGRES is not set');
}
