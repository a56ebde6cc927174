// Turns a profile of the conformance harness into a configuration of Tessera, and prints its path.
// The environment is described in `launch`.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const env = process.env;
const port = Number(env.PORT ?? 3000);
const options = JSON.parse(env.OPTIONS || '{}');
const profile = env.PROFILE ?? 'default';
// The profiles for load tests are fixed by name: not every caller sends their options.
const load = /^perf(min)?(cache)?$/.exec(profile);
if (load) options.quiet = true;
if (load?.[1]) options.minimal = true;
if (load?.[2]) options.cookieCache ??= { strategy: 'compact', maxAge: 300 };

const postgres = /^postgres(ql)?:/.test(env.DB ?? '');
const folder = fs.mkdtempSync(path.join(env.DB && !postgres ? path.dirname(path.resolve(env.DB)) : os.tmpdir(), 'tessera-'));
const outbox = env.OUTBOX ?? path.join(folder, 'outbox.jsonl');

/** Leaves out what the profile does not say, so that the preset's figure stays. */
const said = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const userFields = options.additionalFields && {
  nickname: { type: 'string', required: false },
  plan: { type: 'string', required: false, default: 'free', input: false },
  age: { type: 'number', required: false },
  newsletter: { type: 'boolean', required: false, default: false },
  secretNote: { type: 'string', required: false, returned: false },
};
const sessionFields = options.additionalFields && { theme: { type: 'string', required: false } };

const config = {
  preset: 'better-auth',
  app_name: 'Reference',
  base_url: env.BASE_URL ?? `http://127.0.0.1:${port}`,
  secret: env.SECRET ?? 'q7Jm2vXc9TzLr4Yd8KwPn3HsBg6FeUa1RtVo5ZiEx0C',
  data_dir: path.join(folder, 'data'),
  trusted_origins: options.trustedOrigins ?? [],
  server: { host: env.HOST ?? '127.0.0.1', port },
  database: { url: postgres ? env.DB : `sqlite:${path.resolve(env.DB ?? path.join(folder, 'tessera.sqlite'))}` },
  ...(env.REDIS ? { redis: JSON.parse(env.REDIS) } : {}),
  mail: { transport: 'file', outbox: outbox === 'none' ? 'none' : path.resolve(outbox) },
  log: { level: options.quiet ? 'error' : 'warn' },
  cookies: said({ prefix: options.cookiePrefix, secure: options.useSecureCookies }),
  rate_limit: { enabled: false, ...said(options.rateLimit ?? {}) },
  // Load tests compare with the rate of argon2id; everything else keeps hashes that can be handed back.
  ...(load ? { passwords: { scheme: 'argon2id' } } : {}),
  plugins: {
    session: said({
      expires_in: options.sessionExpiresIn,
      update_age: options.sessionUpdateAge,
      fresh_age: options.freshAge,
      cookie_cache: options.cookieCache && said({
        enabled: true, strategy: options.cookieCache.strategy, max_age: options.cookieCache.maxAge,
      }),
      fields: sessionFields,
    }),
    'email-password': said({
      auto_sign_in: options.autoSignIn,
      require_email_verification: options.requireEmailVerification,
      send_on_sign_in: options.sendOnSignIn,
      auto_sign_in_after_verification: options.autoSignInAfterVerification,
      revoke_sessions_on_reset: options.revokeSessionsOnPasswordReset,
      policy: said({ min_length: options.minPasswordLength, max_length: options.maxPasswordLength }),
    }),
    account: said({
      change_email: true,
      delete_user: true,
      delete_user_by_mail: options.deleteUserByMail,
      user_fields: userFields,
    }),
  },
};

const project = ['create', 'update', 'delete', 'share'];
const all = {
  organization: ['update', 'delete'], member: ['create', 'update', 'delete'], invitation: ['create', 'cancel'],
  team: ['create', 'update', 'delete'], ac: ['create', 'read', 'update', 'delete'],
};
const organizationRoles = {
  owner: { ...all, project },
  admin: { ...all, organization: ['update'], project: ['create', 'update'] },
  member: { ac: ['read'], project: ['create'] },
};

/** Roles and trees as large as anybody has them, to be measured. */
const measured = {
  organization_limit: 0,
  membership_limit: 0,
  dynamic_roles: { enabled: true },
  tree: { enabled: true },
  roles: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`role${n}`, { [`thing${n}`]: ['read', 'write'] }])),
};

/** What the profile says of plugins beyond the core. */
const further = {
  organization: said({
    organization_limit: options.orgLimit,
    membership_limit: options.membershipLimit,
    require_verified_email: options.orgInviteVerified,
    teams: said({ enabled: true, maximum: options.teamsMax }),
    dynamic_roles: options.dynamicRoles && { enabled: true },
    roles: options.dynamicRoles && organizationRoles,
    ...(load ? measured : {}),
  }),
  'two-factor': said({ issuer: options.totpIssuer, allow_passwordless: options.passwordlessTwoFactor }),
  jwt: said({ expires_in: options.jwtExpiration === '1h' ? 3600 : undefined }),
  realtime: load ? { max_per_user: 20_000 } : {},
  'multi-session': said({ maximum_sessions: options.multiSessionMax }),
  'api-key': {
    sessions: true,
    whole_sessions: true,
    metadata: true,
    ...(options.apiKeyRateLimit === false ? { rate_limit: { enabled: false } } : {}),
    // Everything is counted, and nothing is refused.
    ...(load ? { rate_limit: { enabled: true, window: 3600000, max: 2000000000 }, usage: { enabled: true } } : {}),
  },
};

/** What the harness calls a plugin beyond the core is enabled where this build has it. */
function enableFurther() {
  const core = Object.keys(config.plugins);
  if (options.minimal || options.plugins?.length === 0) return;
  const printed = execFileSync(env.TESSERA_BIN, ['plugins', 'list', '--json'], { cwd: folder, encoding: 'utf8' });
  const listed = JSON.parse(printed);
  const known = (listed.plugins ?? listed).map((plugin) => plugin.id).filter((id) => !core.includes(id));
  const missing = (options.plugins ?? []).filter((id) => !known.includes(id));
  if (missing.length) throw new Error(`there is no plugin ${missing.join(', ')} yet`);
  for (const id of options.plugins ?? known) config.plugins[id] = { enabled: true, ...further[id] };
}

/** TOML of plain data. JSON's strings, numbers, lists and booleans are TOML's. */
function toml(table, at = []) {
  const isTable = ([, value]) => typeof value === 'object' && !Array.isArray(value);
  const key = (name) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name));
  const entries = Object.entries(table).filter(([, value]) => value !== undefined && value !== null);
  const lines = entries.filter((e) => !isTable(e)).map(([name, value]) => `${key(name)} = ${JSON.stringify(value)}\n`);
  const tables = entries.filter(isTable).map(([name, value]) => toml(value, [...at, key(name)]));
  const head = at.length && lines.length ? `\n[${at.join('.')}]\n` : '';
  return head + lines.join('') + tables.join('');
}

enableFurther();
const file = path.join(folder, 'tessera.toml');
fs.writeFileSync(file, toml(config), { mode: 0o600 });
console.log(file);
