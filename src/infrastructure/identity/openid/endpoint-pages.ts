import type { IncomingMessage } from "node:http";
import type { ErrorOut, KoaContextWithOIDC } from "oidc-provider";
import type { PageRequest, PageResponse } from "#kernel/http/page";
import { contentSecurityPolicy } from "#kernel/http/server";
import { type Html, html } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { identityName } from "./acting-identity.ts";
import { identityOf } from "./present-identity.ts";

const SIGN_OUT = text("退出登录", "Sign out");
const SIGN_OUT_LEAD = text(
  "将退出本平台，以及用本平台登录的各系统。",
  "You will be signed out here, and of every system that you signed in to from here.",
);
const STAY = text("不退出", "Stay signed in");
const SIGNED_OUT = text("已退出登录", "You are signed out");
const PROBLEM = text("无法登录该系统", "You cannot be signed in to that system");
const PROBLEM_LEAD = text(
  "该系统发来的登录请求不正确或已过期，没有向它提供任何信息。请回到该系统重新登录；仍不行的，请把下面的代码告诉该系统的管理员。",
  "The request that the system sent is not right, or too old, and nothing was given to it. Go back to it and sign in again. If that fails, tell its administrators this code.",
);

/** How the pages of a node are drawn: its frame, which this room does not know. */
export type Draw = (
  request: PageRequest,
  content: { readonly title: string; readonly main: Html; readonly status?: number; readonly formTarget?: string },
) => PageResponse;

/** What the protocol's endpoints show to people, and whom they find signed in. */
export class EndpointPages {
  readonly #draw: Draw;
  readonly #requests = new WeakMap<IncomingMessage, PageRequest>();

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  /** Keeps the page's request beside the one of the wire. */
  note(wire: IncomingMessage, request: PageRequest): void {
    this.#requests.set(wire, request);
  }

  /** Under which name the browser's session of the node acts now. */
  present(wire: IncomingMessage): string | undefined {
    const session = this.#requests.get(wire)?.session;
    const identity = session && identityOf(session);
    return identity && identityName(identity);
  }

  readonly logout = (ctx: KoaContextWithOIDC): void => {
    const { session, params } = ctx.oidc;
    const secret = String((session?.state as { secret?: unknown } | undefined)?.secret ?? "");
    const target = URL.parse(String(params?.["post_logout_redirect_uri"] ?? ""))?.origin;
    this.#show(ctx, SIGN_OUT, {
      ...(target !== undefined && { formTarget: target }),
      main: (say) =>
        html`<p>${say(SIGN_OUT_LEAD)}</p><form action="${new URL(ctx.oidc.urlFor("end_session_confirm")).pathname}" method="post"><input type="hidden" name="xsrf" value="${secret}"><div class="zt-actions">${button({ text: say(SIGN_OUT), name: "logout", value: "yes", preventDoubleClick: true })}${button({ text: say(STAY), classes: "govuk-button--secondary" })}</div></form>`,
    });
  };

  readonly loggedOut = (ctx: KoaContextWithOIDC): void => {
    this.#show(ctx, SIGNED_OUT, { main: () => html`` });
  };

  readonly problem = (ctx: KoaContextWithOIDC, out: ErrorOut): void => {
    this.#show(ctx, PROBLEM, {
      main: (say) => html`<p>${say(PROBLEM_LEAD)}</p><p><code>${out.error}</code></p>`,
    });
  };

  #show(
    ctx: KoaContextWithOIDC,
    title: Text,
    content: { readonly main: (say: (words: Text) => string) => Html; readonly formTarget?: string },
  ): void {
    const request = this.#requests.get(ctx.req);
    if (!request) throw new TypeError("a request of an endpoint was noted before");
    const { language } = request;
    const drawn = this.#draw(request, {
      title: title[language],
      main: html`${pageHeading({ title: title[language] })}${content.main((words) => words[language])}`,
    });
    if (drawn.kind !== "page") throw new TypeError("a frame draws pages");
    ctx.type = "html";
    ctx.set("content-security-policy", contentSecurityPolicy(content.formTarget));
    ctx.body = drawn.html;
  }
}
