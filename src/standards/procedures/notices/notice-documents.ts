/** What each notice of a case says, from the facts that the kernel collects. Days are Asia/Shanghai. */
import { fieldMeta } from "#kernel/contract/field";
import { assert, Fault } from "#kernel/errors/fault";
import type { NoticeFacts } from "#kernel/services/notices";
import { civilMinute } from "#lib/calendar/civil-day";
import { elapsed } from "#lib/calendar/statutory-period";
import { licensing } from "../contract.ts";
import "../faults.ts";
import { SPECIAL_PROCEDURES } from "../special-tasks.ts";
import {
  ANSWER,
  accepted,
  chineseDay,
  decisionClock,
  type Frame,
  HEARING_REQUEST_WORKING_DAYS,
  itemBasis,
  law,
  needed,
  ONLINE,
  receivedOn,
  recordOf,
  whatWasHeard,
  workingDaysAfter,
} from "./case-facts.ts";
import { authorityWord, documentNumber } from "./document-number.ts";
import { MAX_ITEMS, type NoticeData } from "./notice-kinds.ts";
import { type Lines, linesOf, termOf, textOf } from "./notice-words.ts";
import { partyDecision, partyRights, toParty } from "./party-notices.ts";

/** The notices that a case sends by itself, each by one of the builders below. */
export type CaseNotice = keyof Builders;

/** What a node says of itself in its notices. */
export interface NoticeSettings {
  /** Where people reach the node: `http://127.0.0.1:8080`. */
  readonly publicUrl: string;
  readonly demonstration: boolean;
  /** The word of an authority in its document numbers (机关代字), where it has its own. */
  readonly authorityWord?: (authority: NoticeFacts["authority"]) => string | undefined;
  /** By which ways a reconsideration is asked for; on-line delivery has to name the on-line one (行政复议法 §22). */
  readonly reconsiderationChannel?: (authority: NoticeFacts["authority"]) => string | undefined;
  /** Working days from a grant to the delivery of the licence (行政许可法 §44: at most ten). */
  readonly deliveryDays?: number;
}

interface Builders {
  receipt(): NoticeData<"receipt">;
  acceptance(): NoticeData<"acceptance">;
  "non-acceptance"(): NoticeData<"non-acceptance">;
  supplement(): NoticeData<"supplement">;
  rectification(): NoticeData<"rectification">;
  "hearing-right"(): NoticeData<"hearing-right">;
  hearing(): NoticeData<"hearing">;
  "party-rights"(): NoticeData<"party-rights">;
  "party-hearing"(): NoticeData<"hearing">;
  "party-decision"(): NoticeData<"party-decision">;
  exclusion(): NoticeData<"exclusion">;
  "renewal-by-silence"(): NoticeData<"renewal-by-silence">;
  revocation(): NoticeData<"ending">;
  withdrawal(): NoticeData<"ending">;
  annulment(): NoticeData<"ending">;
  deregistration(): NoticeData<"ending">;
  extension(): NoticeData<"extension">;
  termination(): NoticeData<"termination">;
  grant(): NoticeData<"grant">;
  refusal(): NoticeData<"refusal">;
}

/** Whether a kind of document is a notice of a case. */
export function isCaseNotice(kind: string): kind is CaseNotice {
  return Object.hasOwn(licensing.notices, kind);
}

/** Our own limit; 行政许可法 §44 allows ten. */
const DELIVERY_WORKING_DAYS = 5;

