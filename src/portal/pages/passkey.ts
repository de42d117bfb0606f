import { CHANGE_FACTORS } from "#infrastructure/identity";
import { isAssured } from "#kernel/contract/assurance";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { Session } from "#kernel/ports";
import { html } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { input } from "#ui/components/input/input";
import { insetText } from "#ui/components/inset-text/inset-text";
import { accountDoors, recoveryCodeList, securityCrumbs, withSession } from "../account.ts";
import { portalResponse } from "../frame.ts";
import { passkeyForm } from "../passkey-form.ts";
import { problemSummary, refused } from "../problem.ts";

const TITLE = text("添加通行密钥", "Add a passkey");
const LEAD = text(
  "给它起一个认得出的名称，再按提示用指纹、面容或开机密码确认。",
  "Give it a name that you recognize, then confirm with fingerprint, face or PIN as your device asks.",
);
const NEEDS = text(
  "如果下面没有出现“添加”按钮，说明这个浏览器不支持通行密钥，或者打开的不是本站的域名。可以改用验证码应用。",
  "If no button to add one appears below, this browser does not know passkeys, or the site was not opened under its own name. Use a code generator instead.",
);
const NAME = text("名称", "Name");
const NAME_HINT = text("例如“我的手机”", "For example “my phone”");
const ADD = text("添加", "Add it");
const FAILED = text(
  "通行密钥没有添加成功，未作任何更改。请重试。",
  "The passkey could not be added, and nothing was changed. Please try again.",
);
const DONE = text("通行密钥已添加", "The passkey is added");
const NAME_CHARACTERS_MAX = 60;

/** Adding a passkey: the one page of the house that needs a script, since a browser gives passkeys to scripts alone. */
export function passkeyPage(site: Site): Page {
  return definePage({
    path: "/account/passkeys/new",
    audience: "public",
    get: (request) => withSession(request, (session) => show(site, request, session)),
    post: (request) => withSession(request, (session) => add(site, request, session)),
  });
}

async function show(site: Site, request: PageRequest, session: Session, problem?: Text): Promise<PageResponse> {
  const { language } = request;
  const doors = accountDoors(request);
  const factors = await doors.myFactors({ session: session.id });
  if (isRefusal(factors)) return refused(site, request, factors);
  const held = factors.generator !== undefined || factors.recoveryCodesLeft > 0 || factors.passkeys.length > 0;
  if (held && !isAssured(session.principal, CHANGE_FACTORS, request.now))
    return { kind: "step-up", needs: CHANGE_FACTORS };
  const asked = await doors.passkeyToAdd({ session: session.id });
  if (isRefusal(asked)) return refused(site, request, asked);
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors: problem !== undefined,
    breadcrumbs: securityCrumbs(request, TITLE),
    main: html`<div class="zt-prose">${problemSummary(language, problem ? [{ text: problem }] : [])}<h1>${TITLE[language]}</h1><p>${LEAD[language]}</p>${insetText(
      { text: NEEDS[language] },
    )}${passkeyForm(request, {
      kind: "create",
      options: asked.options,
      action: "/account/passkeys/new",
      button: ADD,
      fields: input({
        language,
        id: "name",
        name: "name",
        label: { text: NAME[language] },
        hint: NAME_HINT[language],
        value: request.agent,
        classes: "govuk-input--width-20",
      }),
    })}</div>`,
  });
}

async function add(site: Site, request: PageRequest, session: Session): Promise<PageResponse> {
  const { language } = request;
  const given = fieldOf(request.fields, "name").trim().slice(0, NAME_CHARACTERS_MAX);
  const name = given || request.agent || TITLE[language];
  const response = fieldOf(request.fields, "response");
  const added = await accountDoors(request).addPasskey({ session: session.id, name, response });
  if (isRefusal(added)) {
    return added.code === "prove-first"
      ? { kind: "step-up", needs: CHANGE_FACTORS }
      : refused(site, request, added, "/account/security");
  }
  if (added.outcome === "failed") return show(site, request, session, FAILED);
  const cookies = [{ name: "session", value: added.token }] as const;
  if (added.recoveryCodes.length === 0) return { kind: "redirect", to: "/account/security", cookies };
  const drawn = portalResponse(site, request, {
    title: DONE[language],
    breadcrumbs: securityCrumbs(request, TITLE),
    main: html`<div class="zt-prose"><h1>${DONE[language]}</h1>${recoveryCodeList(language, added.recoveryCodes)}</div>`,
  });
  return drawn.kind === "page" ? { ...drawn, cookies } : drawn;
}
