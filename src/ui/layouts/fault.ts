import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, type Text, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";

/** What went wrong, as its reader needs to know it. */
export type FaultKind =
  | "not-found"
  | "denied"
  | "expired"
  | "too-large"
  | "malformed"
  | "too-many"
  | "unavailable"
  | "away"
  | "broken";

const FAULTS: Readonly<Record<FaultKind, { readonly title: Text; readonly text: Text }>> = {
  "not-found": {
    title: text("没有找到这个页面", "Page not found"),
    text: text(
      "地址可能写错了，或者您没有查看它的权限。请检查地址，或从首页重新查找。",
      "The address may be wrong, or you may not be allowed to see the page. Check the address, or start from the home page.",
    ),
  },
  denied: {
    title: text("您不能这样做", "You cannot do this"),
    text: text(
      "您的身份或岗位没有这项权限。这次尝试已经记录。",
      "Your account or post does not allow it. The attempt is on the record.",
    ),
  },
  expired: {
    title: text("页面已过期，什么都没有丢失", "This page has expired; nothing is lost"),
    text: text(
      "您的登录或这张表单已经过期。请返回上一页，重新登录后再提交；已保存的草稿还在。",
      "Your session or this form has expired. Go back, sign in and send it again; your saved draft is still there.",
    ),
  },
  "too-large": {
    title: text("发送的内容太大", "What you sent is too large"),
    text: text(
      "请缩小文件后再试。页面上写明了每个文件的最大大小。",
      "Make the file smaller and try again. The page says how large a file may be.",
    ),
  },
  malformed: {
    title: text("没有看懂这个请求", "We could not read this request"),
    text: text("请返回上一页，检查填写的内容后再试。", "Go back, check what you entered and try again."),
  },
  "too-many": {
    title: text("请求太频繁", "Too many requests"),
    text: text("请等一分钟后再试。", "Wait a minute and try again."),
  },
  unavailable: {
    title: text("暂时不能办理", "Not available just now"),
    text: text(
      "办理所需的另一个系统没有应答。您填写的内容已经保留，请稍后再试。",
      "Another system that this needs does not answer. What you entered is kept; try again later.",
    ),
  },
  away: {
    title: text("数据库暂时没有应答", "The database does not answer just now"),
    text: text(
      "刚才的操作没有生效，以前办理的都在。请一分钟后重新打开本页，再做一次；登录不会丢失。",
      "What you just did was not done; all that was done before is kept. Open this page again in a minute and do it once more; you stay signed in.",
    ),
  },
  broken: {
    title: text("系统出了问题", "Something went wrong"),
    text: text(
      "这是我们的问题，不是您的。您填写的内容没有丢失；请稍后再试，或告诉我们下面的编号。",
      "This is our fault, not yours. Nothing that you entered is lost; try again later, or tell us the number below.",
    ),
  },
};

export interface FaultOptions {
  readonly language: Language;
  readonly kind: FaultKind;
  /** What an operator finds in the log; never a message of the software. */
  readonly reference?: string | undefined;
  readonly homeHref: string;
  /** What the way out is called, where it is not the site's first page. */
  readonly home?: Text;
  /** Says more than the general words: which file, how long to wait. */
  readonly detail?: Content | undefined;
}

const REFERENCE = text("编号", "Reference");
const HOME = text("返回首页", "Go to the home page");

export function faultTitle(kind: FaultKind, language: Language): string {
  return FAULTS[kind].title[language];
}

/** The main part of an error page; the layout around it is the one that the reader came from. */
export function faultContent({ language, kind, reference, homeHref, home = HOME, detail }: FaultOptions): Html {
  const fault = FAULTS[kind];
  return html`<div class="zt-fault"><h1>${fault.title[language]}</h1><p>${detail ?? fault.text[language]}</p>${
    reference ? html`<p>${REFERENCE[language]} <span class="zt-mono">${reference}</span></p>` : NOTHING
  }<p><a href="${homeHref}">${home[language]}</a></p></div>`;
}