/** Builds the data of one notice; each is made when it is asked for. */
export function noticeData(facts: NoticeFacts, settings: NoticeSettings): Builders {
  const common = frameOf(facts, settings);
  const remedies = remediesOf(facts, settings);
  const premises = textOf(facts.form["premises"]);
  return {
    receipt: () => ({
      ...common,
      receivedAt: civilMinute(Temporal.Instant.from(facts.issuedAt)).replace(" ", "T"),
      channel: facts.channel === "counter" ? `${facts.authority.name.zh}办事窗口` : ONLINE,
      materials: receivedMaterials(facts),
      answerBy: workingDaysAfter(facts.submittedOn, ANSWER.amount),
      basis: [law("第三十二条第一款第（四）项")],
    }),
    acceptance: () => acceptance(facts, { common, premises }),
    "non-acceptance": () => ({
      ...common,
      receivedOn: receivedOn(facts),
      reasons: facts.remark ? [facts.remark.zh] : needed(facts, "acceptance", "reasons"),
      basis: [law(facts.remark ? "第三十二条第一款第（二）项、第二款" : "第三十二条"), ...itemBasis(facts)],
      remedies,
    }),
    supplement: () => ({
      ...common,
      receivedOn: receivedOn(facts),
      items: needed(facts, "acceptance", "missing").map(missingItem),
      supplementBy: workingDaysAfter(facts.issuedOn, Number(recordOf(facts, "acceptance")["supplementDays"])),
      channel: answerChannel(facts),
      basis: [law("第三十二条第一款第（四）项")],
    }),
    rectification: () => ({
      ...common,
      acceptedOn: accepted(facts).on,
      checkedOn: facts.recordedOn["siteCheck"] ?? facts.issuedOn,
      premises,
      failed: failedRequirements(recordOf(facts, "siteCheck")),
      problems: needed(facts, "siteCheck", "reasons"),
      rectifyBy: workingDaysAfter(facts.issuedOn, Number(recordOf(facts, "siteCheck")["rectifyDays"])),
      channel: answerChannel(facts),
      basis: [law("第三十四条第三款"), ...itemBasis(facts)],
    }),
    "hearing-right": () => ({
      ...common,
      acceptedOn: accepted(facts).on,
      reasons: needed(facts, "examination", "reasons"),
      requestBy: workingDaysAfter(facts.issuedOn, HEARING_REQUEST_WORKING_DAYS),
      channel: answerChannel(facts),
      basis: [law("第四十五条"), law("第四十七条")],
    }),
    hearing: () => hearingNotice(facts, common),
    "party-rights": () => partyRights(facts, { common, premises }),
    "party-hearing": () => hearingNotice(facts, toParty(facts, common)),
    "party-decision": () => partyDecision(facts, { common, premises, remedies }),
    exclusion: () => exclusion(facts, common),
    "renewal-by-silence": () => ({
      ...common,
      ...renewal(facts),
      premises,
      deliveryDays: settings.deliveryDays ?? DELIVERY_WORKING_DAYS,
      remedies,
    }),
    revocation: () => ({ ...common, ...ending(facts), remedies }),
    withdrawal: () => ({ ...common, ...ending(facts), remedies }),
    annulment: () => ({ ...common, ...ending(facts), remedies }),
    deregistration: () => ({ ...common, ...ending(facts), remedies }),
    extension: () => extension(facts, common),
    termination: () => termination(facts, { common, remedies }),
    grant: () => grant(facts, { common, premises, remedies, deliveryDays: settings.deliveryDays }),
    refusal: () => ({
      ...common,
      acceptedOn: accepted(facts).on,
      findings: findings(facts),
      reasons: needed(facts, "decision", "reasons"),
      statement: whatWasHeard(facts),
      basis: [law("第三十八条第二款"), ...itemBasis(facts)],
      remedies,
    }),
  };
}

/** One line of print. */
const MAX_SCOPE_CHARACTERS = 200;

function frameOf(facts: NoticeFacts, settings: NoticeSettings): Frame {
  const { authority } = facts;
  const declaration = licensing.notices[facts.kind];
  assert(declaration, "the kind of a notice was looked up before its data is made");
  const base = settings.publicUrl.replace(/\/+$/, "");
  return {
    authority: {
      name: authority.name.zh,
      address: authority.address,
      phone: authority.phone,
      ...(declaration.seal === "authority" && { sealUse: "" }),
    },
    number: documentNumber(facts.number, settings.authorityWord?.(authority) ?? authorityWord(authority.name.zh)),
    caseNumber: facts.caseNumber,
    item: facts.item.title.zh,
    applicant: { name: facts.applicant.name, code: facts.facts.find(({ id }) => id === "applicantCode")?.value ?? "" },
    date: facts.issuedOn,
    verification: { link: `${base}/verify`, address: `${base.replace(/^https?:\/\//, "")}/verify` },
    demonstration: settings.demonstration,
  };
}

