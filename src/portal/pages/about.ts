import { definePage, type Page, type PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { reviewPage } from "#ui/review";
import { portalResponse } from "../frame.ts";

interface Part {
  readonly title: Text;
  readonly lines: readonly Text[];
}

const PRIVACY = text("隐私", "Privacy");
const PRIVACY_PARTS: readonly Part[] = [
  {
    title: text("我们用哪些信息", "What we use"),
    lines: [
      text(
        "您登录后，我们使用您的姓名和您可以代表的单位；您申请时，按该事项列出的项目查询登记信息，每一项都写明来源。",
        "When you sign in: your name, and the organizations that you may act for. When you apply: the register entries that the service lists, each with its source.",
      ),
      text(
        "依据是法定职责（个人信息保护法第十三条第一款第三项），因此告知您而不征求同意。",
        "The basis is a statutory duty (Personal Information Protection Law, art. 13(1)(3)), so you are told and not asked for consent.",
      ),
    ],
  },
  {
    title: text("我们不做什么", "What we do not do"),
    lines: [
      text(
        "不做人脸识别，不给人打分，不在没有办件的情况下跨部门查询。",
        "No face recognition, no scoring of people, no search across registers without a case.",
      ),
      text("不由机器单独作出对您不利的决定。", "No refusal is decided by a machine alone."),
      text(
        "不放广告，不用第三方统计，不从其他网站加载任何东西。",
        "No advertising, no third-party statistics, nothing loaded from other sites.",
      ),
    ],
  },
  {
    title: text("怎样保存", "How it is kept"),
    lines: [
      text(
        "证件号码、住址、手机号、您填写的内容和上传的文件都加密保存。",
        "Document numbers, addresses, mobile numbers, what you enter and what you upload are kept encrypted.",
      ),
      text(
        "没有提交的草稿保留九十天；办件按登记簿规定的期限保存。",
        "Drafts are kept for ninety days; cases as long as their register's rules say.",
      ),
    ],
  },
  {
    title: text("Cookie", "Cookies"),
    lines: [
      text(
        "三个：登录（关闭后三十分钟不用即失效）、访问编号（防止别的网站冒用您的表单）、语言。没有别的。",
        "Three: your sign-in (it ends after thirty minutes without use), a visit number (so that no other site can send forms in your name), and your language. There are no others.",
      ),
    ],
  },
  {
    title: text("您的权利", "Your rights"),
    lines: [
      text(
        "看谁查过您的数据，要求更正，要求说明。都在“我的”里。",
        "See who looked at your data, have it corrected, ask why. All of it is under My affairs.",
      ),
      text(
        "不满意的，拨打 12345，或者向履行个人信息保护职责的部门投诉。",
        "If you are not satisfied call 12345, or complain to the department in charge of personal information.",
      ),
    ],
  },
];

const ACCESSIBILITY = text("无障碍", "Accessibility");
const ACCESSIBILITY_PARTS: readonly Part[] = [
  {
    title: text("我们做到的", "What we do"),
    lines: [
      text(
        "按 WCAG 2.2 AA 制作；每个组件和办事流程都由自动工具检查。",
        "Made to WCAG 2.2 AA; an automatic tool checks every component and journey.",
      ),
      text(
        "不用 JavaScript 也能办完每件事；全部可以用键盘操作；可以放大到 400%。",
        "Everything can be done without JavaScript and with the keyboard alone, and enlarged to 400 %.",
      ),
      text(
        "颜色从不单独表达意思；图形都有文字说明。",
        "Colour never speaks alone; every drawing is also told in words.",
      ),
    ],
  },
  {
    title: text("还没有做到的", "What is not there yet"),
    lines: [
      text(
        "还没有请残障人士做过使用测试；自动检查不能代替它。",
        "People with disabilities have not tested it yet; an automatic check is no substitute.",
      ),
      text(
        "PDF 文书还没有按 PDF/UA 检查；需要其他格式的，请拨打 12345。",
        "PDF notices were not checked against PDF/UA; call 12345 for another format.",
      ),
    ],
  },
];

/** Short pages that are true, and the components on a demonstration node. */
export function aboutPages(site: Site): readonly Page[] {
  const pages = [
    textPage(site, "/privacy", PRIVACY, PRIVACY_PARTS),
    textPage(site, "/accessibility", ACCESSIBILITY, ACCESSIBILITY_PARTS),
  ];
  return site.demonstration ? [...pages, componentsPage] : pages;
}

function textPage(site: Site, path: string, title: Text, parts: readonly Part[]): Page {
  return definePage({
    path,
    audience: "public",
    get: async (request: PageRequest) => {
      const { language } = request;
      return portalResponse(site, request, {
        title: title[language],
        indexed: true,
        main: html`<div class="zt-prose"><h1>${title[language]}</h1>${parts.map(
          (part) => html`<h2>${part.title[language]}</h2>${part.lines.map((line) => html`<p>${line[language]}</p>`)}`,
        )}</div>`,
      });
    },
  });
}

const componentsPage: Page = definePage({
  path: "/components",
  audience: "public",
  get: async (request) => {
    const asked = request.query["language"];
    const language = asked === "zh" || asked === "en" ? asked : request.language;
    const page = reviewPage({ language, path: "/components", component: request.query["component"] });
    return page ? { kind: "page", html: page.toString() } : { kind: "not-found" };
  },
});
