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
  /** What a browser would send of the form as it stands. */
  readonly values: readonly Field[];
  /** Every control that it has, filled in or not. */
  readonly names: ReadonlySet<string>;
  /** Radios and checkboxes, with their labels. */
  readonly choices: readonly { readonly name: string; readonly value: string; readonly label: string }[];
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[];
}

export interface Upload {
  readonly field: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Which form is meant: by its address, and where several have the same, by a value that it holds or a control that it has. */
export interface FormChoice {
  readonly action: RegExp;
  readonly holding?: Field;
  readonly asking?: string;
}

type Field = readonly [name: string, value: string];
export type Given = Readonly<Record<string, string | readonly string[]>>;

const MAX_REDIRECTS = 5;
const REQUEST_TIMEOUT_MS = 60_000;
const APPEARS_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/** The node answered something that a person would call an error. */
export class VisitFault extends Error {
  constructor(answer: Answer) {
    const words = problemsOn(answer.text).join("; ") || titleOf(answer.text);
    super(`${new URL(answer.url).pathname}: ${answer.status} ${words}`);
    this.name = "VisitFault";
  }
}

export class Visitor {
  readonly #base: string;
  readonly #cookies = new Map<string, string>();
  page: Answer | undefined;

  constructor(base: string) {
    this.#base = base;
  }

  /** @throws VisitFault for any answer of 400 or above */
  open(path: string): Promise<Answer> {
    return this.#request(new URL(path, this.page?.url ?? this.#base), { method: "GET" });
  }

  /** Follows the first link of the page whose address matches. */
  follow(pattern: RegExp): Promise<Answer> {
    const link = this.links().find(({ href }) => pattern.test(href));
    if (link === undefined) throw new Error(`no link ${pattern} on ${this.page?.url}`);
    return this.open(link.href);
  }