/** Body, channel and period of both remedies (行政许可法 §38; 行政复议法 §20, §22; 行政诉讼法 §45, §46, §50). */
function remediesOf(facts: NoticeFacts, settings: NoticeSettings): NoticeData<"refusal">["remedies"] {
  const { reconsideration, court } = facts.authority;
  const ways = `当面提交、邮寄或者通过${reconsideration.zh}指定的互联网渠道提交复议申请书，书面申请有困难的可以口头申请`;
  return {
    reconsiderationBody: reconsideration.zh,
    reconsiderationChannel: settings.reconsiderationChannel?.(facts.authority) ?? ways,
    court: court.zh,
    courtChannel: `向${court.zh}立案窗口递交或者邮寄起诉状，或者通过人民法院在线服务平台提交`,
  };
}

function receivedMaterials(facts: NoticeFacts): NoticeData<"receipt">["materials"] {
  const form = facts.channel === "counter" ? "扫描件" : "电子";
  const listed = [
    { name: `${facts.item.title.zh}申请表`, form, copies: 1 },
    ...facts.materials.map(({ title }) => ({ name: title.zh, form, copies: 1 })),
  ];
  return facts.facts.length === 0
    ? listed
    : [...listed, { name: "政务部门已有的登记信息（通过共享取得，无需提交）", form: "共享", copies: 1 }];
}

/** By which way the applicant answers a notice. */
function answerChannel(facts: NoticeFacts): string {
  return facts.channel === "counter" ? `${facts.authority.name.zh}办事窗口` : `${ONLINE}“我的办件”`;
}

function acceptance(facts: NoticeFacts, given: { common: Frame; premises: string }): NoticeData<"acceptance"> {
  const clock = decisionClock(facts);
  const { deemed, on, dueOn } = accepted(facts);
  return {
    ...given.common,
    receivedOn: receivedOn(facts),
    acceptedOn: on,
    deemed,
    premises: given.premises,
    limitDays: clock.amount,
    promisedDays: clock.promised !== undefined && clock.promised < clock.amount ? clock.promised : null,
    dueOn,
    basis: [law(`第三十二条第一款第（${deemed ? "四" : "五"}）项、第二款`), law("第四十五条")],
  };
}

/** One line of the one-time list: `材料：要求`. */
function missingItem(line: string): NoticeData<"supplement">["items"][number] {
  const [, material, requirement] = /^([^：:]{1,60})[：:](.+)$/su.exec(line) ?? [];
  return material && requirement
    ? { material, requirement: requirement.trim() }
    : { material: "申请材料", requirement: line };
}

function extension(facts: NoticeFacts, common: Frame): NoticeData<"extension"> {
  const clock = decisionClock(facts);
  const last = clock.extensions.at(-1);
  if (!last) throw new Fault("ERR_NOTICE_FACTS", { message: `${facts.caseNumber} was not extended` });
  return {
    ...common,
    acceptedOn: accepted(facts).on,
    dueOn: clock.dueWithoutExtensionOn,
    newDueOn: clock.dueOn,
    extensionDays: last.amount,
    reasons: needed(facts, "extension", "reasons"),
    approvedBy: facts.issuedBy ? `（${facts.issuedBy.zh}）` : "",
    approvedOn: facts.recordedOn["extension"] ?? facts.issuedOn,
    basis: [law("第四十二条第一款")],
  };
}

/** 撤回申请, or the end of a case that the applicant let lapse. */
function termination(
  facts: NoticeFacts,
  given: { common: Frame; remedies: NoticeData<"termination">["remedies"] },
): NoticeData<"termination"> {
  const requestedOn = facts.recordedOn["withdrawn"];
  const shared = { ...given.common, endedOn: facts.issuedOn, remedies: given.remedies };
  if (requestedOn !== undefined) {
    const note = textOf(recordOf(facts, "withdrawn")["note"]);
    return {
      ...shared,
      ground: "withdrawn",
      requestedOn,
      reasons: note === "" ? [] : [`申请人说明：${note}`],
      basis: itemBasis(facts, { withLaw: true }),
    };
  }
  const asked = facts.recordedOn["acceptance"];
  return {
    ...shared,
    ground: "ended",
    reasons: [
      `本机关${asked ? `于${chineseDay(asked)}` : ""}一次性告知需要补正的全部内容，补正期限届满，未收到补正材料，也未收到不能按期补正的正当理由，视为放弃申请。`,
    ],
    basis: [law("第三十二条第一款第（四）项"), ...itemBasis(facts)],
  };
}

