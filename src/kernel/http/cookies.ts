/**
 * `visit` names a visit before anyone signs in, so that the sign-in form itself is bound to a browser.
 */
export type CookieName = "session" | "visit" | "language";

/**
 * What a cookie is called. Where cookies are for HTTPS alone, a browser takes one of this prefix from this very host only (RFC 6265bis
 * §4.1.3): no neighbouring name can plant it.
 */
export function cookieName(name: CookieName, secure: boolean): string {
  return `${secure ? "__Host-" : ""}zt_${name}`;
}
