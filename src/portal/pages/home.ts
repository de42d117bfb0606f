import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { hero } from "#ui/components/hero/hero";
import { numbers } from "#ui/components/numbers/numbers";
import { searchBox } from "#ui/components/search-box/search-box";
import { topics } from "#ui/components/topics/topics";
import { homeFigures } from "../figures.ts";
import { portalResponse } from "../frame.ts";
import { itemsOf } from "../item.ts";

const QUESTION = text("想办什么事？", "What do you need to do?");
const SEARCH = text("搜索事项", "Search services");
const OFTEN = text("常办：", "Often used:");
const ALL = text("可以在这里办的事", "What you can do here");

const MORE = text("还可以", "You can also");
const PLACES = [
  {
    href: "/verify",
    title: text("核验证照", "Verify a licence"),
    words: text("按编号、扫码或上传文件，不用登录", "By number, QR code or file; no sign-in needed"),
  },
  {
    href: "/disclosure",
    title: text("查看许可决定", "See licensing decisions"),
    words: text("每一项准予和不予许可的决定", "Every licence granted and refused"),
  },
  {
    href: "/my/access",
    title: text("看谁查过我的数据", "See who looked at your data"),
    words: text("谁、为什么、依据哪条法律、什么时候", "Who, why, under which law, when"),
  },
] as const;

/** The first page: one question, and the services of this node. */
export function homePage(site: Site): Page {
  return definePage({
    path: "/",
    audience: "public",
    get: async (request) => {
      const { language } = request;
      const items = itemsOf(site.kernel);
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
        main: html`${numbers(await homeFigures(site, request))}<h2>${ALL[language]}</h2>${topics(
          items.map(({ href, service }) => ({ href, title: service.title[language], text: service.summary[language] })),
        )}<h2>${MORE[language]}</h2>${topics(PLACES.map(({ href, title, words }) => ({ href, title: title[language], text: words[language] })))}`,
      });
    },
  });
}