function grant(
  facts: NoticeFacts,
  given: {
    common: Frame;
    premises: string;
    remedies: NoticeData<"grant">["remedies"];
    deliveryDays: number | undefined;
  },
): NoticeData<"grant"> {
  const { variables } = facts;
  const scope = Array.isArray(variables["scope"]) ? variables["scope"] : [];
  const partial = recordOf(facts, "decision")["outcome"] === "partial";
  return {
    ...given.common,
    acceptedOn: accepted(facts).on,
    premises: given.premises,
    businessType: termOf(facts.terms, "businessType", variables["businessType"]),
    scope: scope.slice(0, MAX_ITEMS).map((item) => termOf(facts.terms, "scope", item)),
    refusedScope: partial ? refusedScope(facts) : [],
    licenceNumber: textOf(variables["licenceNumber"]),
    validFrom: textOf(variables["validFrom"]) || null,
    validUntil: textOf(variables["validUntil"]) || null,
    statement: whatWasHeard(facts),
    deliveryDays: given.deliveryDays ?? DELIVERY_WORKING_DAYS,
    basis: [law("第三十八条第一款"), law("第四十四条"), ...itemBasis(facts)],
    remedies: given.remedies,
  };
}

/** Days before which whoever cannot come, or challenges the chair, says so. Our own limit. */
const HEARING_ANSWER_WORKING_DAYS = 3;

/** 行政许可听证通知书 (§48), which tells as well that the time is not counted (§45). */
function hearingNotice(facts: NoticeFacts, common: Frame): NoticeData<"hearing"> {
  const arranged = recordOf(facts, "hearingArrangement");
  const heldOn = textOf(arranged["heldOn"]);
  const closed = textOf(arranged["closedReason"]);
  const chair = facts.recordedBy["hearingArrangement"];
  if (chair === undefined) throw new Fault("ERR_NOTICE_FACTS", { message: `${facts.caseNumber} has no chair` });
  const from = textOf(facts.variables["hearingRequestedOn"]) || facts.issuedOn;
  const until = elapsed(Temporal.PlainDate.from(from), Temporal.PlainDate.from(heldOn), "working-day");
  return {
    ...common,
    caseApplicant: facts.applicant.name,
    subject: `${facts.item.title.zh}申请涉及的重大利益关系`,
    time: `${heldOn}T${textOf(arranged["heldAt"])}`,
    place: textOf(arranged["place"]),
    manner: arranged["manner"] === "closed" ? `不公开举行${closed ? `（${closed}）` : ""}`.slice(0, 200) : "公开举行",
    chair,
    clerk: textOf(arranged["clerk"]),
    answerBy: workingDaysAfter(facts.issuedOn, HEARING_ANSWER_WORKING_DAYS),
    excluded: { from, expected: `${Math.max(1, until)}个工作日` },
    basis: [law("第四十五条"), law("第四十七条"), law("第四十八条")],
  };
}

/** 行政许可特别程序告知书 (§45). */
function exclusion(facts: NoticeFacts, common: Frame): NoticeData<"exclusion"> {
  const examined = recordOf(facts, "examination");
  const kind = SPECIAL_PROCEDURES[textOf(examined["specialKind"]) as keyof typeof SPECIAL_PROCEDURES];
  if (!kind) throw new Fault("ERR_NOTICE_FACTS", { message: `${facts.caseNumber} names no special procedure` });
  return {
    ...common,
    acceptedOn: accepted(facts).on,
    procedure: kind.zh as NoticeData<"exclusion">["procedure"],
    reason: needed(facts, "examination", "reasons").join(""),
    startsOn: facts.issuedOn,
    expected: `${Number(examined["specialDays"])}个工作日`,
    dueOn: decisionClock(facts).dueOn,
    basis: [law("第四十五条"), ...itemBasis(facts)],
  };
}

