import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { items } from "#services/items";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { SEARCH_LENGTH_AT_MOST, searchBox } from "#ui/components/search-box/search-box";
import { topics } from "#ui/components/topics/topics";
import { portalResponse } from "../frame.ts";
import { itemAt, itemsOf } from "../item.ts";
import { refused } from "../problem.ts";

const TITLE = text("办事", "Services");
const SEARCH = text("搜索事项", "Search services");
const FOUND = text("找到 {count} 个事项", "{count} found");
const NOT_FOUND = text("没有找到“{query}”", "Nothing was found for “{query}”");
const NOT_FOUND_TEXT = text(
  "换一个说法试试，例如您要开的店、要做的事；或者看看下面的全部事项。拿不准的，可以拨打 12345 咨询。",
  "Try other words, such as the shop that you want to open, or look at all services below. If in doubt, call 12345.",
);
const ALL = text("全部事项", "All services");

/** Finds a service by what people call it. */
export function servicesPage(site: Site): Page {
  return definePage({
    path: "/services",
    audience: "public",
    get: async (request) => {
      const { language } = request;
      const query = (request.query["q"] ?? "").trim().slice(0, SEARCH_LENGTH_AT_MOST);
      const catalogue = request.front(items, { purpose: "public-information" });
      const answer = await catalogue.searchItems({ query });
      if (isRefusal(answer)) return refused(site, request, answer, "/");
      const found = answer.items.flatMap(({ room, service }) => itemAt(site.kernel, room, service) ?? []);
      const shown = found.length > 0 ? found : itemsOf(site.kernel);
      const said =
        query === ""
          ? NOTHING
          : found.length > 0
            ? html`<p class="govuk-hint" role="status">${fill(FOUND, { count: found.length })[language]}</p>`
            : emptyState({ title: fill(NOT_FOUND, { query })[language], text: NOT_FOUND_TEXT[language] });
      return portalResponse(site, request, {
        title: TITLE[language],
        indexed: query === "",
        main: html`<h1>${TITLE[language]}</h1><div class="zt-section">${searchBox({ language, action: "/services", name: "q", value: query, label: SEARCH[language] })}</div>${said}${
          query !== "" && found.length > 0 ? NOTHING : html`<h2>${ALL[language]}</h2>`
        }${topics(shown.map(({ href, service }) => ({ href, title: service.title[language], text: service.summary[language] })))}`,
      });
    },
  });
}
