// The client of a plugin that is not ours.
import assert from "node:assert/strict";
import { createClient } from "./guest-book.js";
import type { GuestBookMark, GuestBookSign } from "./guest-book.js";
import { browser, data, refused, setting } from "./lib.js";

const baseURL = setting("GUEST_BASE");
const { guestBook, emailPassword } = createClient({ baseURL, fetch: browser() });

refused(await guestBook.sign({ text: "First" }), 401, "UNAUTHORIZED");
data(await emailPassword.signUpEmail({ name: "Ada", email: "ada@example.com", password: "A long enough secret 1" }));
refused(await guestBook.sign({ text: "" }), 400, "LINE_IS_EMPTY");

// Absent, null and a value are three things; variants are told apart by their tag.
const shown = (mark: GuestBookMark | undefined) => {
  switch (mark?.kind) {
    case "stamp":
      return mark.color;
    case "picture":
      return mark.address;
    case undefined:
      return null;
  }
};
const sign = async (more: Partial<GuestBookSign>) => {
  const line = data(await guestBook.sign({ text: "x", ...more }));
  return [line.signedBy, line.mood, shown(line.marks[0])];
};
assert.deepEqual(await sign({}), ["Ada", null, "red"]);
assert.deepEqual(await sign({ picture: null, mood: "so-so" }), ["Ada", "so-so", null]);
assert.deepEqual(await sign({ picture: "p.png", mood: "glad" }), ["Ada", "glad", "p.png"]);

const numbers = async (query: Parameters<typeof guestBook.lines>[0]) =>
  data(await guestBook.lines(query)).lines.map((line) => line.number);
assert.deepEqual(await numbers(undefined), [1, 2, 3]);
assert.deepEqual(await numbers({ newest: true, limit: 2 }), [3, 2]);
assert.deepEqual(await numbers({ mood: "so-so" }), [2]);
assert.equal(data(await guestBook.guestBookLine("2")).number, 2);
refused(await guestBook.guestBookLine("nine/9"), 404, "NO_SUCH_LINE");

// What the document does not have, the compiler refuses.
// @ts-expect-error there is no such field
void (() => guestBook.sign({ text: "x", color: "red" }));
// @ts-expect-error the text is needed
void (() => guestBook.sign({}));
// @ts-expect-error a switch is on or absent
void (() => guestBook.lines({ newest: false }));
console.log("the TypeScript client of a third party's plugin works");
