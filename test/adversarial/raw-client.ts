import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";

/** What came back, with nothing followed and nothing tidied. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** With its query: of the last address, where redirects were followed. */
  readonly path: string;
}

const MAX_REDIRECTS = 5;
/** Longer than any answer of a node that is alive. */
const REQUEST_TIMEOUT_MS = 60_000;
type Given = Readonly<Record<string, string | readonly string[]>>;

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A client that sends whatever it is told to, and keeps cookies unless told otherwise. */
export class RawClient {
  readonly base: URL;
  readonly cookies = new Map<string, string>();
  /** Whether it takes compressed pages, as browsers do. */
  compressed = false;
  /** Whether it proves who it is when a form asks for that, as the person would. */
  provesItself = true;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1_100 });

  constructor(address: string) {
    this.base = new URL(address);
  }

  /** `path` goes onto the wire as it is. */
  send(path: string, sent: Sent = {}): Promise<RawAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers: Record<string, string> = {
      accept: "text/html",
      "accept-language": "en",
      ...(cookie !== "" && { cookie }),
      ...(this.compressed && { "accept-encoding": "gzip, deflate, br, zstd" }),
      ...sent.headers,
    };
    const going = request(
      {
        host: this.base.hostname,
        port: this.base.port,
        path,
        method: sent.method ?? "GET",
        headers,
        agent: this.#agent,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          for (const line of response.headers["set-cookie"] ?? []) this.#keep(line);
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            text: (this.compressed ? decoded(bytes, response.headers["content-encoding"]) : bytes).toString("utf8"),
            path,
          });
        });
      },
    );
    going.on("error", (error: NodeJS.ErrnoException) => {
      // A connection that was idle may be closed just when it is used again; reading once more does no harm.
      const again = error.code === "ECONNRESET" && going.reusedSocket && (sent.method ?? "GET") === "GET";
      if (again) this.send(path, sent).then(resolve, reject);
      else reject(error);
    });
    going.setTimeout(REQUEST_TIMEOUT_MS, () => going.destroy(new Error(`no answer in time: ${path}`)));
    going.end(sent.body);
    return promise;
  }

  post(
    path: string,
    fields: Readonly<Record<string, string>> | string,
    headers: Sent["headers"] = {},
  ): Promise<RawAnswer> {
    const body = typeof fields === "string" ? fields : new URLSearchParams(fields).toString();
    return this.send(path, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      body,
    });
  }

  /** A multipart form, each part with its own headers, written by hand. */
  upload(path: string, parts: readonly (string | Buffer)[], boundary = "zzz"): Promise<RawAnswer> {
    const around = parts.flatMap((part) => [`--${boundary}\r\n`, part, "\r\n"]);
    const body = Buffer.concat([...around, `--${boundary}--\r\n`].map((bytes) => Buffer.from(bytes as string)));
    return this.send(path, {
      method: "POST",
      headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
      body,
    });
  }

  /** Opens a page and follows where it leads. */
  async open(path: string): Promise<RawAnswer> {
    return this.#followed(await this.send(path));
  }

  /** Sends a form of a page, and follows where that leads. */
  async fill(page: RawAnswer, action: RegExp, given: Given): Promise<RawAnswer> {
    return this.#followed(await this.fillOnly(page, action, given));
  }

  /** Sends a form of a page with its hidden fields. */
  async fillOnly(page: RawAnswer, action: RegExp, given: Given): Promise<RawAnswer> {
    const form = [...page.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].find((match) =>
      action.test(/action="([^"]*)"/.exec(match[1] ?? "")?.[1] ?? ""),
    );
    if (!form) throw new Error(`no form ${action} at ${page.path} (${page.status})`);
    const fields: (readonly [string, string])[] = [];
    for (const [input] of (form[2] ?? "").matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
      const [name, value] = [/name="([^"]*)"/, /value="([^"]*)"/].map((part) => part.exec(input)?.[1] ?? "");
      if (name && !(name in given)) fields.push([name, value ?? ""]);
    }
    for (const [name, value] of Object.entries(given)) {
      for (const one of typeof value === "string" ? [value] : value) fields.push([name, one]);
    }
    const to = /action="([^"]*)"/.exec(form[1] ?? "")?.[1] ?? page.path;
    const multipart = /multipart/.test(form[1] ?? "");
    const answer = await (multipart
      ? this.upload(
          to,
          fields.map(([name, value]) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`),
        )
      : this.post(to, new URLSearchParams(fields.map(([name, value]) => [name, value])).toString()));
    const asked = String(answer.headers.location);
    return this.provesItself && asked.startsWith("/sign-in/step-up") ? this.prove(asked) : answer;
  }

  /** Enters the code that the demonstration shows, once there is one that was not used. */
  async prove(path = "/sign-in/step-up?level=2"): Promise<RawAnswer> {
    for (let tries = 0; tries < 40; tries += 1) {
      const page = await this.send(path);
      const code = /demonstration only: [^<]* is (\d{6}) now/.exec(page.text)?.[1];
      if (code) return this.fillOnly(page, /\/sign-in\/step-up$/, { code });
      // Proved by another request of the same session meanwhile.
      if (page.text.includes('name="go-on"')) return this.fillOnly(page, /\/sign-in\/step-up$/, {});
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    throw new Error(`no code is shown at ${path}`);
  }

  async #followed(answer: RawAnswer): Promise<RawAnswer> {
    let last = answer;
    for (let hops = 0; last.status === 303 && hops < MAX_REDIRECTS; hops += 1) {
      last = await this.send(String(last.headers.location));
    }
    return last;
  }

  async signIn(signInName: string): Promise<void> {
    const form = await this.send("/sign-in");
    const answer = await this.post("/sign-in", { csrf: csrfOf(form), signInName, password: DEMONSTRATION_PASSWORD });
    if (answer.status !== 303) throw new Error(`${signInName} could not sign in: ${answer.status}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";");
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const gone =
      value === "" || attributes.some((attribute) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute));
    if (gone) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

function decoded(bytes: Buffer, encoding: string | undefined): Buffer {
  switch (encoding) {
    case "zstd":
      return zstdDecompressSync(bytes);
    case "gzip":
      return gunzipSync(bytes);
    case "br":
      return brotliDecompressSync(bytes);
    default:
      return bytes;
  }
}

export function csrfOf(page: RawAnswer): string {
  const found = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1];
  if (!found) throw new Error(`no form token on a page of status ${page.status}`);
  return found;
}

/** Writes bytes onto a socket and says what came back until it was closed, and when. */
export function rawBytes(
  base: URL,
  write: (write: (bytes: string) => void) => void | Promise<void>,
): Promise<{ readonly text: string; readonly elapsedMs: number }> {
  const { promise, resolve } = Promise.withResolvers<{ text: string; elapsedMs: number }>();
  const started = performance.now();
  let text = "";
  const socket = connect(Number(base.port), base.hostname, () => {
    void write((bytes) => {
      if (socket.writable) socket.write(bytes);
    });
  });
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => resolve({ text, elapsedMs: performance.now() - started }));
  return promise;
}