/** What becomes of the holder's interests, by how the licence ends (行政许可法 §8, §69, §79). */
const CONSEQUENCES = {
  fraud: "基于该许可取得的利益不受保护。自被撤销之日起三年内，不得再次申请该许可。",
  revocation: "因撤销使合法权益受到损害的，可以依法向本机关要求赔偿。",
  withdrawal: "因撤回造成财产损失的，可以依法向本机关要求补偿。",
  annulment: "对行政处罚决定不服的，按照行政处罚决定书载明的途径寻求救济。",
  deregistration: "注销是对许可效力终止的登记，不影响此前依法从事的经营活动。",
} as const;

/** The document of all four ends. */
export const ENDING_KINDS: ReadonlySet<string> = new Set(["revocation", "withdrawal", "annulment", "deregistration"]);

function ending(facts: NoticeFacts) {
  const { details } = facts;
  const how = facts.kind as NoticeData<"ending">["how"];
  const said = (name: string) => details[name] ?? "";
  return {
    how,
    title: licensing.notices[how]?.title.zh ?? "",
    licenceNumber: said("licenceNumber"),
    endedOn: said("endedOn"),
    ground: `${said("words")}。`,
    reasons: linesOf(said("reason")),
    penaltyDecision: said("penaltyDecision"),
    consequence: CONSEQUENCES[said("ground") === "fraud" ? "fraud" : how],
    basis: [said("article"), ...itemBasis(facts)],
  };
}

/** What a renewal by silence says of the licence (§50). */
function renewal(facts: NoticeFacts) {
  const { variables } = facts;
  const scope = Array.isArray(variables["scope"]) ? variables["scope"] : [];
  return {
    acceptedOn: accepted(facts).on,
    licenceNumber: textOf(variables["licenceNumber"]),
    endedOn: textOf(variables["renewalUntil"]),
    validFrom: textOf(variables["validFrom"]),
    validUntil: textOf(variables["validUntil"]),
    scope: scope.slice(0, MAX_ITEMS).map((item) => termOf(facts.terms, "scope", item)),
    basis: [law("第五十条第二款"), ...itemBasis(facts)],
  };
}

function refusedScope(facts: NoticeFacts): NonNullable<NoticeData<"grant">["refusedScope"]> {
  const reasons = needed(facts, "decision", "reasons").join(" ");
  return needed(facts, "decision", "refusedItems").map((line) => {
    const [, scope, reason] = /^([^：:]{1,60})[：:](.+)$/su.exec(line) ?? [];
    return scope && reason
      ? { scope, reason: reason.trim() }
      : { scope: [...line].slice(0, MAX_SCOPE_CHARACTERS).join(""), reason: reasons };
  });
}

/** The requirements that a site check found not to be met. */
function failedRequirements(check: Readonly<Record<string, unknown>>): Lines {
  return Object.entries(licensing.tasks.siteCheck.form.shape)
    .filter(([name]) => check[name] === "no")
    .map(([name, schema]) => fieldMeta(schema)?.title.zh ?? name);
}

/** What was found: on the spot, and in the examination. */
function findings(facts: NoticeFacts): Lines {
  const check = facts.records["siteCheck"];
  const found: string[] = [];
  if (check) {
    const failed = failedRequirements(check);
    const on = facts.recordedOn["siteCheck"];
    found.push(
      `${on ? `${chineseDay(on)}，` : ""}本机关核查人员到现场核查：${textOf(check["observations"])}${
        failed.length > 0 ? `经核查不符合的项目：${failed.join("；")}。` : ""
      }`,
      ...linesOf(check["reasons"]),
    );
  }
  const examined = linesOf(facts.records["examination"]?.["reasons"]);
  const all = [...found, ...examined];
  return all.length > 0 ? all.slice(0, MAX_ITEMS) : ["本机关对申请材料进行了书面审查。"];
}
