import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isUuid } from "#lib/crypto/uuid";
import { type Language, type Text, text } from "#lib/language/text";
import type { AssuranceNeed } from "../contract/assurance.ts";
import type { Contract } from "../contract/contract.ts";
import { isRefusal, type Refusal } from "../contract/refusal.ts";
import { assert } from "../errors/fault.ts";
import type { Principals, Session } from "../ports.ts";
import { randomOpaqueUuid } from "../random.ts";
import { turnsMarksAway } from "../secrecy/marked-content.ts";
import type { Act, Principal } from "../system/act.ts";
import type { Front } from "../system/context.ts";
import type { Kernel } from "../system/kernel.ts";
import { perform } from "../system/perform.ts";
import { cookieName } from "./cookies.ts";
import { formOf, typed } from "./form-body.ts";
import { isFormToken, maskedFormToken } from "./form-token.ts";
import { dropSubmission, keepSubmission, keptSubmission } from "./kept-submissions.ts";
import { MAX_URL_CHARACTERS, UPLOAD_OVERHEAD_BYTES } from "./limits.ts";
import {
  type ActAbout,
  type FormFields,
  fieldOf,
  type Page,
  type PageFrame,
  type PageRequest,
  type PageResponse,
} from "./page.ts";
import { contentSecurityPolicy } from "./server.ts";
import { agentOf } from "./user-agent.ts";

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
  const formKeys = () => options.kernel.vault.keys("form-token");
  const posts = postsOf(server);
  for (const page of pages) {
    if (page.post) posts.set(page.path, page);
    const { get, post } = page;
    const route = page.path;
    if (get) {
      server.get(route, async (request, reply) => {
        const asked = await openRequest(request, reply, page, options);
        return respond(reply, asked, options, mayOpen(page, asked) ?? (await stepped(asked, get)));
      });
    }
    if (post) {
      const bodyLimit = page.maxUploadBytes === undefined ? undefined : page.maxUploadBytes + UPLOAD_OVERHEAD_BYTES;
      server.post(route, bodyLimit === undefined ? {} : { bodyLimit }, async (request, reply) => {
        const asked = await openRequest(request, reply, page, options);
        const barred = asked.session ? undefined : mayOpen(page, asked);
        if (barred) return askAgain(reply, asked, options, SESSION_ENDED);
        const token = fieldOf(asked.fields, "csrf");
        if (!isFormToken(formKeys(), bearerOf(request, asked.session, options.secure), token)) {
          // It was kept over a sign-in: its sender looks at it once more, and sends it under the new session.
          if (isFormToken(formKeys(), bearerOf(request, undefined, options.secure), token)) {
            return askAgain(reply, asked, options, SIGNED_IN_AGAIN);
          }
          return refuse(reply, asked, options, 403, FORM_TOKEN_MISSING);
        }
        const response = mayOpen(page, asked) ?? (await stepped(asked, post));
        if (response.kind === "step-up") return proveFirst(reply, asked, options, { route, needs: response.needs });
        if (response.kind === "resume") return resume(reply, asked, { options, posts, response });
        return respond(reply, asked, options, response);
      });
    }
  }
}

const POSTS = new WeakMap<FastifyInstance, Map<string, Page>>();

/** Every page of a server to which forms are sent, by its path. */
function postsOf(server: FastifyInstance): Map<string, Page> {
  const known = POSTS.get(server) ?? new Map<string, Page>();
  POSTS.set(server, known);
  return known;
}

/** What a page answers; where a door that it knocked at asked for more assurance and it only said so, the person proves it instead. */
async function stepped(
  request: PageRequest,
  answer: (request: PageRequest) => Promise<PageResponse>,
): Promise<PageResponse> {
  const response = await answer(request);
  const needs = NEEDED.get(request);
  const said = response.kind === "page" || response.kind === "not-found";
  return needs && said ? { kind: "step-up", needs } : response;
}

/** What doors asked for while a request was answered. */
const NEEDED = new WeakMap<PageRequest, AssuranceNeed>();

