import { identity } from "#infrastructure/identity";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { input } from "#ui/components/input/input";
import { insetText } from "#ui/components/inset-text/inset-text";
import { notificationBanner } from "#ui/components/notification-banner/notification-banner";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { tag } from "#ui/components/tag/tag";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { formFields, portalResponse } from "../frame.ts";
import { type Problem, problemSummary, refused } from "../problem.ts";

const MY = text("我的", "My affairs");
const TITLE = text("电子邮箱提醒", "E-mail reminders");
const LEAD = text(
  "自愿登记。有新文书时，我们发邮件告诉您办件编号和文书名称，不写姓名和文书内容；文书仍在“我的消息”中送达，期限从那里起算。",
  "This is your choice. We write to you when there is a notice, with the number of the case and what kind of notice it is, and nothing of its content. Notices are delivered under My messages all the same, and periods run from there.",
);
const CONFIRMED = text("已确认", "Confirmed");
const OFF = text("不发邮件", "No e-mail is sent");
const ON = text("有新文书时发邮件", "You are written to when there is a notice");
const TURN_ON = text("开始发邮件提醒", "Write to me from now on");
const TURN_OFF = text("不再发邮件提醒", "Write to me no more");
const REMOVE = text("删除电子邮箱", "Remove the address");
const GIVE = text("登记电子邮箱", "Give an e-mail address");
const CHANGE = text("更换电子邮箱", "Change the address");
const SEND = text("发送验证码", "Send me a code");
const WAITING = text(
  "验证码已发送到 {address}，15 分钟内有效。没有收到的，请看垃圾邮件，或核对地址后重新发送。",
  "A code was sent to {address}; it counts for 15 minutes. If it does not come, look among the junk mail, or check the address and send it again.",
);
const CODE = text("六位验证码", "The six digits of the code");
const CONFIRM = text("确认", "Confirm");
const WRONG_CODE = text("验证码不正确，请核对", "This is not the code; please check it");
const EXPIRED = text("验证码已失效，请重新发送", "The code counts no more; have another one sent");
const NO_CODE = text("请填写验证码", "Enter the code");
const DONE = {
  confirmed: text("电子邮箱已确认。", "Your address is confirmed."),
  removed: text("电子邮箱已删除。", "Your address was removed."),
  notices: text("已按您的选择办理。", "It will be as you chose."),
} as const;
const FIELDS = formDescriptors(identity.operations.giveEmail.input);

interface Shown {
  readonly problems?: readonly Problem[];
  readonly typed?: string;
  readonly done?: keyof typeof DONE;
}

/** Where one is written to: given freely, confirmed by a code, and taken back at any time. */
export function emailPage(site: Site): Page {
  return definePage({
    path: "/my/email",
    audience: "person",
    get: (request) => screen(site, request, {}),
    post: (request) => {
      switch (fieldOf(request.fields, "do")) {
        case "give":
          return give(site, request);
        case "confirm":
          return confirm(site, request);
        case "remove":
          return remove(site, request);
        default:
          return choose(site, request);
      }
    },
  });
}

function doors(request: PageRequest) {
  return request.front(identity, { purpose: "own-affairs" });
}

async function give(site: Site, request: PageRequest): Promise<PageResponse> {
  const read = parseForm(FIELDS, request.fields);
  const typed = fieldOf(request.fields, "address");
  const [wrong] = Object.values(read.errors);
  if (wrong) return screen(site, request, { problems: [{ text: wrong, href: "#address" }], typed });
  const answer = await doors(request).giveEmail({ address: typed });
  if (!isRefusal(answer)) return screen(site, request, {});
  const said: Text = answer.issues[0]?.text ?? answer.text;
  return screen(site, request, { problems: [{ text: said, href: "#address" }], typed });
}

