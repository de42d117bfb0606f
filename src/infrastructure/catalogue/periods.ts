import type { PeriodUnit } from "#lib/calendar/statutory-period";
import { type Text, text } from "#lib/language/text";

/** A clock that a step starts. Days of negotiation, coordination and the government's decision are this house's own: see LAW.md. */
export interface ClockTerms {
  readonly title: Text;
  readonly unit: PeriodUnit;
  readonly amount: number;
  readonly article: string;
}

/** 国令第809号, whose text could not be read here article by article: no number is given. */
const REGULATION = "政务数据共享条例";
/** Of periods that no law was found to set. */
export const OWN = "本平台内部期限";
const workingDays = (title: Text, amount: number, article: string): ClockTerms =>
  Object.freeze({ title, unit: "working-day", amount, article });

/** Working days by which an answer may be put off, with the consent of the authority in charge of sharing. */
export const EXTENSION_DAYS_MAX = 10;
export const CLOCKS = {
  "answer-unconditional": workingDays(text("答复（无条件共享）", "Answer (unconditional)"), 1, REGULATION),
  "answer-conditional": workingDays(text("答复（有条件共享）", "Answer (conditional)"), 10, REGULATION),
  flow: workingDays(text("提供数据", "Data flow"), 20, REGULATION),
  check: workingDays(text("校核答复", "Answer to a correction"), 10, REGULATION),
  "end-negotiation": workingDays(text("终止前协商", "Negotiation before an end"), 10, OWN),
  negotiation: workingDays(text("争议协商", "Negotiation"), 10, OWN),
  coordination: workingDays(text("主管部门协调", "Coordination"), 20, OWN),
  government: workingDays(text("本级人民政府决定", "The government's decision"), 20, OWN),
} as const satisfies Record<string, ClockTerms>;

export type ClockName = keyof typeof CLOCKS;
