import { type Text, text } from "#lib/language/text";
import type { AssuranceNeed } from "./assurance.ts";
import { type DoorRefusal, type InputIssue, Refusal } from "./refusal.ts";

/** What each door refusal says. */
export const DOOR_REFUSALS: Readonly<Record<DoorRefusal, Text>> = Object.freeze({
  denied: text(
    "您没有办理此事的权限。已记录本次请求，未作任何更改。如认为有误，请联系本单位管理员。",
    "You may not do this. The attempt is recorded and nothing was changed. If you think this is wrong, ask your authority's administrator.",
  ),
  unavailable: text(
    "所需的系统暂时无法访问。未作任何更改，请稍后再试。",
    "A system that this needs cannot be reached at the moment. Nothing was changed; please try again later.",
  ),
  "invalid-input": text(
    "填写的内容有误。您已填写的内容已保留，请按提示更正后重新提交。",
    "Some of what was entered is not right. What you entered is kept; please correct the marked places and send it again.",
  ),
  "purpose-missing": text(
    "未说明查询目的和法律依据，不能提供。请从办件或职责页面重新进入。",
    "No purpose and legal basis was given, so nothing can be provided. Please start again from a case or a duty.",
  ),
  "quota-spent": text(
    "共享授权的用量已用完，或授权已暂停、终止。已记录本次请求，未提供数据。当日用量次日恢复；总用量用完的，请重新申请。",
    "The grant by which this is asked is used up, suspended or ended. The attempt is recorded and nothing was given. A day's uses come back the next day; for more in all, ask for a new grant.",
  ),
  "assurance-needed": text(
    "办理此事需要先验证身份（验证码或通行密钥）。未作任何更改，请验证后重新提交。",
    "This needs proof of who you are first (a code or a passkey). Nothing was changed; prove it and send the same again.",
  ),
  "repeated-differently": text(
    "此提交编号已用于另一次内容不同的提交。先前的提交有效；请返回核对后重新填写。",
    "This submission number was already used for a submission with other content. The earlier one stands; please go back, check it and start anew.",
  ),
});

/** Builds one of the refusals that any door may give. */
export function doorRefusal(room: string, code: DoorRefusal, issues: readonly InputIssue[] = []): Refusal<DoorRefusal> {
  return new Refusal({ room, code, text: DOOR_REFUSALS[code], issues });
}

/** Says what has to be proved first. Nothing was denied and nothing is on the record: the proof will be, and then the act. */
export function assuranceNeeded(room: string, needs: AssuranceNeed): Refusal<"assurance-needed"> {
  return new Refusal({ room, code: "assurance-needed", text: DOOR_REFUSALS["assurance-needed"], needs });
}

/** What a command of a person or a page is told that was sent to another node and not answered: it may have been done. */
const UNANSWERED = text(
  "对方系统未在规定时间内答复：可能已经办理，也可能没有。您填写的内容已保留；请稍后原样重新提交，不会重复办理。",
  "The other system did not answer in time: this may have been done, or not. What you entered is kept; send the same again later, and it is done once.",
);

/** `unavailable` where nobody here knows whether it was done. */
export function unansweredRefusal(room: string): Refusal<"unavailable"> {
  return new Refusal({ room, code: "unavailable", text: UNANSWERED });
}
