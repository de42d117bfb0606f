import { fill, type Text, text } from "#lib/language/text";
import { type InputIssue, Refusal } from "../contract/refusal.ts";

/** What can be refused around an application, for every item alike. */
export const SERVICE_REFUSALS = Object.freeze({
  "service-unknown": text(
    "没有这个事项。请从“办事”页面重新查找。",
    "There is no such service. Please look for it again under Services.",
  ),
  "not-an-applicant": text(
    "此事项由{who}申请。请先选择代表谁办理。",
    "This is applied for by {who}. Please choose first on whose behalf you act.",
  ),
  "not-representative": text(
    "登记信息中您不是该单位的法定代表人、经营者或被授权人，不能代其办理。请由其授权后再办。",
    "According to the register you neither represent nor are authorised by this organization. Ask it for an authorization first.",
  ),
  "not-for-others": text(
    "此事项须由本人办理，或者您现在不能以该人的名义办理。请由本人申请，或先选择代表谁办理。",
    "This has to be applied for in person, or you cannot act for this person now. Let them apply themselves, or choose first on whose behalf you act.",
  ),
  "draft-unknown": text(
    "没有找到这份草稿。它可能已经提交，请到“我的办件”查看。",
    "This draft was not found. It may have been submitted already; look under My cases.",
  ),
  "case-open": text(
    "您已有一件办件（{number}）正在办理{what}，不能再次申请。请等它办结，或者在“我的办件”中撤回它后再申请。草稿已保留。",
    "Your case {number} about {what} is still open, so this cannot be applied for now. Wait until it is closed, or withdraw it under My cases first. Your draft is kept.",
  ),
  "form-wrong": text(
    "有内容需要更正。您已填写的内容已保留。",
    "Some of it needs correcting. What you entered is kept.",
  ),
  "content-changed": text(
    "您看过之后，申请的内容或登记信息有变化，没有签名也没有提交。下面是现在的内容，请再看一遍。",
    "What is to be signed has changed since you looked at it, so nothing was signed or handed in. This is what it says now; please look again.",
  ),
  "material-missing": text(
    "还缺少材料：{titles}。已填写的内容已保留。",
    "Still missing: {titles}. What you entered is kept.",
  ),
  "material-type": text(
    "“{file}”不是所要求的格式（{types}），未被接收。请换一份文件。",
    "“{file}” is not of a type that can be taken ({types}) and was not kept. Please choose another file.",
  ),
  "material-empty": text("“{file}”是空文件，未被接收。", "“{file}” is empty and was not kept."),
  "material-too-big": text(
    "“{file}”超过 {limit}，未被接收。请压缩后重试。",
    "“{file}” is larger than {limit} and was not kept. Make it smaller and try again.",
  ),
  "material-infected": text(
    "“{file}”未通过安全检查，未被接收。请检查您的设备后换一份文件。",
    "“{file}” did not pass the safety check and was not kept. Check your device and choose another file.",
  ),
  "material-marked": text(
    "“{file}”的名称或者内容标有国家秘密，未被接收。此类材料不得提交到本系统。",
    "The name or the content of “{file}” is marked as a state secret, and it was not kept. Such documents have no place in this system.",
  ),
  "material-unknown": text("没有这项材料。", "There is no such document."),
  "too-many-materials": text("材料数量已达上限。", "There are too many documents."),
  "not-needed": text("您不需要办理此许可：{reason}{next}", "You do not need this licence: {reason} {next}"),
  barred: text("依法在 {until} 之前不能再次申请：{reason}", "By law you cannot apply again before {until}: {reason}"),
  "facts-unavailable": text(
    "暂时无法取得登记信息：{reason}。草稿已保留，请稍后再试。",
    "Register information cannot be had at the moment: {reason}. Your draft is kept; please try again later.",
  ),
  "case-unknown": text("没有找到这个办件。请核对编号。", "No such case was found. Please check the number."),
  "case-closed": text("此办件已办结，不能再作更改。", "This case is closed; nothing can be changed any more."),
  "archive-not-made": text(
    "此办件的档案包还没有生成：办结且全部文书送达后才会生成。请稍后再试。",
    "The archive package of this case is not made yet: it is made when the case is closed and every notice delivered. Try again later.",
  ),
  "task-gone": text(
    "此环节已由他人办理或已结束。您填写的内容未生效，请刷新查看。",
    "This step was done by someone else or is over. What you entered had no effect; reload to see how it stands.",
  ),
  "task-stale": text(
    "您填写期间，此办件有了变化（例如列明了利害关系人，或者收到了新的意见）。您填写的内容未生效，请查看后再提交。",
    "This case has changed while you wrote, such as by an interested party or a new statement. What you entered had no effect; look at it and send it again.",
  ),
  "party-not-foreseen": text(
    "此办件所依的程序没有利害关系人环节，或已作出决定，不能再列明利害关系人。",
    "The procedure of this case knows no interested parties, or it is decided: none can be named any more.",
  ),
  "party-is-applicant": text(
    "申请人本身不是利害关系人，请核对。",
    "This is the applicant, who is no interested party. Please check.",
  ),
  "party-known": text("此人（单位）已列为利害关系人。", "They are named as an interested party already."),
  "party-noticed": text(
    "已向其发出告知书，或者其已陈述意见，不能再撤下。",
    "They were sent the notice, or have stated their case: they cannot be taken off any more.",
  ),
  "too-many-parties": text(
    "利害关系人最多列明 {count} 个，其余的请推选代表。",
    "At most {count} interested parties can be named; ask the others to choose speakers.",
  ),
  "not-the-party": text(
    "此件的利害关系人是{who}。请先选择以谁的名义办理。",
    "{who} is the interested party here. Please choose first on whose behalf you act.",
  ),
  "not-told": text(
    "告知书还没有送达，不能登记对它的答复。请先登记送达。",
    "The notice has not reached them yet, so there is no answer to it. Record its delivery first.",
  ),
  "answer-late": text(
    "答复的期限已于 {day} 届满，不能再提出听证申请。在作出决定前，仍然可以陈述和申辩。",
    "The period to answer ended on {day}, so a hearing cannot be asked for any more. You can still state your case until it is decided.",
  ),
  "already-sent": text("已经提出过，不能重复提出。", "This was sent before and can be sent once only."),
  "not-made": text("这份文书没有在等待送达。", "This notice is not waiting to be handed over."),
  "task-barred": text(
    "您办理过本办件的其他环节，按岗位分离要求不能再办此环节。请由其他人员办理。",
    "You did another step of this case, and duties are kept apart, so someone else has to do this one.",
  ),
  "task-recused": text("您已申请回避，不能办理此办件。", "You have recused yourself from this case."),
  "outcome-barred": text("{reason}", "{reason}"),
  "not-waiting": text(
    "此办件现在不需要补充或不能撤回。请在办件页面查看进度。",
    "This case is not waiting for that now. Look at its page to see how it stands.",
  ),
} satisfies Record<string, Text>);

export type ServiceRefusalCode = keyof typeof SERVICE_REFUSALS;
/** One of those, or that who acts has to prove it first. */
export type ServiceRefusal = Refusal<ServiceRefusalCode | "assurance-needed">;

/** Says one of the refusals above. Values may be texts, which differ by language. */
export function serviceRefusal(
  room: string,
  code: ServiceRefusalCode,
  values: Readonly<Record<string, string | number | Text>> = {},
  issues: readonly InputIssue[] = [],
): ServiceRefusal {
  const zh: Record<string, string | number> = {};
  const en: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(values)) {
    zh[name] = typeof value === "object" ? value.zh : value;
    en[name] = typeof value === "object" ? value.en : value;
  }
  const template = SERVICE_REFUSALS[code];
  return new Refusal({ room, code, text: text(fill(template, zh).zh, fill(template, en).en), issues });
}
