// What the journeys share: a fetch with cookies, and answers that are what they should be.
import assert from "node:assert/strict";
import type { Failure, Result } from "./ours.js";

/** A fetch that keeps cookies, as a browser does. */
export function browser() {
  const jar = new Map<string, string>();
  return async (url: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const answer = await fetch(url, { ...init, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(/;\s*/);
      const at = pair.indexOf("=");
      if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  };
}

export function data<R extends Result<unknown, string>>(result: R): Exclude<R["data"], undefined> {
  if (result.error) throw new Error(`refused: ${result.error.status} ${result.error.code} ${result.error.message}`);
  return result.data as Exclude<R["data"], undefined>;
}

export function refused<Data, Code extends string>(
  result: Result<Data, Code>,
  status: number,
  code: NoInfer<Code> | null,
): Failure<Code> {
  assert.ok(result.error, "it was not refused");
  assert.deepEqual([result.error.status, result.error.code], [status, code]);
  return result.error;
}

export function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}
