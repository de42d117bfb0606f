/** What the builders of notices read of a case. Days are Asia/Shanghai. */
import type { Citation } from "#kernel/contract/citation";
import { Fault } from "#kernel/errors/fault";
import type { NoticeFacts } from "#kernel/services/notices";
import { lastDay } from "#lib/calendar/statutory-period";
import "../faults.ts";
import type { NoticeData } from "./notice-kinds.ts";
import { type Lines, linesOf, textOf, wholeLawName } from "./notice-words.ts";

/** What every notice of a case begins with. */
export type Frame = Pick<
  NoticeData<"receipt">,
  "authority" | "number" | "caseNumber" | "item" | "applicant" | "date" | "verification" | "demonstration"
>;

/** What the portal is called in a notice. */
export const ONLINE = "政务服务网";

/** 行政许可法 §32: to answer, or to ask once for what is missing. */
export const ANSWER = { unit: "working-day", amount: 5, article: "行政许可法 §32" } as const;

/** 行政许可法 §47: to ask for a hearing. */
export const HEARING_REQUEST_WORKING_DAYS = 5;

/** The day from which the law counts: that of the application, or of the supplement that completed it (§32). */
export function receivedOn(facts: NoticeFacts): string {
  return facts.recordedOn["supplemented"] ?? facts.submittedOn;
}

/** The clock of the decision; a case that was never accepted has none. */
export function decisionClock(facts: NoticeFacts): NoticeFacts["clocks"][number] {
  const clock = facts.clocks.find(({ id }) => id === "decision");
  if (!clock) throw new Fault("ERR_NOTICE_FACTS", { message: `${facts.caseNumber} has no decision clock` });
  return clock;
}

/** When the case was accepted; `deemed` where nobody answered in time, so that it counts from the day of receipt (§32). */
export function accepted(facts: NoticeFacts): {
  readonly deemed: boolean;
  readonly on: string;
  readonly dueOn: string;
} {
  const clock = decisionClock(facts);
  const { outcome } = facts.records["acceptance"] ?? {};
  if (outcome === "accept") return { deemed: false, on: clock.startedOn, dueOn: clock.dueOn };
  const on = receivedOn(facts);
  return { deemed: true, on, dueOn: workingDaysAfter(on, clock.amount) };
}

/** What was filled in at a step; empty where nothing was. */
export function recordOf(facts: NoticeFacts, element: string): Readonly<Record<string, unknown>> {
  return facts.records[element] ?? {};
}

/** The lines of what was filled in; a notice without them would say nothing, so their absence is a defect. */
export function needed(facts: NoticeFacts, element: string, name: string): Lines {
  const lines = linesOf(recordOf(facts, element)[name]);
  if (lines.length === 0) throw new Fault("ERR_NOTICE_FACTS", { message: `${facts.kind}: ${element}.${name}` });
  return lines;
}

/** The record of a hearing, and what the decision made of what applicant and interested parties stated (§36, §48). */
export function whatWasHeard(facts: NoticeFacts): string {
  return [hearingRecord(facts), textOf(recordOf(facts, "decision")["answers"])].filter((part) => part !== "").join("");
}

function hearingRecord(facts: NoticeFacts): string {
  const hearing = facts.records["hearing"];
  if (!hearing) return "";
  const on = textOf(hearing["heldOn"]);
  return hearing["outcome"] === "held"
    ? `本机关${on ? `于${chineseDay(on)}` : ""}举行听证，听证笔录载明：${textOf(hearing["record"])}本决定根据听证笔录作出。`
    : "本机关依申请组织听证，要求听证的人未到场。";
}

/** The item's own law; the licensing law is cited by article where a notice rests on it. */
export function itemBasis(facts: NoticeFacts, options: { readonly withLaw?: boolean } = {}): string[] {
  return facts.item.legalBasis
    .filter((citation) => options.withLaw === true || citation.law.zh !== "行政许可法")
    .map((citation: Citation) => `《${wholeLawName(citation.law.zh)}》${citation.article}`);
}

/** An article of the licensing law, ready to print. */
export function law(article: string): string {
  return `《中华人民共和国行政许可法》${article}`;
}

export function workingDaysAfter(day: string, amount: number): string {
  return lastDay(Temporal.PlainDate.from(day), { ...ANSWER, amount }).day.toString();
}

export function chineseDay(day: string): string {
  const { year, month, day: date } = Temporal.PlainDate.from(day);
  return `${year}年${month}月${date}日`;
}
