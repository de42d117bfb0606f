import type { PageRequest } from "#kernel/http/page";
import { fieldOf } from "#kernel/http/page";
import type { CodeHolder, Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { details } from "#ui/components/details/details";
import { input } from "#ui/components/input/input";
import { insetText } from "#ui/components/inset-text/inset-text";

const CODE = text("验证码", "Code");
const CODE_HINT = text("打开验证码应用，输入当前的六位数字", "The six digits that your code generator shows now");
const LOST = text("手机不在身边？", "You do not have your phone?");
const LOST_HOW = text(
  "可以在上面填写一个恢复码（十六位字母和数字，每个只能用一次）。恢复码也没有的，请带身份证件到政务服务窗口办理。",
  "Enter a recovery code above instead (sixteen letters and digits; each counts once). Without one, bring your identity document to a service counter.",
);
const WRONG = text("验证码不正确，请输入当前显示的数字", "The code is not right; enter the one that is shown now");
const USED = text("这个验证码已用过，请等下一个", "This code was used already; wait for the next one");
const WAIT = text(
  "尝试次数过多，请 {minutes} 分钟后再试",
  "There were too many attempts; try again in {minutes} minutes",
);
export const CODE_MISSING = text("请输入验证码", "Enter the code");
const DEMONSTRATION_CODE = text(
  "仅供演示：{name} 的验证码现在是 {code}。真实的节点上，它只显示在本人的手机里。",
  "For the demonstration only: the code of {name} is {code} now. On a real node it is shown on the person's own phone alone.",
);
const DEMONSTRATION_WAIT = text(
  "仅供演示：{name} 的下一个验证码在 {seconds} 秒后出现，届时请刷新本页。",
  "For the demonstration only: the next code of {name} appears in {seconds} seconds; reload this page then.",
);
const CODE_CHARACTERS_MAX = 40;

/** The code that was typed in; empty where none was. */
export function givenCode(request: PageRequest): string {
  return fieldOf(request.fields, "code").trim().slice(0, CODE_CHARACTERS_MAX);
}

/** Why a code did not count. */
export function codeProblem(
  tried: { readonly outcome: "wrong" | "used" } | { readonly outcome: "wait"; readonly seconds: number },
): Text {
  if (tried.outcome === "wait") return fill(WAIT, { minutes: Math.ceil(tried.seconds / 60) });
  return tried.outcome === "used" ? USED : WRONG;
}

/** The field for a code; in a demonstration, with what the phone of its holder would show. */
export async function codeField(
  site: Site,
  { language }: PageRequest,
  field: { readonly about: CodeHolder; readonly problem: Text | undefined },
): Promise<Html> {
  return html`${input({
    language,
    id: "code",
    name: "code",
    label: { text: CODE[language] },
    hint: CODE_HINT[language],
    errorMessage: field.problem?.[language],
    autocomplete: "one-time-code",
    classes: "govuk-input--width-10",
    spellcheck: false,
  })}${await demonstrationHelp(site, language, field.about)}`;
}

/** What to do without the phone. */
export function lostPhone(language: Language): Html {
  return details({ summary: LOST[language], text: LOST_HOW[language] });
}

/** What a demonstration says, and no other node: the code that the person's phone would show. */
async function demonstrationHelp(site: Site, language: Language, about: CodeHolder): Promise<Html> {
  const shown = await site.demonstrationCode?.(about);
  if (!shown) return NOTHING;
  const { name } = about;
  const words =
    shown.code === undefined
      ? fill(DEMONSTRATION_WAIT, { name, seconds: shown.inSeconds })
      : fill(DEMONSTRATION_CODE, { name, code: shown.code });
  return insetText({ text: words[language] });
}
