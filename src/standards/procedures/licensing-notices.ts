/** The papers of the licensing procedure: what each is called, on what it rests, under which seal. */
import { cite, LICENSING_LAW } from "#kernel/contract/citation";
import { text } from "#lib/language/text";

export const LICENSING_NOTICES = {
  receipt: {
    title: text("收件凭证", "Receipt of application"),
    legalBasis: [cite(LICENSING_LAW, "第三十二条")],
    seal: "licensing",
  },
  acceptance: {
    title: text("受理通知书", "Notice of acceptance"),
    legalBasis: [cite(LICENSING_LAW, "第三十二条")],
    seal: "licensing",
  },
  "non-acceptance": {
    title: text("不予受理通知书", "Notice of non-acceptance"),
    legalBasis: [cite(LICENSING_LAW, "第三十二条")],
    seal: "licensing",
  },
  supplement: {
    title: text("补正材料通知书", "One-time list of what is missing"),
    legalBasis: [cite(LICENSING_LAW, "第三十二条")],
    seal: "licensing",
  },
  rectification: {
    title: text("整改通知书", "Notice to rectify"),
    legalBasis: [cite(LICENSING_LAW, "第三十四条")],
    seal: "licensing",
  },
  "hearing-right": {
    title: text("听证告知书", "Notice of the right to a hearing"),
    legalBasis: [cite(LICENSING_LAW, "第四十七条")],
    seal: "authority",
  },
  hearing: {
    title: text("行政许可听证通知书", "Notice of the hearing"),
    legalBasis: [cite(LICENSING_LAW, "第四十八条"), cite(LICENSING_LAW, "第四十五条")],
    seal: "authority",
    names: ["hearingArrangement"],
  },
  "party-rights": {
    title: text("利害关系人权利告知书", "Notice of your rights as an interested party"),
    legalBasis: [cite(LICENSING_LAW, "第三十六条"), cite(LICENSING_LAW, "第四十七条")],
    seal: "authority",
    to: "untold-parties",
  },
  "party-hearing": {
    title: text("行政许可听证通知书", "Notice of the hearing"),
    legalBasis: [cite(LICENSING_LAW, "第四十八条")],
    seal: "authority",
    names: ["hearingArrangement"],
    to: "parties",
  },
  "party-decision": {
    title: text("行政许可决定告知书", "Notice of the decision"),
    legalBasis: [cite(LICENSING_LAW, "第三十六条"), cite(LICENSING_LAW, "第三十八条")],
    seal: "authority",
    to: "parties",
  },
  exclusion: {
    title: text("行政许可特别程序告知书", "Notice of time that is not counted"),
    legalBasis: [cite(LICENSING_LAW, "第四十五条")],
    seal: "licensing",
  },
  "renewal-by-silence": {
    title: text("视为准予延续告知书", "Notice of a renewal by silence"),
    legalBasis: [cite(LICENSING_LAW, "第五十条")],
    seal: "authority",
  },
  extension: {
    title: text("延长办理期限通知书", "Notice of extension"),
    legalBasis: [cite(LICENSING_LAW, "第四十二条")],
    seal: "licensing",
  },
  termination: {
    title: text("终止办理通知书", "Notice of termination"),
    legalBasis: [cite(LICENSING_LAW, "第三十二条")],
    seal: "licensing",
  },
  revocation: {
    title: text("撤销行政许可决定书", "Decision to revoke the licence"),
    legalBasis: [cite(LICENSING_LAW, "第六十九条")],
    seal: "authority",
  },
  withdrawal: {
    title: text("撤回行政许可决定书", "Decision to withdraw the licence"),
    legalBasis: [cite(LICENSING_LAW, "第八条")],
    seal: "authority",
  },
  annulment: {
    title: text("吊销许可证件告知书", "Notice that the licence is annulled"),
    legalBasis: [cite(LICENSING_LAW, "第七十条")],
    seal: "authority",
  },
  deregistration: {
    title: text("注销行政许可决定书", "Decision to deregister the licence"),
    legalBasis: [cite(LICENSING_LAW, "第七十条")],
    seal: "authority",
  },
  grant: {
    title: text("准予行政许可决定书", "Decision to grant"),
    legalBasis: [cite(LICENSING_LAW, "第三十八条")],
    seal: "authority",
  },
  refusal: {
    title: text("不予行政许可决定书", "Decision to refuse"),
    legalBasis: [cite(LICENSING_LAW, "第三十八条")],
    seal: "authority",
  },
} as const;
