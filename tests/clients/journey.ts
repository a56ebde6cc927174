// A person's way through the features with the client that is written from this build's document.
import assert from "node:assert/strict";
import { browser, data, refused, setting } from "./lib.js";
import { createClient } from "./ours.js";

const baseURL = setting("BASE");
const password = "A long enough secret 1";
const ada = createClient({ baseURL, fetch: browser() });
const bob = createClient({ baseURL, fetch: browser() });

// Signs up, reads, changes, leaves, comes back.
assert.equal(data(await ada.session.getSession()), null);
const made = data(await ada.emailPassword.signUpEmail({ name: "Ada", email: "ada@example.com", password }));
assert.equal(made.user.image, null);
data(await ada.account.updateUser({ name: "Ada Lovelace" }));
const view = data(await ada.session.getSession({ disableCookieCache: true }));
assert.deepEqual([view?.user.id, view?.user.name], [made.user.id, "Ada Lovelace"]);
data(await ada.session.signOut());
assert.equal(data(await ada.session.getSession()), null);

// A refusal has its declared code; the compiler knows which there are.
const wrong = refused(
  await ada.emailPassword.signInEmail({ email: "ada@example.com", password: "Another long secret 2" }),
  401,
  "INVALID_EMAIL_OR_PASSWORD",
);
assert.match(wrong.traceId ?? "", /^[0-9a-f-]{16,}$/);
data(await ada.emailPassword.signInEmail({ email: "ada@example.com", password }));

// An organization, an invitation, a key, a token.
const { id } = data(await ada.organization.create({ name: "Mosaic", slug: "mosaic" }));
refused(await ada.organization.create({ name: "Mosaic", slug: "mosaic" }), 400, "ORGANIZATION_ALREADY_EXISTS");
data(await bob.emailPassword.signUpEmail({ name: "Bob", email: "bob@example.com", password }));
const invitation = data(
  await ada.organization.inviteMember({ email: "bob@example.com", role: "member", organizationId: id }),
);
data(await bob.organization.acceptInvitation({ invitationId: invitation.id }));
assert.deepEqual(data(await bob.organization.list()).map((organization) => organization.id), [id]);
const key = data(await ada.apiKey.create({ name: "robot", expiresIn: null }));
assert.ok(data(await ada.apiKey.list({ limit: 10 })).apiKeys.some((listed) => listed.id === key.id));
assert.equal(data(await ada.jwt.getToken()).token.split(".").length, 3);
assert.equal(data(await ada.jwt.getJwks()).keys.length, 1);

// Bearer instead of cookies.
let token = "";
const plain = createClient({
  baseURL,
  headers: (): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {}),
  fetch: async (url, init) => {
    const answer = await fetch(url, init);
    token = answer.headers.get("set-auth-token") ?? token;
    return answer;
  },
});
data(await plain.emailPassword.signInEmail({ email: "ada@example.com", password }));
assert.equal(data(await plain.session.getSession())?.user.id, made.user.id);

// A link that leads elsewhere is told, not followed.
const link = data(await ada.emailPassword.verifyEmail({ token: "wrong", callbackURL: "/welcome" }));
assert.ok("redirectedTo" in link && link.redirectedTo?.includes("/welcome"));

// Too often.
for (let attempt = 0; ; attempt += 1) {
  const result = await bob.emailPassword.signInEmail({ email: "nobody@example.com", password });
  assert.ok(result.error && attempt < 100, "nothing is limited");
  if (result.error.status === 429) {
    assert.ok((result.error.retryAfter ?? 0) > 0);
    break;
  }
}

// Nobody there.
const away = createClient({ baseURL: "http://127.0.0.1:1/api/auth" });
refused(await away.host.ok(), 0, null);
console.log("the TypeScript client of this build works");
