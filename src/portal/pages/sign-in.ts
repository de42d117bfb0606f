import { identity, PASSWORD_OVER, SIGN_IN_FAILED, SIGN_IN_WAIT } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { errorSummary } from "#ui/components/error-summary/error-summary";
import { input } from "#ui/components/input/input";
import { insetText } from "#ui/components/inset-text/inset-text";
import { passwordInput } from "#ui/components/password-input/password-input";
import { CODE_MISSING, codeField, codeProblem, givenCode, lostPhone } from "../code-field.ts";
import { formFields, portalResponse } from "../frame.ts";
import { passkeyForm } from "../passkey-form.ts";
import { problemSummary } from "../problem.ts";

const TITLE = text("登录", "Sign in");
const NAME = text("登录名", "Sign-in name");
const PASSWORD = text("密码", "Password");
const BY_PASSKEY = text("用通行密钥登录", "Sign in with a passkey");
const PASSKEY_FAILED = text(
  "通行密钥没有通过验证。请重试，或用登录名和密码登录。",
  "The passkey could not be verified. Try again, or sign in with name and password.",
);
const CODE_TITLE = text("输入验证码", "Enter your code");
const CODE_WHY = text(
  "密码正确。您设置了每次登录都要验证码；请在十分钟内输入。",
  "The password is right. You chose that each sign-in asks for a code; please enter it within ten minutes.",
);
const TOOK_TOO_LONG = text(
  "登录超过十分钟没有完成，或者密码已经更改。没有登录；请重新登录。",
  "The sign-in was not finished within ten minutes, or the password was changed. You are not signed in; please begin again.",
);
const TICKET_CHARACTERS_MAX = 100;
const THROUGH = text("通过{platform}登录", "Sign in with {platform}");
const UPSTREAM_PROBLEMS: Readonly<Record<string, Text>> = {
  away: text(
    "暂时连接不上身份平台。请稍后再试，或用登录名和密码登录。",
    "The identity platform cannot be reached at the moment. Try again later, or sign in with a name and password.",
  ),
  stale: text(
    "登录用时过长或不是在这里开始的，请重新登录。",
    "That took too long, or did not begin here. Please sign in again.",
  ),
  refused: text(
    "身份平台没有确认登录，请重新登录。",
    "The identity platform did not confirm the sign-in. Please try again.",
  ),
  unknown: text(
    "身份平台上的姓名和身份证号码与人口登记不符，或者与先前关联的人不同，不能登录。请持身份证到政务服务大厅办理。",
    "Name and identity number on the identity platform are not those of the register, or of the person who was linked before. Bring your identity card to the service centre.",
  ),
};
const DEMONSTRATION = text(
  "演示节点：登录名和密码在启动节点的窗口中列出，例如店主 owner。",
  "Demonstration node: sign-in names and the password are listed where the node was started; the shop owner is owner.",
);

/** Signing in and out, the same for people and officials. */
export function signInPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/sign-in",
      audience: "public",
      get: async (request) => {
        if (request.session) return welcome(request);
        return form(site, request, UPSTREAM_PROBLEMS[request.query["upstream"] ?? ""]);
      },
      post: (request) => signIn(site, request),
    }),
    definePage({ path: "/sign-in/code", audience: "public", post: (request) => finish(site, request) }),
    definePage({ path: "/sign-in/passkey", audience: "public", post: (request) => signInByPasskey(site, request) }),
    definePage({ path: "/sign-out", audience: "public", post: (request) => signOut(site, request) }),
  ];
}

async function form(site: Site, request: PageRequest, problem?: Text): Promise<PageResponse> {
  const { language } = request;
  const back = fieldOf(request.fields, "back") || request.query["back"] || "";
  const passkey = await request.front(identity, { purpose: "own-affairs", key: null }).passkeyToSignIn({});
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors: problem !== undefined,
    main: html`<div class="govuk-grid-row"><div class="govuk-grid-column-two-thirds">${
      problem
        ? errorSummary({
            title: text("有问题需要处理", "There is a problem")[language],
            errorList: [{ text: problem[language], href: "#signInName" }],
          })
        : NOTHING
    }<h1 class="govuk-heading-l">${TITLE[language]}</h1><form action="/sign-in" method="post" novalidate>${formFields(request)}<input type="hidden" name="back" value="${back}">${input(
      {
        language,
        id: "signInName",
        name: "signInName",
        label: { text: NAME[language] },
        value: fieldOf(request.fields, "signInName"),
        autocomplete: "username",
        classes: "govuk-input--width-20",
        spellcheck: false,
      },
    )}${passwordInput({
      language,
      id: "password",
      name: "password",
      label: { text: PASSWORD[language] },
      autocomplete: "current-password",
      classes: "govuk-input--width-20",
    })}${button({ text: TITLE[language], preventDoubleClick: true })}</form>${
      isRefusal(passkey)
        ? NOTHING
        : passkeyForm(request, {
            kind: "get",
            options: passkey.options,
            action: "/sign-in/passkey",
            button: BY_PASSKEY,
            fields: html`<input type="hidden" name="back" value="${back}">`,
            secondary: true,
          })
    }${through(site, request, back)}${site.demonstration ? insetText({ text: DEMONSTRATION[language] }) : NOTHING}</div></div>`,
  });
}