/** Keeps the form, and sends its sender to where he proves who he is. */
async function proveFirst(
  reply: FastifyReply,
  request: PageRequest,
  options: PageOptions,
  about: { readonly route: string; readonly needs: AssuranceNeed },
): Promise<FastifyReply> {
  const { session } = request;
  if (!session) return askAgain(reply, request, options, SESSION_ENDED);
  const kept = await keepSubmission(options.kernel, request, { ...about, session: session.id });
  return reply.header("cache-control", "no-store").redirect(options.frame.stepUp({ kept }), 303);
}

/** Does what was kept, as it was sent, now that its sender proved who he is. It is forgotten only when it was answered. */
async function resume(
  reply: FastifyReply,
  request: PageRequest,
  resuming: {
    readonly options: PageOptions;
    readonly posts: ReadonlyMap<string, Page>;
    readonly response: Extract<PageResponse, { kind: "resume" }>;
  },
): Promise<FastifyReply> {
  const { options, posts, response } = resuming;
  const { kernel, principals } = options;
  for (const cookie of response.cookies) setCookie(reply, cookie, options.secure);
  const token = response.cookies.find(({ name }) => name === "session")?.value ?? request.sessionToken ?? "";
  const session = await principals.session(token, request.now);
  const owned = { id: response.kept, session: session?.id ?? "", now: request.now };
  const submission = session && (await keptSubmission(kernel, owned));
  const page = submission && posts.get(submission.route);
  if (!submission || !page?.post) return refuse(reply, request, options, 410, KEPT_NO_MORE);
  const { route, needs: _, ...sent } = submission;
  const again = pageRequest(kernel, {
    ...request,
    ...sent,
    path: pathOf(sent.url),
    session,
    sessionToken: token,
    sessionNow: () => principals.session(token, request.now),
  });
  const answer = mayOpen(page, again) ?? (await stepped(again, page.post));
  await dropSubmission(kernel, response.kept);
  if (answer.kind === "step-up") return proveFirst(reply, again, options, { route, needs: answer.needs });
  return respond(reply, again, options, answer);
}

const KEPT_NO_MORE = text(
  "先前填写的内容已不再保留（最多保留 30 分钟），没有提交。请回到原来的页面重新填写并提交。",
  "What you had sent is no longer kept (30 minutes at most) and was not done. Go back to its page, and send it again.",
);

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
  page: Pick<Page, "maxUploadBytes" | "audience" | "keepsNoUploads">,
  options: PageOptions,
): Promise<PageRequest> {
  const { kernel } = options;
  const now = kernel.now();
  const sessionToken = request.cookies[cookieName("session", options.secure)];
  const session = sessionToken === undefined ? undefined : await options.principals.session(sessionToken, now);
  const bearer = bearerOf(request, session, options.secure) || newVisit(reply, options.secure);
  // Files that a stranger sends to a page for people who are signed in are not read; words are, to be given back to them.
  const stranger = page.audience !== "public" && session === undefined;
  const unread = request.method !== "POST" || (stranger && request.isMultipart());
  const { maxUploadBytes, keepsNoUploads = false } = page;
  const sent = { maxUploadBytes, turnsMarksAway: turnsMarksAway(kernel.zone) && !keepsNoUploads };
  const { fields, files } = unread ? { fields: {}, files: [] } : await formOf(request, sent);
  const language = languageOf(request, options.secure);
  return pageRequest(kernel, {
    method: request.method === "POST" ? "POST" : "GET",
    url: request.url,
    path: pathOf(request.url),
    params: stringsOf(request.params),
    query: stringsOf(request.query),
    fields,
    files,
    language,
    session,
    csrf: maskedFormToken(options.kernel.vault.key("form-token"), bearer),
    newFormKey: randomOpaqueUuid(),
    now,
    address: request.ip,
    agent: agentOf(request.headers["user-agent"]),
    sessionToken,
    sessionNow: async () => (sessionToken === undefined ? undefined : options.principals.session(sessionToken, now)),
    cookie: (name) => request.cookies[name],
    say: (words: Text) => words[language],
  });
}

