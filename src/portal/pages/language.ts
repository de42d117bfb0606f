import { definePage, type Page } from "#kernel/http/page";

/** Chooses the language of the pages; kept in a cookie, so that links stay the same in both. */
export const languagePage: Page = definePage({
  path: "/language/:language",
  audience: "public",
  get: async (request) => {
    const language = request.params["language"] === "en" ? "en" : "zh";
    return {
      kind: "redirect",
      to: request.query["back"] ?? "/",
      cookies: [{ name: "language", value: language }],
    };
  },
});
