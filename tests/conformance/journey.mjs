// A person's way through the core features with the official client, unmodified.
import assert from 'node:assert/strict';
import { browser, data, letter, refused, scratch, startTessera, steps, totp } from './lib.mjs';
import { apiKeyClient } from '@better-auth/api-key/client';
import { multiSessionClient, twoFactorClient } from 'better-auth/client/plugins';

const folder = scratch();
const server = await startTessera({ folder, options: { plugins: ['api-key', 'multi-session', 'two-factor'] } });
const { step, end } = steps('journey with the official client');
const address = (who) => `${who}@journey.test`;
const OLD = 'a long enough secret 1';
const NEW = 'another long secret 22';

let redirects = 0;
const plugins = () => [apiKeyClient(), twoFactorClient({ onTwoFactorRedirect() { redirects += 1; } })];
const laptop = browser(server.base, 'laptop', plugins());
const phone = browser(server.base, 'phone', plugins());
const stranger = browser(server.base, 'stranger', plugins());
const shared = browser(server.base, 'shared', [multiSessionClient()]);
const SESSION = 'better-auth.session_token';
let ada;

await step('signs up and is signed in', async () => {
  const answer = await data(laptop.client.signUp.email({ name: 'Ada', email: 'Ada@Journey.Test', password: OLD }));
  ada = answer.user;
  assert.ok(answer.token);
  assert.deepEqual([ada.email, ada.name, ada.emailVerified], [address('ada'), 'Ada', false]);
  assert.ok(laptop.jar.has(SESSION));
});
await step('an answer carries its trace', async () => {
  assert.match(laptop.last.headers.get('x-trace-id') ?? '', /^[0-9a-f-]{16,}$/);
});
await step('reads the session', async () => {
  const { session, user } = await data(laptop.client.getSession());
  assert.deepEqual([user.id, session.userId], [ada.id, ada.id]);
  assert.ok(session.expiresAt instanceof Date && session.expiresAt > new Date());
});
await step('a stranger has no session', async () => {
  assert.equal(await data(stranger.client.getSession()), null);
});
await step('the address is taken', () =>
  refused(stranger.client.signUp.email({ name: 'Eve', email: address('ada'), password: OLD }), 422, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL'));
await step('a short password is refused', () =>
  refused(stranger.client.signUp.email({ name: 'Eve', email: address('eve'), password: 'short' }), 400, 'PASSWORD_TOO_SHORT'));
await step('an address that is none is refused', async () => {
  const { error } = await stranger.client.signUp.email({ name: 'Eve', email: 'eve', password: OLD });
  assert.equal(error.status, 400);
});
await step('a wrong password and an unknown address look the same', async () => {
  await refused(stranger.client.signIn.email({ email: address('ada'), password: NEW }), 401, 'INVALID_EMAIL_OR_PASSWORD');
  await refused(stranger.client.signIn.email({ email: address('nobody'), password: NEW }), 401, 'INVALID_EMAIL_OR_PASSWORD');
});

let phoneToken;
await step('signs in on a second device, for this visit only', async () => {
  const answer = await data(phone.client.signIn.email({ email: address('ada'), password: OLD, rememberMe: false }));
  phoneToken = answer.token;
  assert.equal(answer.user.id, ada.id);
  assert.ok(phone.jar.has('better-auth.dont_remember'));
});
await step('lists both sessions', async () => {
  const sessions = await data(laptop.client.listSessions());
  assert.equal(sessions.length, 2);
  assert.ok(sessions.some((session) => session.userAgent === 'tessera-phone/1'));
});
await step('revokes the second one', async () => {
  assert.equal((await data(laptop.client.revokeSession({ token: phoneToken }))).status, true);
  assert.equal(await data(phone.client.getSession()), null);
});
await step('revokes the others and stays', async () => {
  await data(phone.client.signIn.email({ email: address('ada'), password: OLD }));
  assert.equal((await data(laptop.client.revokeOtherSessions())).status, true);
  assert.equal(await data(phone.client.getSession()), null);
  assert.equal((await data(laptop.client.getSession())).user.id, ada.id);
});
await step('lists nothing without a session', () => refused(stranger.client.listSessions(), 401, 'UNAUTHORIZED'));

await step('changes the name', async () => {
  assert.equal((await data(laptop.client.updateUser({ name: 'Ada L.', image: 'https://journey.test/a.png' }))).status, true);
  const { user } = await data(laptop.client.getSession());
  assert.deepEqual([user.name, user.image], ['Ada L.', 'https://journey.test/a.png']);
});
await step('cannot become verified by asking', async () => {
  await laptop.client.updateUser({ emailVerified: true });
  assert.equal((await data(laptop.client.getSession())).user.emailVerified, false);
});
await step('verifies the address with the mailed link', async () => {
  await data(laptop.client.sendVerificationEmail({ email: address('ada') }));
  const { token, url } = await letter(server.outbox, 'verify-email', address('ada'));
  assert.ok(url.startsWith(`${server.base}/api/auth/verify-email?token=`), url);
  assert.equal((await data(laptop.client.verifyEmail({ query: { token } }))).status, true);
  assert.equal((await data(laptop.client.getSession())).user.emailVerified, true);
});
await step('a changed token verifies nothing', async () => {
  const { token } = await letter(server.outbox, 'verify-email', address('ada'));
  const { error } = await stranger.client.verifyEmail({ query: { token: `${token}x` } });
  assert.equal(error.status, 401);
});

await step('changes the password, and the others are out', async () => {
  await data(phone.client.signIn.email({ email: address('ada'), password: OLD }));
  const answer = await data(laptop.client.changePassword({ currentPassword: OLD, newPassword: NEW, revokeOtherSessions: true }));
  assert.ok(answer.token);
  assert.equal(await data(phone.client.getSession()), null);
  assert.equal((await data(laptop.client.getSession())).user.id, ada.id);
});
await step('the current password has to be right', () =>
  refused(laptop.client.changePassword({ currentPassword: OLD, newPassword: OLD }), 400, 'INVALID_PASSWORD'));
await step('a reset answers the same for an unknown address', async () => {
  const known = await data(stranger.client.requestPasswordReset({ email: address('ada'), redirectTo: '/reset' }));
  const unknown = await data(stranger.client.requestPasswordReset({ email: address('nobody'), redirectTo: '/reset' }));
  assert.deepEqual(known, unknown);
});
await step('resets the password, once', async () => {
  const { token } = await letter(server.outbox, 'reset-password', address('ada'));
  assert.equal((await data(stranger.client.resetPassword({ newPassword: OLD, token }))).status, true);
  await refused(stranger.client.resetPassword({ newPassword: NEW, token }), 400, 'INVALID_TOKEN');
  await data(phone.client.signIn.email({ email: address('ada'), password: OLD }));
});
await step('lists the one account', async () => {
  const accounts = await data(phone.client.listAccounts());
  assert.deepEqual(accounts.map((account) => account.providerId), ['credential']);
});

let robot;
await step('makes an API key, and reads it back without the key', async () => {
  robot = await data(phone.client.apiKey.create({ name: 'robot', prefix: 'ci_', expiresIn: 7 * 86400, metadata: { for: 'ci' } }));
  assert.match(robot.key, /^ci_[A-Za-z]{64}$/);
  assert.ok(robot.expiresAt instanceof Date);
  const { apiKeys, total } = await data(phone.client.apiKey.list());
  assert.deepEqual([total, apiKeys[0].id, 'key' in apiKeys[0]], [1, robot.id, false]);
  const one = await data(phone.client.apiKey.get({ query: { id: robot.id } }));
  assert.deepEqual([one.name, one.start, one.metadata], ['robot', robot.key.slice(0, 6), { for: 'ci' }]);
});
await step('a client gives its key no privileges', () =>
  refused(phone.client.apiKey.create({ permissions: { files: ['read'] } }), 400, 'SERVER_ONLY_PROPERTY'));
await step('the key alone is its user', async () => {
  const headers = { 'x-api-key': robot.key };
  const { user, session } = await data(stranger.client.getSession({ fetchOptions: { headers } }));
  assert.deepEqual([user.id, session.id], [ada.id, robot.id]);
  assert.equal((await data(phone.client.apiKey.get({ query: { id: robot.id } }))).requestCount, 1);
});
await step('a disabled key is refused, and so is a deleted one', async () => {
  const use = () => stranger.client.getSession({ fetchOptions: { headers: { 'x-api-key': robot.key } } });
  assert.equal((await data(phone.client.apiKey.update({ keyId: robot.id, enabled: false }))).enabled, false);
  await refused(use(), 401, 'KEY_DISABLED');
  await data(phone.client.apiKey.update({ keyId: robot.id, enabled: true, name: 'again' }));
  assert.equal((await data(use())).user.id, ada.id);
  assert.equal((await data(phone.client.apiKey.delete({ keyId: robot.id }))).success, true);
  await refused(use(), 401, 'INVALID_API_KEY');
  await refused(phone.client.apiKey.get({ query: { id: robot.id } }), 404, 'KEY_NOT_FOUND');
});

await step('keeps two accounts in one browser', async () => {
  const one = await data(shared.client.signUp.email({ name: 'One', email: address('one'), password: OLD }));
  const two = await data(shared.client.signUp.email({ name: 'Two', email: address('two'), password: OLD }));
  const list = await data(shared.client.multiSession.listDeviceSessions());
  assert.deepEqual(list.map(({ user }) => user.name).sort(), ['One', 'Two']);
  assert.ok(list.every(({ session }) => session.expiresAt instanceof Date));
  const active = await data(shared.client.multiSession.setActive({ sessionToken: one.token }));
  assert.deepEqual([active.user.id, active.session.token], [one.user.id, one.token]);
  assert.equal((await data(shared.client.getSession())).user.id, one.user.id);
  await refused(shared.client.multiSession.setActive({ sessionToken: phoneToken }), 401, 'INVALID_SESSION_TOKEN');
  await refused(stranger.client.$fetch('/multi-session/revoke', { method: 'POST', body: { sessionToken: two.token } }), 401, 'UNAUTHORIZED');
  assert.equal((await data(shared.client.multiSession.revoke({ sessionToken: one.token }))).status, true);
  assert.equal((await data(shared.client.getSession())).user.id, two.user.id, 'the browser goes over to the other account');
  assert.equal((await data(shared.client.multiSession.listDeviceSessions())).length, 1);
  assert.equal((await data(shared.client.signOut())).success, true);
  assert.deepEqual(await data(shared.client.multiSession.listDeviceSessions()), []);
  assert.equal(shared.jar.size, 0);
});

let app;
await step('sets an authenticator app up', async () => {
  await refused(phone.client.twoFactor.enable({ password: NEW }), 400, 'INVALID_PASSWORD');
  app = await data(phone.client.twoFactor.enable({ password: OLD }));
  assert.equal(app.backupCodes.length, 10);
  assert.ok((await data(phone.client.twoFactor.getTotpUri({ password: OLD }))).totpURI === app.totpURI);
  assert.equal((await data(phone.client.getSession())).user.twoFactorEnabled, false);
  await refused(phone.client.twoFactor.verifyTotp({ code: '12345' }), 401, 'INVALID_CODE');
  await data(phone.client.twoFactor.verifyTotp({ code: totp(app.totpURI) }));
  assert.equal((await data(phone.client.getSession())).user.twoFactorEnabled, true);
});
const signIn = () => data(stranger.client.signIn.email({ email: address('ada'), password: OLD }));
await step('the password leads to the second factor', async () => {
  const answer = await signIn();
  assert.deepEqual([answer.twoFactorRedirect, answer.twoFactorMethods, redirects], [true, ['totp', 'otp'], 1]);
  assert.ok(!stranger.jar.has(SESSION));
  assert.equal(await data(stranger.client.getSession()), null);
});
await step('a code of the app signs in, and the device is trusted', async () => {
  await refused(stranger.client.twoFactor.verifyTotp({ code: 'wrong!' }), 401, 'INVALID_CODE');
  const answer = await data(stranger.client.twoFactor.verifyTotp({ code: totp(app.totpURI), trustDevice: true }));
  assert.equal(answer.user.id, ada.id);
  assert.equal((await data(stranger.client.getSession())).user.id, ada.id);
  await data(stranger.client.signOut());
  assert.equal((await signIn()).user.id, ada.id);
  await data(stranger.client.signOut());
  stranger.jar.clear();
});
await step('a mailed code signs in', async () => {
  await signIn();
  assert.equal((await data(stranger.client.twoFactor.sendOtp())).status, true);
  const { otp } = await letter(server.outbox, 'two-factor-otp', address('ada'));
  assert.equal((await data(stranger.client.twoFactor.verifyOtp({ code: otp }))).user.id, ada.id);
  await data(stranger.client.signOut());
});
await step('a backup code signs in, once', async () => {
  await signIn();
  await data(stranger.client.twoFactor.verifyBackupCode({ code: app.backupCodes[0] }));
  await data(stranger.client.signOut());
  await signIn();
  await refused(stranger.client.twoFactor.verifyBackupCode({ code: app.backupCodes[0] }), 401, 'INVALID_BACKUP_CODE');
  const { backupCodes } = await data(phone.client.twoFactor.generateBackupCodes({ password: OLD }));
  await refused(stranger.client.twoFactor.verifyBackupCode({ code: app.backupCodes[1] }), 401, 'INVALID_BACKUP_CODE');
  await data(stranger.client.twoFactor.verifyBackupCode({ code: backupCodes[1] }));
  await data(stranger.client.signOut());
});
await step('the password alone signs in again', async () => {
  assert.equal((await data(phone.client.twoFactor.disable({ password: OLD }))).status, true);
  assert.equal((await signIn()).user.id, ada.id);
  await data(stranger.client.signOut());
  stranger.jar.clear();
});

await step('changes the address with two letters', async () => {
  assert.equal((await data(phone.client.changeEmail({ newEmail: address('lovelace') }))).status, true);
  const confirm = await letter(server.outbox, 'change-email-confirmation', address('ada'));
  await data(phone.client.verifyEmail({ query: { token: confirm.token } }));
  const verify = await letter(server.outbox, 'verify-email', address('lovelace'));
  await data(phone.client.verifyEmail({ query: { token: verify.token } }));
  assert.equal((await data(phone.client.getSession())).user.email, address('lovelace'));
});

await step('signs out', async () => {
  const before = new Map(phone.jar);
  assert.equal((await data(phone.client.signOut())).success, true);
  assert.ok(!phone.jar.has(SESSION));
  for (const [name, value] of before) phone.jar.set(name, value);
  assert.equal(await data(phone.client.getSession()), null, 'a kept cookie is worth nothing');
  phone.jar.clear();
});
await step('a foreign origin cannot use the cookie', async () => {
  const cookie = [...laptop.jar].map(([name, value]) => `${name}=${value}`).join('; ');
  await data(laptop.client.signIn.email({ email: address('lovelace'), password: OLD }));
  const answer = await fetch(`${server.base}/api/auth/sign-out`, {
    method: 'POST', body: '{}', headers: { cookie, origin: 'https://evil.test', 'content-type': 'application/json' },
  });
  assert.equal(answer.status, 403);
  assert.equal((await data(laptop.client.getSession())).user.id, ada.id);
});
await step('deletes the account with the password', async () => {
  await refused(laptop.client.deleteUser({ password: NEW }), 400, 'INVALID_PASSWORD');
  assert.equal((await data(laptop.client.deleteUser({ password: OLD }))).success, true);
  assert.equal(await data(laptop.client.getSession()), null);
  await refused(phone.client.signIn.email({ email: address('lovelace'), password: OLD }), 401, 'INVALID_EMAIL_OR_PASSWORD');
});

await server.stop();
end();
