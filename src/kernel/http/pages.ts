import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isUuid } from "#lib/crypto/uuid";
import { type Language, type Text, text } from "#lib/language/text";
import type { Contract } from "../contract/contract.ts";
import type { Principals, Session } from "../ports.ts";
import { randomOpaqueUuid } from "../random.ts";
import type { Act, Principal } from "../system/act.ts";
import type { Front } from "../system/context.ts";
import type { Kernel } from "../system/kernel.ts";
import { perform } from "../system/perform.ts";
import { LANGUAGE_COOKIE, SESSION_COOKIE, VISIT_COOKIE } from "./cookies.ts";
import { isFormToken, maskedFormToken } from "./form-token.ts";
import {
  MAX_FIELDS,
  MAX_FILE_NAME_CHARACTERS,
  MAX_UPLOAD_TOTAL_BYTES,
  MAX_URL_CHARACTERS,
  UPLOAD_OVERHEAD_BYTES,
} from "./limits.ts";
import {
  type ActAbout,
  type FormFields,
  fieldOf,
  type Page,
  type PageFrame,
  type PageRequest,
  type PageResponse,
  type UploadedFile,
} from "./page.ts";
import { contentSecurityPolicy } from "./server.ts";

const LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600;

export interface PageOptions {
  readonly kernel: Kernel;
  readonly principals: Principals;
  readonly frame: PageFrame;
  /** Whether cookies are for HTTPS alone. */
  readonly secure: boolean;
}

/** Mounts pages: session, language, form tokens, uploads, errors are the same for each. */
export function mountPages(server: FastifyInstance, pages: readonly Page[], options: PageOptions): void {
  const formKey = options.kernel.vault.key("form-token");
  for (const page of pages) {
    const { get, post } = page;
    const route = page.path;
    if (get) {
      server.get(route, async (request, reply) => {
        const asked = await openRequest(request, reply, page, options, formKey);
        return respond(reply, asked, options, mayOpen(page, asked) ?? (await get(asked)));
      });
    }
    if (post) {
      const bodyLimit = page.maxUploadBytes === undefined ? undefined : page.maxUploadBytes + UPLOAD_OVERHEAD_BYTES;
      server.post(route, bodyLimit === undefined ? {} : { bodyLimit }, async (request, reply) => {
        const asked = await openRequest(request, reply, page, options, formKey);
        const barred = asked.session ? undefined : mayOpen(page, asked);
        if (barred) return askAgain(reply, asked, options, SESSION_ENDED);
        const token = fieldOf(asked.fields, "csrf");
        if (!isFormToken(formKey, bearerOf(request, asked.session), token)) {
          // It was kept over a sign-in: its sender looks at it once more, and sends it under the new session.
          if (isFormToken(formKey, bearerOf(request, undefined), token)) {
            return askAgain(reply, asked, options, SIGNED_IN_AGAIN);
          }
          return refuse(reply, asked, options, 403, FORM_TOKEN_MISSING);
        }
        return respond(reply, asked, options, mayOpen(page, asked) ?? (await post(asked)));
      });
    }
  }
}

const FORM_TOKEN_MISSING = text(
  "此页面已过期，或不是从本站打开的。未作任何更改。请返回上一页刷新后重新提交。",
  "This page has expired or was not opened from this site. Nothing was changed. Go back, reload the page and send it again.",
);

const SESSION_ENDED = text(
  "您没有登录，或登录已超时。本次提交未作任何更改，您填写的内容都在这里。请在新窗口登录，然后回到本页重新发送。",
  "You are not signed in, or your session has ended. Nothing was changed, and what you entered is kept here. Sign in in a new window, then come back to this page and send it again.",
);

const SIGNED_IN_AGAIN = text(
  "您已重新登录。登录超时前填写的内容都在这里，还没有发送；请核对后发送。",
  "You are signed in again. What you entered before is kept here and was not sent yet; look at it and send it.",
);

/** Whoever may not open a page is asked to sign in; an official's page is to others as if it were not there. */
function mayOpen(page: Page, request: PageRequest): PageResponse | undefined {
  if (page.audience === "public") return undefined;
  const kind = request.session?.principal.kind;
  if (kind === page.audience) return undefined;
  if (kind !== undefined) return { kind: "not-found" };
  return { kind: "redirect", to: `sign-in:${page.audience}` };
}

