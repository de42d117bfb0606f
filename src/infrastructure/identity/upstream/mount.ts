/** The way out to another identity platform and the way back. */
import type { FastifyInstance } from "fastify";
import type { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { cookieName } from "#kernel/http/cookies";
import { localPath } from "#kernel/http/pages";
import { agentOf } from "#kernel/http/user-agent";
import type { Front } from "#kernel/system/context";
import type { Kernel } from "#kernel/system/kernel";
import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import type { Away, Upstream, UpstreamIdentity } from "./upstream.ts";

export const UPSTREAM_PATH = "/sign-in/upstream";
export const UPSTREAM_CALLBACK_PATH = `${UPSTREAM_PATH}/callback`;
/** Whoever stays away longer begins anew. */
export const AWAY_MS = 10 * 60_000;
const LABEL = "upstream-sign-in";

export interface UpstreamMount {
  readonly kernel: Kernel;
  readonly upstream: Upstream;
  /** This room's operations, asked as the node; each sign-in is an act of its own. */
  readonly front: Pick<Front<typeof identity>, "signInUpstream">;
  /** Whether cookies are for HTTPS alone. */
  readonly secure: boolean;
}

/** Mounts `/sign-in/upstream` and its callback. What goes wrong ends on the sign-in page, in words. */
export function mountUpstream(server: FastifyInstance, { kernel, upstream, front, secure }: UpstreamMount): void {
  const away = `${secure ? "__Secure-" : ""}zt_upstream`;
  const place = { path: UPSTREAM_PATH, httpOnly: true, sameSite: "lax", secure } as const;
  // Where the person was going is kept, so that another way in leads there as well.
  const failed = (why: string, back = "/") =>
    `/sign-in?upstream=${why}${back === "/" ? "" : `&back=${encodeURIComponent(back)}`}`;

  server.get<{ Querystring: { back?: string } }>(UPSTREAM_PATH, async (request, reply) => {
    reply.header("cache-control", "no-store");
    const back = localPath(String(request.query.back ?? ""));
    try {
      const begun = await upstream.begin(back, kernel.now());
      const sealed = kernel.vault.seal(LABEL, utf8(JSON.stringify(begun.away)), LABEL);
      reply.setCookie(away, toBase64url(sealed), { ...place, maxAge: AWAY_MS / 1000 });
      return reply.redirect(begun.url, 303);
    } catch (error) {
      request.log.warn({ code: codeOf(error) }, "the identity platform is not reached");
      return reply.redirect(failed("away", back), 303);
    }
  });

  server.get(UPSTREAM_CALLBACK_PATH, async (request, reply) => {
    reply.header("cache-control", "no-store");
    const kept = opened(kernel, request.cookies[away]);
    // Whatever comes of it: one answer is taken, once.
    reply.clearCookie(away, place);
    if (!kept || Math.abs(Date.parse(kernel.now()) - Date.parse(kept.at)) > AWAY_MS)
      return reply.redirect(failed("stale", kept?.back), 303);
    let found: UpstreamIdentity;
    try {
      found = await upstream.finish(request.url.split("?")[1] ?? "", kept);
    } catch (error) {
      request.log.warn({ code: codeOf(error) }, "an answer of the identity platform is refused");
      return reply.redirect(failed("refused", kept.back), 303);
    }
    const { name, identityNumber, provenAt, ...said } = found;
    const answer = await front.signInUpstream({
      ...said,
      ...(name !== undefined && { name }),
      ...(identityNumber !== undefined && { identityNumber }),
      ...(provenAt !== undefined && { provenAt }),
      address: request.ip,
      agent: agentOf(request.headers["user-agent"]),
    });
    if (isRefusal(answer)) return reply.redirect(failed("refused", kept.back), 303);
    if (answer.outcome !== "signed-in") return reply.redirect(failed("unknown", kept.back), 303);
    reply.setCookie(cookieName("session", secure), answer.token, {
      path: "/",
      httpOnly: true,
      sameSite: "lax",
      secure,
    });
    return reply.redirect(kept.back === "/" ? "/my" : kept.back, 303);
  });
}

function opened(kernel: Kernel, cookie: string | undefined): Away | undefined {
  const sealed = cookie === undefined ? undefined : fromBase64url(cookie);
  if (sealed === undefined) return undefined;
  try {
    return JSON.parse(fromUtf8(kernel.vault.open(LABEL, sealed, LABEL))) as Away;
  } catch {
    // Not sealed by this node.
    return undefined;
  }
}

function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  return String(code ?? name ?? "unknown");
}
