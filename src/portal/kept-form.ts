import type { PageRequest } from "#kernel/http/page";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";

const TITLE = text("您填写的内容都在", "What you entered is kept");
const SIGN_IN = text("在新窗口登录", "Sign in in a new window");
const SEND = text("重新发送", "Send it again");
const FILES = text("选过的文件需要重新选择。", "Files that you had chosen have to be chosen again.");
const ENTERED = text("您填写的", "What you entered");
/** Of the form itself, and what is never written into a page. */
const NOT_KEPT: ReadonlySet<string> = new Set(["csrf", "password", "current", "next", "code"]);

/** A form that outlived its session: the same fields, to be sent again under a new one. */
export function keptForm(request: PageRequest, words: Text): { readonly title: string; readonly main: Html } {
  const { language } = request;
  const fields = Object.entries(request.fields)
    .filter(([name]) => !NOT_KEPT.has(name))
    .flatMap(([name, value]) => (typeof value === "string" ? [value] : value).map((one) => [name, one] as const));
  const hidden = fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  const shown = fields
    .filter(([name, value]) => name !== "key" && value !== "")
    .map(([, value]) => html`<li>${value}</li>`);
  const signIn = request.session
    ? NOTHING
    : html`<a class="govuk-button" href="/sign-in?back=/my" target="_blank" rel="noopener">${SIGN_IN[language]}</a>`;
  return {
    title: TITLE[language],
    main: html`<div class="zt-prose"><h1>${TITLE[language]}</h1><p>${words[language]}</p>${
      request.files.length > 0 ? html`<p>${FILES[language]}</p>` : NOTHING
    }${shown.length > 0 ? html`<h2>${ENTERED[language]}</h2><ul>${shown}</ul>` : NOTHING}<form action="${request.path}" method="post"><input type="hidden" name="csrf" value="${request.csrf}">${hidden}<div class="zt-actions">${signIn}${button(
      {
        text: SEND[language],
        classes: request.session ? undefined : "govuk-button--secondary",
        preventDoubleClick: true,
      },
    )}</div></form></div>`,
  };
}
