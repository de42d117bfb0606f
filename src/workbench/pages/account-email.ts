import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { input } from "#ui/components/input/input";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { tag } from "#ui/components/tag/tag";
import { parseForm } from "#ui/form/parse-form";
import { doneBanner, formFields, holds, problems, workbench } from "../frame.ts";

const PATH = "/workbench/account/email";
const ACCOUNT = text("我的账户", "My account");
const TITLE = text("工作邮箱", "Work e-mail");
const LEAD = text(
  "密码、第二重验证有变动，或者窗口有人以您的名义找回账户时，发邮件告诉您。邮件里没有链接和能登录的验证码。",
  "You are written to when your password or a second factor changes, or when somebody asks in your name for access to be given back. No message has a link, or a code by which to get in.",
);
const CONFIRMED = text("已确认", "Confirmed");
const WAITING = text(
  "验证码已发到 {address}，十五分钟内有效。",
  "A code was sent to {address}; it counts for fifteen minutes.",
);
const CODE = text("六位验证码", "The six digits");
const CONFIRM = text("确认", "Confirm");
const GIVE = text("发送验证码", "Send a code");
const REMOVE = text("删除这个邮箱", "Remove this address");
const WRONG_CODE = text("验证码不正确，请核对。", "That code is not right; please check it.");
const EXPIRED = text("验证码已失效，请重新发送。", "That code counts no more; have another one sent.");
const FIELDS = formDescriptors(identity.operations.giveEmail.input);

interface Shown {
  readonly problem?: { readonly text: Text; readonly href: string };
  readonly typed?: string;
}

/** Where an official is told of changes to his own account. */
export function accountEmailPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "official",
    get: (request) => screen(site, request, {}),
    post: (request) => {
      const action = fieldOf(request.fields, "do");
      if (action === "confirm") return confirm(site, request);
      return action === "remove" ? remove(site, request) : give(site, request);
    },
  });
}

/** Each try of a code is a new act: the form's key would give the same outcome for another code. */
const doors = (request: PageRequest) =>
  request.front(identity, { purpose: "administration", ...(request.method === "POST" && { key: request.newFormKey }) });

async function give(site: Site, request: PageRequest): Promise<PageResponse> {
  const typed = fieldOf(request.fields, "address");
  const [wrong] = Object.values(parseForm(FIELDS, request.fields).errors);
  const problem = (said: Text) => screen(site, request, { problem: { text: said, href: "#address" }, typed });
  if (wrong) return problem(wrong);
  const answer = await doors(request).giveEmail({ address: typed });
  return isRefusal(answer) ? problem(answer.issues[0]?.text ?? answer.text) : { kind: "redirect", to: PATH };
}

async function confirm(site: Site, request: PageRequest): Promise<PageResponse> {
  const code = fieldOf(request.fields, "code").replaceAll(/\s/g, "").slice(0, 20);
  const answer = await doors(request).confirmEmail({ code });
  const problem = (said: Text) => screen(site, request, { problem: { text: said, href: "#code" } });
  if (isRefusal(answer)) return problem(answer.text);
  if (answer.outcome === "confirmed") return { kind: "redirect", to: `${PATH}?done=confirmed` };
  return problem(answer.outcome === "wrong-code" ? WRONG_CODE : EXPIRED);
}

async function remove(site: Site, request: PageRequest): Promise<PageResponse> {
  const answer = await doors(request).removeEmail({});
  if (isRefusal(answer)) return screen(site, request, { problem: { text: answer.text, href: "#address" } });
  return { kind: "redirect", to: `${PATH}?done=removed` };
}

async function screen(site: Site, request: PageRequest, { problem, typed }: Shown): Promise<PageResponse> {
  if (!holds(request, "directory.delegate")) return { kind: "not-found" };
  const { language } = request;
  const email = await doors(request).myEmail({});
  if (isRefusal(email)) return { kind: "not-found" };
  const { address, pending } = email;
  return workbench(site, request, {
    title: TITLE[language],
    hasErrors: problem !== undefined,
    breadcrumbs: [{ href: "/workbench/account", text: ACCOUNT[language] }, { text: TITLE[language] }],
    main: html`${doneBanner(request)}${problem ? problems(request, [problem]) : NOTHING}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      address === undefined ? NOTHING : html`<p><strong>${address}</strong> ${tag({ text: CONFIRMED[language] })}</p>`
    }${pending === undefined ? NOTHING : codeForm(request, pending)}${giveForm(request, typed)}${
      address === undefined && pending === undefined ? NOTHING : removeForm(request)
    }`,
  });
}

function codeForm(request: PageRequest, pending: string): Html {
  const { language } = request;
  return html`<form class="zt-sheet" action="${PATH}" method="post" novalidate>${formFields(request)}<input type="hidden" name="do" value="confirm">${insetText(
    { text: fill(WAITING, { address: pending })[language] },
  )}${input({
    language,
    id: "code",
    name: "code",
    label: { text: CODE[language] },
    inputmode: "numeric",
    autocomplete: "one-time-code",
    classes: "govuk-input--width-10",
  })}${button({ text: CONFIRM[language], preventDoubleClick: true })}</form>`;
}

function giveForm(request: PageRequest, typed: string | undefined): Html {
  const { language } = request;
  const [field] = FIELDS;
  return html`<form class="zt-sheet" action="${PATH}" method="post" novalidate>${formFields(request)}${input({
    language,
    id: "address",
    name: "address",
    label: { text: field?.title[language] ?? "" },
    hint: field?.hint?.[language],
    value: typed,
    autocomplete: "email",
    classes: "govuk-input--width-20",
  })}${button({ text: GIVE[language], preventDoubleClick: true })}</form>`;
}

function removeForm(request: PageRequest): Html {
  return html`<form action="${PATH}" method="post">${formFields(request)}<input type="hidden" name="do" value="remove">${button(
    { text: REMOVE[request.language], classes: "govuk-button--secondary", preventDoubleClick: true },
  )}</form>`;
}
