export const SESSION_COOKIE = "zt_session";
/** Names a visit before anyone signs in, so that the sign-in form itself is bound to a browser. */
export const VISIT_COOKIE = "zt_visit";
export const LANGUAGE_COOKIE = "zt_language";