/** Makes a page's request of an HTTP request; also for the error pages, which have no page. */
export async function openRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Pick<Page, "maxUploadBytes" | "audience">,
  options: PageOptions,
  formKey: Uint8Array,
): Promise<PageRequest> {
  const { kernel } = options;
  const now = kernel.now();
  const sessionToken = request.cookies[SESSION_COOKIE];
  const session = sessionToken === undefined ? undefined : await options.principals.session(sessionToken, now);
  const bearer = bearerOf(request, session) || newVisit(reply, options.secure);
  // Files that a stranger sends to a page for people who are signed in are not read; words are, to be given back to them.
  const stranger = page.audience !== "public" && session === undefined;
  const unread = request.method !== "POST" || (stranger && request.isMultipart());
  const { fields, files } = unread ? { fields: {}, files: [] } : await formOf(request, page.maxUploadBytes);
  const language = languageOf(request);
  const act = (about: ActAbout): Act => ({
    id: kernel.newId(),
    principal: principalOf(session, about),
    onBehalfOf: about.asNode === undefined ? session?.onBehalfOf : undefined,
    purpose: about.purpose,
    legalBasis: [],
    caseId: about.caseId,
    zone: kernel.zone,
    language,
    at: now,
    idempotencyKey: about.key ?? (formFieldKey(fields) || undefined),
  });
  return {
    method: request.method === "POST" ? "POST" : "GET",
    url: request.url,
    path: request.url.split("?")[0] ?? "/",
    params: (request.params ?? {}) as Record<string, string>,
    query: stringsOf(request.query),
    fields,
    files,
    language,
    session,
    csrf: maskedFormToken(formKey, bearer),
    newFormKey: randomOpaqueUuid(),
    now,
    address: request.ip,
    sessionToken,
    cookie: (name) => request.cookies[name],
    say: (words: Text) => words[language],
    act,
    front: <C extends Contract>(contract: C, about: ActAbout) => frontOf(kernel, contract, () => act(about)),
  };
}

/** A form's key; anything that is not a uuid of ours is no key. */
function formFieldKey(fields: FormFields): string {
  const key = fieldOf(fields, "key");
  return isUuid(key) ? key : "";
}

function principalOf(session: Session | undefined, about: ActAbout): Principal {
  if (about.asNode !== undefined) return { kind: "node", room: about.asNode };
  return session?.principal ?? { kind: "public" };
}

/** The doors of a room for one principal. */
export function frontOf<C extends Contract>(kernel: Kernel, contract: C, act: () => Act): Front<C> {
  const front: Record<string, (input: unknown) => Promise<unknown>> = {};
  for (const operation of Object.keys(contract.operations)) {
    front[operation] = (input) => perform(kernel, act(), { room: contract.id, operation, input });
  }
  return front as Front<C>;
}

function bearerOf(request: FastifyRequest, session: Session | undefined): string {
  if (session) return `session ${session.id}`;
  const visit = request.cookies[VISIT_COOKIE];
  return visit !== undefined && isUuid(visit) ? `visit ${visit}` : "";
}

function newVisit(reply: FastifyReply, secure: boolean): string {
  const visit = randomOpaqueUuid();
  reply.setCookie(VISIT_COOKIE, visit, { path: "/", httpOnly: true, sameSite: "lax", secure });
  return `visit ${visit}`;
}

function languageOf(request: FastifyRequest): Language {
  const chosen = request.cookies[LANGUAGE_COOKIE];
  if (chosen === "zh" || chosen === "en") return chosen;
  const accepted = (request.headers["accept-language"] ?? "").slice(0, 100).toLowerCase();
  const zh = accepted.indexOf("zh");
  const en = accepted.indexOf("en");
  return en >= 0 && (zh < 0 || en < zh) ? "en" : "zh";
}

function stringsOf(query: unknown): Record<string, string> {
  const strings: Record<string, string> = {};
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>)) {
    if (typeof value === "string") strings[name] = typed(value.slice(0, MAX_URL_CHARACTERS));
  }
  return strings;
}

async function formOf(
  request: FastifyRequest,
  maxUploadBytes: number | undefined,
): Promise<{ fields: FormFields; files: readonly UploadedFile[] }> {
  if (!request.isMultipart()) return { fields: urlEncoded(request.body), files: [] };
  const fields = noFields();
  const files: UploadedFile[] = [];
  let room = maxUploadBytes === undefined ? 0 : Math.max(maxUploadBytes, MAX_UPLOAD_TOTAL_BYTES);
  for await (const part of partsOf(request, maxUploadBytes)) {
    if (part.type === "field") addField(fields, part.fieldname, String(part.value));
    else {
      const bytes = await part.toBuffer();
      // A file field that was left empty arrives as a part without a name.
      if (part.filename === "" && bytes.length === 0) continue;
      room -= bytes.length;
      if (room < 0) throw Object.assign(new RangeError("the files together are too big"), { statusCode: 413 });
      const name = typed((part.filename ?? "").slice(0, MAX_FILE_NAME_CHARACTERS));
      files.push({ field: part.fieldname, name, mediaType: part.mimetype, bytes });
    }
  }
  return { fields, files };
}

