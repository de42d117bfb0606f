import { HOW, type security } from "#infrastructure/security";
import type { Output } from "#kernel/contract/contract";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { details } from "#ui/components/details/details";
import { warningText } from "#ui/components/warning-text/warning-text";
import { formatInstant } from "#ui/format";
import { recordTable } from "../table.ts";
import { policyList, policyWordsOf } from "./policy-words.ts";

export type ChangeView = Output<(typeof security)["operations"]["findChange"]["output"]>;
export type EffectView = Output<(typeof security)["operations"]["effectOf"]["output"]>;

export const STATES: Readonly<Record<ChangeView["state"], Text>> = {
  proposed: text("待审批", "Waits for approval"),
  rejected: text("已驳回", "Rejected"),
  withdrawn: text("已撤回", "Withdrawn"),
  approved: text("已批准，未到生效时间", "Approved, not yet in force"),
  "in-force": text("执行中", "In force"),
  ended: text("已终止", "Ended"),
};
export const LEVELS: Readonly<Record<ChangeView["level"], Text>> = {
  authority: text("本机关岗位", "Posts of this authority"),
  superior: text("全部下级机关岗位（只能禁止）", "Posts of all authorities below (forbids alone)"),
};
const END = text("终止第 {number} 号变更", "Ends change {number}");
const RULE = text("岗位分离：{words}", "Duties apart: {words}");
const EFFECT = text("会改变什么", "What would change");
const FROM = text("自 {at} 起", "From {at}");
const NO_EFFECT = text("不改变任何岗位能办理的操作。", "It changes nothing that any post may do.");
const MORE = text("另有 {count} 项未列出。", "And {count} more.");
const POST_CHANGES = text("{post}：{counts}", "{post}: {counts}");
const COUNT = text("{how} {count} 项", "{how} {count}");
const SHORT: Readonly<Record<EffectView["lines"][number]["how"], Text>> = {
  gained: text("新增", "gained"),
  lost: text("取消", "lost"),
  narrower: text("收窄", "narrower"),
  wider: text("放宽", "wider"),
  otherwise: text("条件改变", "otherwise"),
};
const HEAD = [text("操作", "Action"), text("变化", "Change"), text("策略", "Policies")];
const CONFLICT = text(
  "违反岗位分离：{words}（{post}：{one} 与 {other}）",
  "Breaks the separation of duties: {words} ({post}: {one} and {other})",
);
const PREVIEWED = text("本策略", "This policy");
/** How a policy is called that has no number yet. */
const NOT_NUMBERED = /^(?:authority|superior)\.1000000000$/;

/** What a change brings, in one line. */
export function contentWords({ content, ends }: ChangeView, language: Language): string {
  switch (content.kind) {
    case "policy":
      return content.words[language];
    case "separation":
      return fill(RULE, { words: content.words[language] })[language];
    case "end":
      return fill(END, { number: ends ?? 0 })[language];
  }
}

/** What would change, for all posts × actions, and which rules it would break. */
export async function effectSection(site: Site, request: PageRequest, effect: EffectView): Promise<Html> {
  const { language } = request;
  const ids = effect.lines.flatMap(({ policies }) => policies);
  const words = new Map(
    await policyWordsOf(
      site,
      request,
      ids.filter((id) => !NOT_NUMBERED.test(id)),
    ),
  );
  for (const id of ids) if (NOT_NUMBERED.test(id)) words.set(id, html`${PREVIEWED[language]}`);
  const posts = [...Map.groupBy(effect.lines, ({ post }) => post).values()].map((lines) =>
    postChanges(lines, words, language),
  );
  const more = effect.more > 0 ? html`<p>${fill(MORE, { count: effect.more })[language]}</p>` : NOTHING;
  const at = formatInstant(Temporal.Instant.from(effect.from), language, { year: true });
  return html`<section class="zt-sheet"><h2>${EFFECT[language]}</h2><p>${fill(FROM, { at })[language]}</p>${effect.problems.map(
    (problem) => warningText({ language, text: problem[language] }),
  )}${effect.conflicts.map((conflict) => warningText({ language, text: conflictWords(conflict, language) }))}${
    posts.length === 0 ? html`<p>${NO_EFFECT[language]}</p>` : posts
  }${more}</section>`;
}

/** One post's changes, folded: a rule for many actions changes hundreds of lines. */
function postChanges(lines: EffectView["lines"], words: ReadonlyMap<string, Html>, language: Language): Html {
  const [first] = lines;
  if (first === undefined) return NOTHING;
  const counts = [...Map.groupBy(lines, ({ how }) => how)].map(
    ([how, some]) => fill(COUNT, { how: SHORT[how][language], count: some.length })[language],
  );
  const post = `${first.authorityName[language]} · ${first.postTitle[language]}`;
  const rows = lines.map((line) => [
    html`${line.actionTitle[language]} <code>${line.action}</code>`,
    HOW[line.how][language],
    policyList(line.policies, words),
  ]);
  const said = counts.join(language === "zh" ? "，" : ", ");
  return details({
    summary: fill(POST_CHANGES, { post, counts: said })[language],
    text: recordTable({ caption: post, head: HEAD.map((one) => one[language]), rows }),
  });
}

function conflictWords(conflict: EffectView["conflicts"][number], language: Language): string {
  const { words, authorityName, postTitle, one, other } = conflict;
  const post = `${authorityName[language]} · ${postTitle[language]}`;
  return fill(CONFLICT, { words: words[language], post, one, other })[language];
}