function through({ upstream }: Site, { language }: PageRequest, back: string): Html {
  if (!upstream) return NOTHING;
  return button({
    text: fill(THROUGH, { platform: upstream[language] })[language],
    href: `/sign-in/upstream?back=${encodeURIComponent(back)}`,
    classes: "govuk-button--secondary",
  });
}

async function signInByPasskey(site: Site, request: PageRequest): Promise<PageResponse> {
  const doors = request.front(identity, { purpose: "own-affairs", key: null });
  const outcome = await doors.signInByPasskey({
    response: fieldOf(request.fields, "response"),
    address: request.address,
    agent: request.agent,
  });
  if (isRefusal(outcome) || outcome.outcome === "failed") return form(site, request, PASSKEY_FAILED);
  if (outcome.outcome === "wait") {
    return form(site, request, fill(SIGN_IN_WAIT, { minutes: Math.ceil(outcome.seconds / 60) }));
  }
  return entered(request, outcome);
}

/** On to where the person wanted to go. */
function entered(
  request: PageRequest,
  { token, holderKind }: { readonly token: string; readonly holderKind: "person" | "official" },
): PageResponse {
  const back = fieldOf(request.fields, "back");
  const home = holderKind === "official" ? "/workbench" : "/my";
  return {
    kind: "redirect",
    to: back === "" || back === "/" ? home : back,
    cookies: [{ name: "session", value: token }],
  };
}

async function signIn(site: Site, request: PageRequest): Promise<PageResponse> {
  // Each attempt is a new act, and its answer is kept nowhere.
  const doors = request.front(identity, { purpose: "own-affairs", key: null });
  const outcome = await doors.signIn({
    signInName: fieldOf(request.fields, "signInName"),
    password: fieldOf(request.fields, "password"),
    address: request.address,
    agent: request.agent,
  });
  if (isRefusal(outcome)) return form(site, request, SIGN_IN_FAILED);
  if (outcome.outcome === "wait") {
    return form(site, request, fill(SIGN_IN_WAIT, { minutes: Math.ceil(outcome.seconds / 60) }));
  }
  if (outcome.outcome === "failed") return form(site, request, SIGN_IN_FAILED);
  if (outcome.outcome === "password-over") return form(site, request, PASSWORD_OVER);
  return outcome.outcome === "needs-code"
    ? codeScreen(site, request, { ticket: outcome.ticket })
    : entered(request, outcome);
}

/** The second step of whoever wants a code at each sign-in; nobody is signed in yet. */
async function codeScreen(
  site: Site,
  request: PageRequest,
  { ticket, problem }: { readonly ticket: string; readonly problem?: Text },
): Promise<PageResponse> {
  const { language } = request;
  const name = fieldOf(request.fields, "signInName");
  const about = { name, signInName: name.trim().toLowerCase() };
  return portalResponse(site, request, {
    title: CODE_TITLE[language],
    hasErrors: problem !== undefined,
    main: html`<div class="zt-prose">${problemSummary(language, problem ? [{ text: problem, href: "#code" }] : [])}<h1>${CODE_TITLE[language]}</h1><p>${CODE_WHY[language]}</p><form action="/sign-in/code" method="post" novalidate>${formFields(request)}<input type="hidden" name="ticket" value="${ticket}"><input type="hidden" name="signInName" value="${name}"><input type="hidden" name="back" value="${fieldOf(request.fields, "back")}">${await codeField(site, request, { about, problem })}${button({ text: TITLE[language], preventDoubleClick: true })}</form>${lostPhone(language)}</div>`,
  });
}

async function finish(site: Site, request: PageRequest): Promise<PageResponse> {
  const ticket = fieldOf(request.fields, "ticket").slice(0, TICKET_CHARACTERS_MAX);
  const code = givenCode(request);
  if (code === "") return codeScreen(site, request, { ticket, problem: CODE_MISSING });
  const doors = request.front(identity, { purpose: "own-affairs", key: null });
  const outcome = await doors.finishSignIn({ ticket, code });
  if (isRefusal(outcome) || outcome.outcome === "over") return form(site, request, TOOK_TOO_LONG);
  return outcome.outcome === "signed-in"
    ? entered(request, outcome)
    : codeScreen(site, request, { ticket, problem: codeProblem(outcome) });
}

function welcome(request: PageRequest): PageResponse {
  return { kind: "redirect", to: request.session?.principal.kind === "official" ? "/workbench" : "/my" };
}

async function signOut(site: Site, request: PageRequest): Promise<PageResponse> {
  const { session } = request;
  if (session) {
    await request.front(identity, { purpose: "own-affairs", asNode: identity.id }).signOut({ session: session.id });
    // Each system is called for 2.5 seconds at most; whoever signs out waits for none of them.
    for (const tell of site.afterSignOut) void tell(session.id).catch(() => undefined);
  }
  return { kind: "redirect", to: "/", cookies: [{ name: "session", value: "" }] };
}
