import type { Procedure } from "#kernel/procedures/types";
import type { CaseFile } from "#kernel/services/case-views";
import { type Html, html } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { formatInstant } from "#ui/format";
import { recordTable } from "./table.ts";

const TITLE = text("岗位分离", "Separation of duties");
const HEAD = [
  text("环节", "Step"),
  text("办理人", "Done by"),
  text("时间", "When"),
  text("不得办理过", "Must not have done"),
  text("结论", "Finding"),
];
const KEPT = text("符合", "Kept");
const BROKEN = text("不符合：此人还办理过{steps}", "Broken: the same person also did {steps}");
const NO_RULE = text("无要求", "no rule");
const NOTHING_DONE = text("还没有人办理过。", "Nobody has done a step yet.");
const TWO_PEOPLE = text(
  "现场核查应当由两名以上人员进行（行政许可法第三十四条）；决定人不得办理过审查和核查（内部控制）。",
  "A site check takes at least two people (Licensing Law, art. 34); whoever decides must not have examined or inspected (our own control).",
);

/** Who did which step of a case, held against what the procedure says about doing more than one. */
export function separationReport(
  page: CaseFile,
  definition: Procedure,
  names: ReadonlyMap<string, string>,
  language: Language,
): Html {
  const done = page.view.closedTasks.filter(({ closedBy }) => closedBy !== undefined);
  if (done.length === 0) return html`<p>${NOTHING_DONE[language]}</p>`;
  const titleOf = (element: string) => definition.elements.get(element)?.title[language] ?? element;
  const list = (elements: readonly string[]) => elements.map(titleOf).join(language === "zh" ? "、" : ", ");
  const rows = done.map((task) => {
    const excluded = definition.elements.get(task.element)?.performer?.notBy ?? [];
    const own = done.filter(({ closedBy, element }) => closedBy === task.closedBy && excluded.includes(element));
    const broken = [...new Set(own.map(({ element }) => element))];
    const finding =
      excluded.length === 0
        ? NO_RULE[language]
        : broken.length === 0
          ? KEPT[language]
          : html`<strong>${fill(BROKEN, { steps: list(broken) })[language]}</strong>`;
    return [
      task.title[language],
      names.get(task.closedBy ?? "") ?? "",
      formatInstant(Temporal.Instant.from(task.closedAt), language),
      list(excluded),
      finding,
    ];
  });
  const head = HEAD.map((name) => name[language]);
  return html`<p>${TWO_PEOPLE[language]}</p>${recordTable({ caption: TITLE[language], head, rows })}`;
}