/** A request with the acts that it makes and the doors that it may knock at. */
function pageRequest(kernel: Kernel, asked: Omit<PageRequest, "act" | "front">): PageRequest {
  const { session, fields, language, now } = asked;
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
    idempotencyKey: about.key === null ? undefined : (about.key ?? (formFieldKey(fields) || undefined)),
  });
  const request: PageRequest = {
    ...asked,
    act,
    front: <C extends Contract>(contract: C, about: ActAbout) =>
      frontOf(kernel, contract, () => act(about), {
        refused: (refusal) => {
          if (refusal.needs) NEEDED.set(request, refusal.needs);
        },
        at: about.at,
      }),
  };
  return request;
}

function pathOf(url: string): string {
  return url.split("?")[0] ?? "/";
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

/** The doors of a room for one principal; `refused` hears what they refuse, `at` is the node that is meant. */
export function frontOf<C extends Contract>(
  kernel: Kernel,
  contract: C,
  act: () => Act,
  { refused, at }: { readonly refused?: (refusal: Refusal) => void; readonly at?: string | undefined } = {},
): Front<C> {
  const front: Record<string, (input: unknown) => Promise<unknown>> = {};
  for (const operation of Object.keys(contract.operations)) {
    front[operation] = async (input) => {
      const outcome = await perform(kernel, act(), { room: contract.id, operation, input, at });
      if (isRefusal(outcome)) refused?.(outcome);
      return outcome;
    };
  }
  return front as Front<C>;
}

function bearerOf(request: FastifyRequest, session: Session | undefined, secure: boolean): string {
  if (session) return `session ${session.id}`;
  const visit = request.cookies[cookieName("visit", secure)];
  return visit !== undefined && isUuid(visit) ? `visit ${visit}` : "";
}

function newVisit(reply: FastifyReply, secure: boolean): string {
  const visit = randomOpaqueUuid();
  reply.setCookie(cookieName("visit", secure), visit, { path: "/", httpOnly: true, sameSite: "lax", secure });
  return `visit ${visit}`;
}

function languageOf(request: FastifyRequest, secure: boolean): Language {
  const chosen = request.cookies[cookieName("language", secure)];
  if (chosen === "zh" || chosen === "en") return chosen;
  const accepted = (request.headers["accept-language"] ?? "").slice(0, 100).toLowerCase();
  const zh = accepted.indexOf("zh");
  const en = accepted.indexOf("en");
  return en >= 0 && (zh < 0 || en < zh) ? "en" : "zh";
}

/** Parts of an address, as they may be asked of the database. */
function stringsOf(query: unknown): Record<string, string> {
  const strings: Record<string, string> = {};
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>)) {
    if (typeof value === "string") strings[name] = typed(value.slice(0, MAX_URL_CHARACTERS));
  }
  return strings;
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
      for (const cookie of response.cookies ?? []) setCookie(reply, cookie, options.secure);
      if (response.formTarget !== undefined) {
        reply.header("content-security-policy", contentSecurityPolicy(response.formTarget));
      }
      if (response.refreshSeconds !== undefined) reply.header("refresh", String(response.refreshSeconds));
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
    case "stream":
      return reply
        .type(response.mediaType)
        .header("content-disposition", disposition(response.name, false))
        .send(Readable.from(response.chunks, { objectMode: false }));
    case "text":
      return reply
        .code(response.status ?? 200)
        .type(response.mediaType)
        .send(typeof response.body === "string" ? response.body : Buffer.from(response.body));
    case "step-up": {
      const back = request.method === "GET" ? request.url : request.path;
      return reply.redirect(options.frame.stepUp({ back, needs: response.needs }), 303);
    }
    case "resume":
      assert(false, "only a form that was sent resumes what was kept");
      return reply;
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
  const name = cookieName(cookie.name, secure);
  if (cookie.value === "") {
    reply.clearCookie(name, { path: "/", httpOnly: true, sameSite: "lax", secure });
    // What a page may have left in the browser goes with the session (W3C Clear Site Data); the language stays chosen.
    if (cookie.name === "session") reply.header("clear-site-data", '"storage"');
    return;
  }
  const maxAge = cookie.name === "language" ? { maxAge: LANGUAGE_COOKIE_SECONDS } : {};
  reply.setCookie(name, cookie.value, { path: "/", httpOnly: true, sameSite: "lax", secure, ...maxAge });
}

function disposition(name: string, inline: boolean): string {
  return `${inline ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`;
}
