import { z } from "zod";
import type { AssuranceNeed } from "#kernel/contract/assurance";
import { cite } from "#kernel/contract/citation";
import { command, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { PERSON_RIGHTS } from "#kernel/system/act";
import { type Text, text } from "#lib/language/text";

/** Files at the counter: who does it sees people and their documents. */
export const COUNTER = "counter.file";
/** Decides on powers that a clerk recorded. */
export const DECIDE_POWERS = "identity.powers";
/** The most powers that one answer lists. */
export const POWERS_MAX = 200;
/** A mandate runs this long at most; after that, it is given anew. */
export const MANDATE_YEARS_MAX = 5;
const NAME_LENGTH_MAX = 100;
const NUMBER_LENGTH_MAX = 40;
const EVIDENCE_LENGTH_MAX = 300;
const REASON_LENGTH_MAX = 1_000;
const SERVICE_LENGTH_MAX = 120;

const CIVIL_CODE = text("民法典", "Civil Code");
const Id = z.uuid();
const SECOND_FACTOR: AssuranceNeed = { level: 2, withinMinutes: 30 };

export const POWER_KINDS = {
  guardian: text("监护人", "Guardian"),
  heir: text("继承人", "Heir"),
  agent: text("受托人", "Agent"),
} as const satisfies Record<(typeof PERSON_RIGHTS)[number], Text>;

/** On what a power rests. Guardians of minors are not here: the population register has them. */
export const POWER_BASES = {
  mandate: text("授权委托书（本人签名）", "Letter of authorization, signed by the principal"),
  judgment: text("人民法院的判决、裁定", "Judgment or ruling of a people's court"),
  designation: text("指定监护人的文书", "Document that designates a guardian"),
  agreement: text("意定监护协议（书面）", "Written agreement on guardianship"),
  notarized: text("继承权公证书", "Notarial certificate of inheritance"),
  kinship: text("亲属关系证明及全体继承人确认", "Proof of kinship, confirmed by all heirs"),
} as const satisfies Record<string, Text>;
export type PowerBasis = keyof typeof POWER_BASES;

export const POWER_STATUSES = {
  asked: text("待复核决定", "Waiting for the second official"),
  "in-force": text("有效", "In force"),
  refused: text("未予认定", "Not recognized"),
  ended: text("已终止", "Ended"),
} as const satisfies Record<string, Text>;

const SCOPES = {
  "all-services": text("全部政务服务事项", "All services"),
  "one-service": text("仅一个事项", "One service alone"),
} as const satisfies Record<string, Text>;

function oneOf<K extends string>(options: Readonly<Record<K, Text>>) {
  return z.enum(Object.keys(options) as [K, ...K[]]);
}

const Evidence = field(z.string().trim().min(1).max(EVIDENCE_LENGTH_MAX), {
  title: text("证明材料", "Evidence"),
  hint: text("文书名称、文号、出具机关和日期", "Name, number, issuer and date of the document"),
  sensitive: true,
});

/** Power to act for a person, recorded, so that it is looked up and not typed in. */
export const Power = z.object({
  principal: field(Id, { title: text("被代理人", "For whom"), lookup: "exact" }),
  agent: field(Id, { title: text("代理人", "Who acts"), lookup: "exact" }),
  kind: field(z.enum(PERSON_RIGHTS), { title: text("身份", "As"), kind: "radios", options: POWER_KINDS }),
  basis: field(oneOf(POWER_BASES), { title: text("依据", "It rests on"), kind: "select", options: POWER_BASES }),
  evidence: Evidence.optional(),
  scope: field(oneOf(SCOPES), { title: text("代办范围", "For what"), kind: "radios", options: SCOPES }),
  /** Which service, where it is for one alone. */
  service: field(
    z
      .string()
      .max(SERVICE_LENGTH_MAX)
      .regex(/^[a-z][a-z-]*\.[a-z][A-Za-z]*$/)
      .optional(),
    { title: text("哪个事项", "Which service") },
  ),
  from: field(z.iso.date(), { title: text("期限自", "From"), kind: "date" }),
  to: field(z.iso.date(), { title: text("期限至", "To"), kind: "date" }),
  status: field(oneOf(POWER_STATUSES), { title: text("状态", "Status"), options: POWER_STATUSES, lookup: "exact" }),
  /** The principal himself, or the official who had the evidence before him. */
  recordedBy: field(Id, { title: text("登记人", "Recorded by") }),
  decidedBy: field(Id.optional(), { title: text("决定人", "Decided by") }),
  reason: field(z.string().trim().min(1).max(REASON_LENGTH_MAX).optional(), {
    title: text("决定或终止的理由", "Reason of the decision or the end"),
    sensitive: true,
  }),
});

export const powerRegister = register({
  title: text("代理他人办事的权限", "Powers to act for a person"),
  schema: Power,
  subject: { kind: "person", by: "principal" },
  legalBasis: [cite(CIVIL_CODE, "第二十三条"), cite(CIVIL_CODE, "第一百六十五条")],
  retention: { years: 10 },
});

const IdentityNumber = (title: Text) =>
  field(z.string().trim().min(1).max(NUMBER_LENGTH_MAX), { title, kind: "identity-number", sensitive: true });
const Reason = field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
  title: text("理由", "Reason"),
  kind: "textarea",
});
const Held = z.object({
  /** Of a recorded power; the population register's has none and is ended there. */
  id: Id.optional(),
  person: Id,
  name: z.string(),
  right: z.enum(PERSON_RIGHTS),
  scope: Power.shape.scope,
  service: z.string().optional(),
  /** The last day. */
  to: z.iso.date().optional(),
});
const Requested = Power.pick({
  kind: true,
  basis: true,
  evidence: true,
  scope: true,
  service: true,
  from: true,
  to: true,
  recordedBy: true,
}).extend({ id: Id, principalName: z.string(), agentName: z.string(), recordedAt: z.string() });

