/** A person at a browser without JavaScript: cookies, links, forms as the pages give them. */

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly type: string;
  readonly bytes: Buffer;
  readonly text: string;
}

/** One form of a page: where it goes, and what its controls hold. */
export interface PageForm {
  readonly action: string;
  readonly method: "get" | "post";
  readonly multipart: boolean;
  readonly values: readonly (readonly [string, string])[];
}

export interface Upload {
  readonly field: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const MAX_REDIRECTS = 5;
const REQUEST_TIMEOUT_MS = 30_000;

export class Visitor {
  readonly #base: string;
  readonly #cookies = new Map<string, string>();
  page: Answer | undefined;

  constructor(base: string) {
    this.#base = base;
  }

  async open(path: string): Promise<Answer> {
    return this.#request(new URL(path, this.#base), { method: "GET" });
  }

  /** Follows the first link of the page whose address matches. */
  follow(pattern: RegExp): Promise<Answer> {
    const link = this.links().find((href) => pattern.test(href));
    if (link === undefined) throw new Error(`no link ${pattern} on ${this.page?.url}`);
    return this.open(link);
  }

  links(): readonly string[] {
    return [...(this.page?.text ?? "").matchAll(/<a\b[^>]*\bhref="([^"]*)"/g)].map((match) =>
      unescapeHtml(match[1] ?? ""),
    );
  }

  /** The first form of the page whose address matches. */
  form(pattern: RegExp): PageForm {
    const found = this.forms().find((form) => pattern.test(form.action));
    if (found === undefined) throw new Error(`no form ${pattern} on ${this.page?.url}`);
    return found;
  }

  hasForm(pattern: RegExp): boolean {
    return this.forms().some((form) => pattern.test(form.action));
  }

  forms(): readonly PageForm[] {
    return [...(this.page?.text ?? "").matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map((match) => {
      const attributes = attributesOf(match[1] ?? "");
      return {
        action: attributes.get("action") ?? this.page?.url ?? "",
        method: attributes.get("method") === "post" ? "post" : "get",
        multipart: attributes.get("enctype") === "multipart/form-data",
        values: controls(match[2] ?? ""),
      };
    });
  }

  /** Fills in and sends a form; what is not given stays as the page had it. */
  async submit(
    pattern: RegExp,
    given: Readonly<Record<string, string | readonly string[]>> = {},
    uploads: readonly Upload[] = [],
  ): Promise<Answer> {
    const form = this.form(pattern);
    const fields = form.values.filter(([name]) => !(name in given));
    for (const [name, value] of Object.entries(given)) {
      for (const one of typeof value === "string" ? [value] : value) fields.push([name, one]);
    }
    const target = new URL(form.action, this.page?.url ?? this.#base);
    if (form.method === "get") {
      target.search = new URLSearchParams(fields.map(([name, value]) => [name, value])).toString();
      return this.#request(target, { method: "GET" });
    }
    return this.#request(target, {
      method: "POST",
      body: form.multipart ? multipart(fields, uploads) : urlEncoded(fields),
    });
  }

  async #request(
    url: URL,
    init: { method: string; body?: FormData | URLSearchParams },
    redirects = 0,
  ): Promise<Answer> {
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      headers: {
        accept: "text/html,application/xhtml+xml",
        "accept-language": "zh-CN",
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      },
    });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      if (redirects >= MAX_REDIRECTS) throw new Error(`too many redirects at ${url.pathname}`);
      await response.arrayBuffer();
      return this.#request(new URL(location, url), { method: "GET" }, redirects + 1);
    }
    const bytes = Buffer.from(await response.arrayBuffer());
    const type = response.headers.get("content-type") ?? "";
    const answer = {
      url: url.href,
      status: response.status,
      type,
      bytes,
      text: /^text|json/.test(type) ? bytes.toString("utf8") : "",
    };
    if (type.startsWith("text/html")) this.page = answer;
    return answer;
  }

  #keep(cookie: string): void {
    const [pair = "", ...attributes] = cookie.split(";");
    const [name = "", value = ""] = pair.split("=");
    const gone = value === "" || attributes.some((attribute) => /^\s*max-age=0/i.test(attribute));
    if (gone) this.#cookies.delete(name.trim());
    else this.#cookies.set(name.trim(), value.trim());
  }
}

function urlEncoded(fields: readonly (readonly [string, string])[]): URLSearchParams {
  return new URLSearchParams(fields.map(([name, value]) => [name, value]));
}

function multipart(fields: readonly (readonly [string, string])[], uploads: readonly Upload[]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  for (const upload of uploads) {
    form.append(upload.field, new Blob([Buffer.from(upload.bytes)], { type: upload.mediaType }), upload.name);
  }
  return form;
}

function attributesOf(source: string): ReadonlyMap<string, string> {
  return new Map(
    [...source.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map((match) => [match[1] ?? "", unescapeHtml(match[2] ?? "")]),
  );
}

/** What a browser would send of a form as it stands. */
function controls(source: string): (readonly [string, string])[] {
  const values: (readonly [string, string])[] = [];
  for (const match of source.matchAll(/<input\b([^>]*)>/g)) {
    const attributes = attributesOf(match[1] ?? "");
    const name = attributes.get("name");
    const type = attributes.get("type") ?? "text";
    const chosen = type !== "radio" && type !== "checkbox" ? true : attributes.has("checked");
    if (name && chosen && type !== "file" && type !== "submit") values.push([name, attributes.get("value") ?? ""]);
  }
  for (const match of source.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/g)) {
    const name = attributesOf(match[1] ?? "").get("name");
    if (name) values.push([name, unescapeHtml(match[2] ?? "")]);
  }
  for (const match of source.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/g)) {
    const name = attributesOf(match[1] ?? "").get("name");
    const selected = /<option\b([^>]*\bselected\b[^>]*)>/.exec(match[2] ?? "");
    if (name) values.push([name, attributesOf(selected?.[1] ?? "").get("value") ?? ""]);
  }
  return values;
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