async function confirm(site: Site, request: PageRequest): Promise<PageResponse> {
  const code = fieldOf(request.fields, "code").replaceAll(/\s/g, "");
  const problem = (words: Text) => screen(site, request, { problems: [{ text: words, href: "#code" }] });
  if (code === "") return problem(NO_CODE);
  // Each try is a new act: the form's key would give the same outcome for another code.
  const doorsAnew = request.front(identity, { purpose: "own-affairs", key: request.newFormKey });
  const answer = await doorsAnew.confirmEmail({ code });
  if (isRefusal(answer)) return problem(answer.text);
  if (answer.outcome === "confirmed") return screen(site, request, { done: "confirmed" });
  return problem(answer.outcome === "wrong-code" ? WRONG_CODE : EXPIRED);
}

async function choose(site: Site, request: PageRequest): Promise<PageResponse> {
  const notices = fieldOf(request.fields, "notices") === "yes" ? "yes" : "no";
  const answer = await doors(request).chooseEmailNotices({ notices });
  return isRefusal(answer)
    ? refused(site, request, answer as Refusal, "/my/email")
    : screen(site, request, { done: "notices" });
}

async function remove(site: Site, request: PageRequest): Promise<PageResponse> {
  const answer = await doors(request).removeEmail({});
  return isRefusal(answer)
    ? refused(site, request, answer as Refusal, "/my/email")
    : screen(site, request, { done: "removed" });
}

async function screen(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const { language } = request;
  const { problems = [], done } = shown;
  const email = await request.front(identity, { purpose: "own-affairs" }).myEmail({});
  if (isRefusal(email)) return refused(site, request, email);
  const { address, pending, notices } = email;
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors: problems.length > 0,
    breadcrumbs: [{ text: MY[language], href: "/my" }, { text: TITLE[language] }],
    main: html`${problemSummary(language, problems)}${
      done ? notificationBanner({ language, type: "success", text: DONE[done][language] }) : NOTHING
    }${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      address === undefined ? NOTHING : present(request, address, notices)
    }${pending === undefined ? NOTHING : codeForm(request, pending, problems)}${giveForm(request, shown, address !== undefined)}${
      address === undefined && pending === undefined ? NOTHING : removeForm(request)
    }`,
  });
}

function present(request: PageRequest, address: string, notices: "yes" | "no"): Html {
  const { language } = request;
  const other = notices === "yes" ? "no" : "yes";
  return html`<section class="zt-section"><p><strong>${address}</strong> ${tag({ text: CONFIRMED[language] })}</p><p>${(notices === "yes" ? ON : OFF)[language]}</p><form action="/my/email" method="post">${formFields(request)}<input type="hidden" name="notices" value="${other}">${button(
    { text: (notices === "yes" ? TURN_OFF : TURN_ON)[language], classes: "govuk-button--secondary" },
  )}</form></section>`;
}

function codeForm(request: PageRequest, pending: string, problems: readonly Problem[]): Html {
  const { language } = request;
  return html`<section class="zt-section">${insetText({ text: fill(WAITING, { address: pending })[language] })}<form action="/my/email" method="post" novalidate>${formFields(request)}<input type="hidden" name="do" value="confirm">${input(
    {
      language,
      id: "code",
      name: "code",
      label: { text: CODE[language] },
      errorMessage: problems.find(({ href }) => href === "#code")?.text[language],
      inputmode: "numeric",
      autocomplete: "one-time-code",
      classes: "govuk-input--width-10",
    },
  )}${button({ text: CONFIRM[language], preventDoubleClick: true })}</form></section>`;
}

function giveForm(request: PageRequest, { problems = [], typed }: Shown, changing: boolean): Html {
  const { language } = request;
  const wrong = problems.find(({ href }) => href === "#address")?.text;
  const context = { language, values: { address: typed }, errors: wrong ? { address: wrong } : {} };
  return html`<section class="zt-section"><h2>${(changing ? CHANGE : GIVE)[language]}</h2><form action="/my/email" method="post" novalidate>${formFields(request)}<input type="hidden" name="do" value="give">${renderForm(FIELDS, context)}${button({ text: SEND[language], preventDoubleClick: true })}</form></section>`;
}

function removeForm(request: PageRequest): Html {
  return html`<section class="zt-section"><form action="/my/email" method="post">${formFields(request)}<input type="hidden" name="do" value="remove">${button({ text: REMOVE[request.language], classes: "govuk-button--warning" })}</form></section>`;
}