  /** Opens a page again and again until it has such a link: what jobs do in the background takes a moment. */
  async await(path: string, wanted: { readonly href: RegExp; readonly says?: string }): Promise<string> {
    const deadline = performance.now() + APPEARS_TIMEOUT_MS;
    for (;;) {
      await this.open(path);
      const link = this.links().find(({ href, text }) => wanted.href.test(href) && text.includes(wanted.says ?? ""));
      if (link !== undefined) return link.href;
      if (performance.now() > deadline) throw new Error(`${path} never had a link ${wanted.href} ${wanted.says ?? ""}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  links(): readonly { readonly href: string; readonly text: string }[] {
    return [...(this.page?.text ?? "").matchAll(/<a\b[^>]*\bhref="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)].map((match) => ({
      href: unescapeHtml(match[1] ?? ""),
      text: wordsOf(match[2] ?? ""),
    }));
  }

  /** The first form of the page that is meant. */
  form(choice: RegExp | FormChoice): PageForm {
    const { action, holding, asking }: FormChoice = choice instanceof RegExp ? { action: choice } : choice;
    const found = this.forms().find(
      (form) =>
        action.test(form.action) &&
        (asking === undefined || form.names.has(asking)) &&
        (holding === undefined || form.values.some(([name, value]) => name === holding[0] && value === holding[1])),
    );
    if (found === undefined) throw new Error(`no form ${action} on ${this.page?.url}`);
    return found;
  }

  hasForm(pattern: RegExp): boolean {
    return this.forms().some((form) => pattern.test(form.action));
  }

  forms(): readonly PageForm[] {
    return [...(this.page?.text ?? "").matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map((match) => {
      const attributes = attributesOf(match[1] ?? "");
      const source = match[2] ?? "";
      return {
        action: attributes.get("action") ?? this.page?.url ?? "",
        method: attributes.get("method") === "post" ? "post" : "get",
        multipart: attributes.get("enctype") === "multipart/form-data",
        values: controls(source),
        names: namesOf(source),
        choices: choicesOf(source),
        buttons: buttonsOf(source),
      };
    });
  }

  /**
   * Fills in and sends a form; what is not given stays as the page had it.
   * @throws VisitFault for any answer of 400 or above, with what the page says is wrong
   */
  submit(choice: RegExp | FormChoice, given: Given = {}, uploads: readonly Upload[] = []): Promise<Answer> {
    const form = this.form(choice);
    const fields = form.values.filter(([name]) => !(name in given));
    for (const [name, value] of Object.entries(given)) {
      for (const one of typeof value === "string" ? [value] : value) fields.push([name, one]);
    }
    const target = new URL(form.action, this.page?.url ?? this.#base);
    if (form.method === "get") {
      target.search = urlEncoded(fields).toString();
      return this.#request(target, { method: "GET" });
    }
    return this.#request(target, {
      method: "POST",
      body: form.multipart ? multipart(fields, uploads) : urlEncoded(fields),
    });
  }

  /** Presses the button of a form that says something. */
  press(choice: RegExp | FormChoice, says: string): Promise<Answer> {
    const button = this.form(choice).buttons.find(({ text }) => text.includes(says));
    if (button === undefined) throw new Error(`no button “${says}” on ${this.page?.url}`);
    return this.submit(choice, { [button.name]: button.value });
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
    const text = /^text|json/.test(type) ? bytes.toString("utf8") : "";
    const answer = { url: url.href, status: response.status, type, bytes, text };
    if (type.startsWith("text/html")) this.page = answer;
    if (answer.status >= 400) throw new VisitFault(answer);
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

function urlEncoded(fields: readonly Field[]): URLSearchParams {
  return new URLSearchParams(fields.map(([name, value]) => [name, value]));
}

function multipart(fields: readonly Field[], uploads: readonly Upload[]): FormData {
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

function controls(source: string): readonly Field[] {
  const values: Field[] = [];
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

function namesOf(source: string): ReadonlySet<string> {
  const found = [...source.matchAll(/<(?:input|textarea|select)\b([^>]*)>/g)];
  return new Set(found.flatMap((match) => attributesOf(match[1] ?? "").get("name") ?? []));
}

function choicesOf(source: string): PageForm["choices"] {
  const labels = new Map(
    [...source.matchAll(/<label\b([^>]*)>([\s\S]*?)<\/label>/g)].map((match) => [
      attributesOf(match[1] ?? "").get("for") ?? "",
      wordsOf(match[2] ?? ""),
    ]),
  );
  return [...source.matchAll(/<input\b([^>]*)>/g)].flatMap((match) => {
    const attributes = attributesOf(match[1] ?? "");
    if (!/^(?:radio|checkbox)$/.test(attributes.get("type") ?? "")) return [];
    const [name = "", value = ""] = [attributes.get("name"), attributes.get("value")];
    return [{ name, value, label: labels.get(attributes.get("id") ?? "") ?? "" }];
  });
}

function buttonsOf(source: string): PageForm["buttons"] {
  return [...source.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].map((match) => {
    const attributes = attributesOf(match[1] ?? "");
    return {
      name: attributes.get("name") ?? "",
      value: attributes.get("value") ?? "",
      text: wordsOf(match[2] ?? ""),
    };
  });
}

/** What the summary at the top of a page says is wrong. */
function problemsOn(source: string): readonly string[] {
  const [, summary = ""] = /class="govuk-error-summary\b[^>]*>([\s\S]*?)<\/ul>/.exec(source) ?? [];
  return [...summary.matchAll(/<li\b[^>]*>([\s\S]*?)<\/li>/g)].map((match) => wordsOf(match[1] ?? ""));
}

function titleOf(source: string): string {
  return wordsOf(/<title>([\s\S]*?)<\/title>/.exec(source)?.[1] ?? "");
}

/** A page's text, for reading. */
export function wordsOf(source: string): string {
  return unescapeHtml(
    source.replaceAll(/<(?:script|style)\b[\s\S]*?<\/(?:script|style)>/g, " ").replaceAll(/<[^>]*>/g, " "),
  )
    .replaceAll(/\s+/g, " ")
    .trim();
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