/** The parts of a multipart form; the reader's errors about its form have no status of their own. */
async function* partsOf(request: FastifyRequest, maxUploadBytes: number | undefined) {
  try {
    yield* request.parts({ limits: { fileSize: maxUploadBytes ?? 0 } });
  } catch (error) {
    if (error instanceof Error && !("statusCode" in error)) throw Object.assign(error, { statusCode: 400 });
    throw error;
  }
}

function urlEncoded(body: unknown): FormFields {
  const fields = noFields();
  let count = 0;
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      count += 1;
      if (count > MAX_FIELDS) throw Object.assign(new RangeError("too many fields"), { statusCode: 413 });
      addField(fields, name, typeof one === "string" ? one : JSON.stringify(one));
    }
  }
  return fields;
}

/** Has no prototype: `constructor` is a name like any other. */
function noFields(): Record<string, string | string[]> {
  return Object.create(null) as Record<string, string | string[]>;
}

/**
 * What a person can have typed: no control characters, which PostgreSQL or a document refuse, and none that turn the direction of
 * what follows, by which one name shows as another; no half of a surrogate pair.
 */
function typed(text: string): string {
  return text.replaceAll(INVISIBLE, "").toWellFormed();
}

const INVISIBLE = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

function addField(fields: Record<string, string | string[]>, name: string, sent: string): void {
  if (name === "__proto__") return;
  const value = typed(sent);
  const known = fields[name];
  if (known === undefined) fields[name] = value;
  else if (typeof known === "string") fields[name] = [known, value];
  else known.push(value);
}

function respond(
  reply: FastifyReply,
  request: PageRequest,
  options: PageOptions,
  response: PageResponse,
): FastifyReply {
  reply.header("cache-control", "no-store");
  switch (response.kind) {
    case "page":
      if (response.formTarget !== undefined) {
        reply.header("content-security-policy", contentSecurityPolicy(response.formTarget));
      }
      return reply
        .code(response.status ?? 200)
        .type("text/html; charset=utf-8")
        .send(response.html);
    case "redirect": {
      for (const cookie of response.cookies ?? []) setCookie(reply, cookie, options.secure);
      const asked = /^sign-in:(person|official)$/.exec(response.to)?.[1] as "person" | "official" | undefined;
      const back = request.method === "GET" ? request.url : request.path;
      return reply.redirect(asked ? options.frame.signIn(back, asked) : localPath(response.to), 303);
    }
    case "file":
      return reply
        .type(response.mediaType)
        .header("content-disposition", disposition(response.name, response.inline === true))
        .send(Buffer.from(response.bytes));
    case "text":
      return reply
        .code(response.status ?? 200)
        .type(response.mediaType)
        .send(typeof response.body === "string" ? response.body : Buffer.from(response.body));
    case "not-found":
      return reply.code(404).type("text/html; charset=utf-8").send(options.frame.notFound(request));
  }
}

/** A refusal drawn by the frame, for what no page sees. */
export function refuse(
  reply: FastifyReply,
  request: PageRequest,
  options: PageOptions,
  status: number,
  words: Text,
): FastifyReply {
  return reply
    .code(status)
    .type("text/html; charset=utf-8")
    .header("cache-control", "no-store")
    .send(options.frame.refused(request, words));
}

/** Keeps what was sent in a form that can be sent again. */
function askAgain(reply: FastifyReply, request: PageRequest, options: PageOptions, words: Text): FastifyReply {
  return reply
    .code(403)
    .type("text/html; charset=utf-8")
    .header("cache-control", "no-store")
    .send(options.frame.kept(request, words));
}

/** Only a path of our own: never an address that someone put into a link. */
export function localPath(to: string): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(to) && to.length <= MAX_URL_CHARACTERS ? to : "/";
}

function setCookie(
  reply: FastifyReply,
  cookie: { name: "session" | "language"; value: string },
  secure: boolean,
): void {
  const name = cookie.name === "session" ? SESSION_COOKIE : LANGUAGE_COOKIE;
  if (cookie.value === "") {
    reply.clearCookie(name, { path: "/" });
    return;
  }
  const maxAge = cookie.name === "language" ? { maxAge: LANGUAGE_COOKIE_SECONDS } : {};
  reply.setCookie(name, cookie.value, { path: "/", httpOnly: true, sameSite: "lax", secure, ...maxAge });
}

function disposition(name: string, inline: boolean): string {
  return `${inline ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`;
}
