/** Where the protocol's endpoints are, below the node's own address. */
export const OPENID_PATH = "/openid";
/** The page that says which claims go to whom: `/sign-in/for/{uid}`. */
export const INTERACTION_PATH = "/sign-in/for";
/** What the protocol's cookies are called; with the prefix, a browser takes them over HTTPS alone (RFC 6265bis §4.1.3). */
export function protocolCookies(publicUrl: string) {
  const prefix = publicUrl.startsWith("https:") ? "__Secure-" : "";
  return {
    session: `${prefix}zt_openid`,
    interaction: `${prefix}zt_openid_interaction`,
    resume: `${prefix}zt_openid_resume`,
  };
}
