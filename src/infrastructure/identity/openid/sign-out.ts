import type { KoaContextWithOIDC } from "oidc-provider";
import { cookieName } from "#kernel/http/cookies";
import { identityNamed } from "./acting-identity.ts";
import type { EndpointPages } from "./endpoint-pages.ts";

/**
 * A sign-out that a system began ends the session of the node as well; where nobody is signed in there is still a page that needs no
 * script, in place of the library's.
 */
export function signOutEverywhere(needs: {
  readonly pages: EndpointPages;
  /** Whether cookies are for HTTPS alone. */
  readonly secure: boolean;
  readonly endSession: (session: string) => Promise<unknown>;
}) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    await next();
    const { oidc } = ctx as { readonly oidc?: KoaContextWithOIDC["oidc"] };
    if (oidc?.route === "end_session" && ctx.status === 200 && oidc.session?.accountId === undefined) {
      needs.pages.logout(ctx);
    }
    if (oidc?.route !== "end_session_confirm" || oidc.params?.["logout"] === undefined || ctx.status !== 303) return;
    const identity = identityNamed(oidc.session?.accountId ?? "");
    if (!identity) return;
    await needs.endSession(identity.session);
    ctx.append(
      "set-cookie",
      `${cookieName("session", needs.secure)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${needs.secure ? "; Secure" : ""}`,
    );
  };
}