const GIVING_REFUSALS = {
  "agent-not-found": text(
    "没有查到代理人，请核对姓名和证件号码。",
    "The agent was not found; please check name and number.",
  ),
  "own-agent": text("不能代理自己。", "Nobody acts for himself in this way."),
  "bad-period": text(
    "期限有误：截止日期应晚于起始日期和今天，最长五年。",
    "The period is not right: it ends after it begins, not before today, and runs five years at most.",
  ),
  "bad-service": text(
    "只办理一个事项的，请选择是哪个事项；否则不要选择。",
    "Where it is for one service alone, choose which; otherwise choose none.",
  ),
  "already-given": text("此人已有同样的有效权限。", "This person has the same power already."),
} as const;

export const powerOperations = {
  /** One's own mandate, by who the agent is to people: name and identity number, which must both be right. */
  grantPower: command({
    title: text("委托他人为我办事", "Authorize someone to act for me"),
    audience: ["person"],
    assurance: SECOND_FACTOR,
    input: Power.pick({ scope: true, service: true, from: true, to: true }).extend({
      agentName: field(z.string().trim().min(1).max(NAME_LENGTH_MAX), {
        title: text("受托人姓名", "Name of the agent"),
      }),
      agentNumber: IdentityNumber(text("受托人居民身份证号码", "Resident identity number of the agent")),
    }),
    output: z.object({ id: Id }),
    refusals: GIVING_REFUSALS,
    legalBasis: [cite(CIVIL_CODE, "第一百六十五条")],
  }),
  /** A clerk has the documents before him; until a second official decides, nobody can act by it. */
  recordPower: command({
    title: text("登记代理他人办事的权限（凭证明材料）", "Record a power to act for a person, on evidence"),
    audience: ["official"],
    duty: COUNTER,
    assurance: SECOND_FACTOR,
    input: z
      .object({
        principalNumber: IdentityNumber(
          text("被代理人居民身份证号码", "Resident identity number of the person represented"),
        ),
        agentNumber: IdentityNumber(text("代理人居民身份证号码", "Resident identity number of who is to act")),
        evidence: Evidence,
      })
      .extend(Power.pick({ kind: true, basis: true, scope: true, service: true, from: true, to: true }).shape),
    output: z.object({ id: Id }),
    refusals: {
      ...GIVING_REFUSALS,
      "principal-not-found": text(
        "没有查到被代理人，请核对居民身份证号码。",
        "The person to be represented was not found; please check the number.",
      ),
      "own-affair": text("不能办理与本人有关的权限，请由其他人员办理。", "Nobody records what concerns himself."),
      "not-fitting": text(
        "所选的身份与依据、被代理人的状态不符：监护人依判决、指定或协议认定，被监护的未成年人由户籍登记；继承人依公证书、判决或亲属关系证明认定，被继承人应已死亡；受托人依授权委托书。",
        "Kind, basis and person do not fit: guardians of adults by judgment, designation or agreement, those of minors are in the population register; heirs by notarial certificate, judgment or proof of kinship after a death; agents by a letter.",
      ),
    },
    legalBasis: [
      cite(CIVIL_CODE, "第二十八条"),
      cite(CIVIL_CODE, "第一百二十四条"),
      cite(CIVIL_CODE, "第一百六十五条"),
    ],
  }),
  powerRequests: query({
    title: text("待决定的代理权限", "Powers that wait for a decision"),
    audience: ["official"],
    duty: DECIDE_POWERS,
    lists: "power",
    input: z.object({}),
    output: z.object({ items: z.array(Requested) }),
    refusals: {},
    legalBasis: [cite(CIVIL_CODE, "第一百六十五条")],
  }),
  decidePower: command({
    title: text("决定代理权限", "Decide on a power"),
    audience: ["official"],
    duty: DECIDE_POWERS,
    assurance: SECOND_FACTOR,
    input: z.object({
      id: Id,
      recognized: field(z.boolean(), { title: text("予以认定", "Recognize it"), kind: "boolean" }),
      reason: Reason,
    }),
    output: z.object({ id: Id }),
    refusals: {
      "not-open": text("没有这项待决定的权限，或已经决定。", "No such power waits, or it has been decided."),
      "same-official": text(
        "登记和决定应当由两名工作人员分别办理，且与本人无关。",
        "Another official than who recorded it decides, and nobody in his own affair.",
      ),
    },
    legalBasis: [cite(CIVIL_CODE, "第一百六十五条")],
  }),
  /** For whom one can act, and who can act for oneself. */
  myPowers: query({
    unfiltered: "own",
    title: text("我可以代办的人和可以为我代办的人", "For whom I can act, and who can act for me"),
    audience: ["person"],
    input: z.object({}),
    output: z.object({ held: z.array(Held), given: z.array(Held) }),
    refusals: {},
    legalBasis: [],
  }),
  /** By which right somebody acts for another now; a power is asked for each time and never remembered for long. */
  powerOver: query({
    unfiltered: "one",
    title: text("核实代理权", "Check the power to act for a person"),
    audience: ["node"],
    input: z.object({ person: Id, principal: Id }),
    output: z.object({
      name: z.string(),
      right: z.enum(PERSON_RIGHTS),
      /** Of an agent whose every power is for one service alone: for which. */
      services: z.array(z.string()).optional(),
    }),
    refusals: {
      "no-power": text(
        "您现在不能以该人的名义办理。请由本人在本平台委托，或凭证明材料到窗口登记。",
        "You cannot act for this person now. Ask them to authorize you here, or have your documents recorded at a counter.",
      ),
    },
    legalBasis: [cite(CIVIL_CODE, "第一百六十二条")],
  }),
  endPower: command({
    title: text("终止代理权限", "End a power"),
    audience: ["person", "official"],
    duty: DECIDE_POWERS,
    input: z.object({ id: Id, reason: Reason.optional() }),
    output: z.object({ id: Id }),
    refusals: {
      "not-found": text("没有这项权限，或已终止。", "There is no such power, or it has ended."),
      "not-yours": text(
        "委托由委托人、受托人本人终止；监护和继承的认定由办理机关终止。",
        "A mandate is ended by who gave or has it; guardians and heirs are ended by the authority.",
      ),
    },
    legalBasis: [cite(CIVIL_CODE, "第一百七十三条"), cite(CIVIL_CODE, "第一百七十五条")],
  }),
};
