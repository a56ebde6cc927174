/** How to reach the server. */
export interface ClientOptions {
  /** The address below which the endpoints are, such as `https://auth.example.com/api/auth`. */
  baseURL: string;
  /** Another `fetch`, for tests and for platforms with a special one. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Headers of every request, such as `authorization`; a function is asked each time. */
  headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);
  /** Whether the browser sends its cookies; `include` by default. */
  credentials?: RequestInit["credentials"];
}

/** What one call does otherwise. */
export interface CallOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Why there is no data. */
export interface Failure<Code extends string> {
  /** What programs look at; `null` where the server said none, or did not answer. */
  code: Code | null;
  /** What people read. */
  message: string;
  /** The status of the answer; `0` where there was none. */
  status: number;
  /** Names the request in the server's logs. */
  traceId: string | null;
  /** Seconds to wait before another attempt. */
  retryAfter: number | null;
}

/** Either data or an error, never both. */
export type Result<Data, Code extends string> =
  | { data: Data; error?: undefined }
  | { data?: undefined; error: Failure<Code> };

export type Answer<Data, Code extends string> = Promise<Result<Data, Code>>;

/** The server sends the client elsewhere. Browsers do not tell scripts where to: `null`. */
export interface Redirected {
  redirectedTo: string | null;
}

interface Sent {
  method: string;
  path: string;
  kind: "json" | "text" | "bytes" | "empty" | "redirect";
  body?: unknown;
  query?: object | undefined;
}

function sender(options: ClientOptions) {
  const base = options.baseURL.replace(/\/+$/, "");
  // Servers ask where a request comes from. Browsers say it themselves, and keep scripts from saying it.
  const origin = /^https?:\/\/[^/]+/.exec(base)?.[0];
  const ask = options.fetch ?? ((url: string, init: RequestInit) => fetch(url, init));
  return async <Data, Code extends string>(sent: Sent, call: CallOptions = {}): Answer<Data, Code> => {
    let answer: Response;
    try {
      const own = typeof options.headers === "function" ? await options.headers() : options.headers;
      const headers: Record<string, string> = {
        accept: "application/json",
        ...(origin && { origin }),
        ...own,
        ...call.headers,
      };
      const init: RequestInit = {
        method: sent.method,
        headers,
        credentials: options.credentials ?? "include",
        redirect: "manual",
      };
      if (sent.body !== undefined) {
        headers["content-type"] = "application/json";
        init.body = JSON.stringify(sent.body);
      }
      if (call.signal) init.signal = call.signal;
      answer = await ask(base + sent.path + search(sent.query), init);
    } catch (cause) {
      return { error: failed<Code>(String(cause)) };
    }
    try {
      if (answer.type === "opaqueredirect" || (answer.status >= 300 && answer.status < 400)) {
        return { data: { redirectedTo: answer.headers.get("location") } as Data };
      }
      if (!answer.ok) return { error: await refusal<Code>(answer) };
      return { data: (await content(answer, sent.kind)) as Data };
    } catch (cause) {
      return { error: { ...failed<Code>(String(cause)), ...trail(answer) } };
    }
  };
}

function search(query: object = {}): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) pairs.append(name, String(one));
    }
  }
  const text = pairs.toString();
  return text && `?${text}`;
}

async function content(answer: Response, kind: Sent["kind"]): Promise<unknown> {
  switch (kind) {
    case "json":
      return answer.json();
    case "text":
      return answer.text();
    case "bytes":
      return new Uint8Array(await answer.arrayBuffer());
    case "empty":
      return null;
    case "redirect":
      throw new Error("the server answers, and should have redirected");
  }
}

function failed<Code extends string>(message: string): Failure<Code> {
  return { code: null, message, status: 0, traceId: null, retryAfter: null };
}

function trail(answer: Response) {
  const seconds = Number.parseInt(
    answer.headers.get("retry-after") ?? answer.headers.get("x-retry-after") ?? "",
    10,
  );
  return {
    status: answer.status,
    traceId: answer.headers.get("x-trace-id"),
    retryAfter: Number.isNaN(seconds) ? null : seconds,
  };
}

async function refusal<Code extends string>(answer: Response): Promise<Failure<Code>> {
  const text = await answer.text();
  let said: { code?: unknown; message?: unknown } = {};
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null) said = read;
  } catch {
    // A proxy may answer in words of its own.
  }
  return {
    code: typeof said.code === "string" ? (said.code as Code) : null,
    message: typeof said.message === "string" ? said.message : answer.statusText || text,
    ...trail(answer),
  };
}
