/** What interested parties of a case are sent (利害关系人, 行政许可法 §36, §47, §48). */
import { Fault } from "#kernel/errors/fault";
import type { NoticeFacts } from "#kernel/services/notices";
import {
  accepted,
  type Frame,
  HEARING_REQUEST_WORKING_DAYS,
  itemBasis,
  law,
  ONLINE,
  recordOf,
  whatWasHeard,
  workingDaysAfter,
} from "./case-facts.ts";
import type { NoticeData } from "./notice-kinds.ts";
import { linesOf, textOf } from "./notice-words.ts";

function partyOf(facts: NoticeFacts): NonNullable<NoticeFacts["party"]> {
  const { party } = facts;
  if (!party)
    throw new Fault("ERR_NOTICE_FACTS", { message: `${facts.kind} of ${facts.caseNumber} is to no interested party` });
  return party;
}

/** The same page, addressed to an interested party. */
export function toParty(facts: NoticeFacts, common: Frame): Frame {
  return { ...common, applicant: { name: partyOf(facts).name, code: "" } };
}

/** 利害关系人权利告知书: what it is about, how it touches them, what they may do (§36, §47). */
export function partyRights(
  facts: NoticeFacts,
  given: { common: Frame; premises: string },
): NoticeData<"party-rights"> {
  const { interest, online } = partyOf(facts);
  return {
    ...toParty(facts, given.common),
    caseApplicant: facts.applicant.name,
    premises: given.premises,
    acceptedOn: accepted(facts).on,
    interest: linesOf(interest),
    requestBy: online ? workingDaysAfter(facts.issuedOn, HEARING_REQUEST_WORKING_DAYS) : "",
    channel: `${online ? `${ONLINE}“我的消息”，或者` : ""}本机关办事窗口、信函`,
    basis: [law("第三十六条"), law("第四十七条")],
  };
}

/** What was decided, for an interested party, with the remedies that are theirs as well. */
export function partyDecision(
  facts: NoticeFacts,
  given: { common: Frame; premises: string; remedies: NoticeData<"refusal">["remedies"] },
): NoticeData<"party-decision"> {
  const { variables } = facts;
  const { outcome, reasons } = recordOf(facts, "decision");
  const decided = outcome === undefined ? "silence" : textOf(outcome);
  return {
    ...toParty(facts, given.common),
    caseApplicant: facts.applicant.name,
    premises: given.premises,
    outcome: DECIDED[decided] ?? decided,
    licenceNumber: decided === "refuse" ? "" : textOf(variables["licenceNumber"]),
    reasons: linesOf(reasons),
    statement: whatWasHeard(facts),
    basis: [law("第三十六条"), law("第三十八条"), ...itemBasis(facts)],
    remedies: given.remedies,
  };
}

const DECIDED: Readonly<Record<string, string>> = {
  grant: "准予行政许可",
  partial: "部分准予行政许可",
  refuse: "不予行政许可",
  silence: "许可有效期届满前未作决定，依法视为准予延续",
};
