import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { hero } from "#ui/components/hero/hero";
import { searchBox } from "#ui/components/search-box/search-box";
import { topics } from "#ui/components/topics/topics";
import { portalResponse } from "../frame.ts";

const QUESTION = text("想办什么事？", "What do you need to do?");
const SEARCH = text("搜索事项", "Search services");
const OFTEN = text("常办：", "Often used:");
const ALL = text("可以在这里办的事", "What you can do here");

/** The first page: one question, and the services of this node. */
export function homePage(site: Site): Page {
  return definePage({
    path: "/",
    audience: "public",
    get: async (request) => {
      const { language } = request;
      const items = [...site.kernel.systems.values()].flatMap(({ contract }) =>
        Object.entries(contract.services).map(([name, service]) => ({
          href: `/services/${contract.id}/${name}`,
          service,
        })),
      );
      return portalResponse(site, request, {
        title: QUESTION[language],
        indexed: true,
        hero: hero({
          title: QUESTION[language],
          search: searchBox({ language, action: "/services", name: "q", label: SEARCH[language] }),
          often: {
            label: OFTEN[language],
            links: items.slice(0, 4).map(({ href, service }) => ({ href, text: service.title[language] })),
          },
        }),
        main: html`<h2>${ALL[language]}</h2>${topics(
          items.map(({ href, service }) => ({ href, title: service.title[language], text: service.summary[language] })),
        )}`,
      });
    },
  });
}
