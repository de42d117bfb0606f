import { z } from "zod";
import { cite, LICENSING_LAW } from "#kernel/contract/citation";
import { command, defineContract, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

/** 政府信息公开条例 (2019). */
const DISCLOSURE_REGULATION = text("政府信息公开条例", "Regulations on Open Government Information");

/** Decisions on one page of the public list. */
export const DISCLOSED_PAGE_LENGTH = 50;

/** An administrative decision as it is open to everyone: no natural person's number, address or phone. */
const Decision = z.object({
  caseId: field(z.uuid(), { title: text("办件", "Case"), lookup: "unique" }),
  caseNumber: field(z.string().max(40), { title: text("办件编号", "Case number"), lookup: "exact" }),
  item: field(z.string().max(100), { title: text("事项", "Service") }),
  decision: field(z.enum(["grant", "partial", "refuse"]), {
    title: text("决定", "Decision"),
    options: {
      grant: text("准予许可", "Granted"),
      partial: text("部分准予许可", "Granted in part"),
      refuse: text("不予许可", "Refused"),
    },
  }),
  /** The organization; a natural person who applied in their own name is not named. */
  party: field(z.string().max(200), { title: text("行政相对人", "Party"), lookup: "name" }),
  partyCode: field(z.string().max(40), { title: text("统一社会信用代码", "Credit code"), lookup: "exact" }),
  licenceNumber: field(z.string().max(40).optional(), { title: text("许可证编号", "Licence number"), lookup: "exact" }),
  content: field(z.string().max(2000), { title: text("内容", "Content") }),
  validFrom: field(z.iso.date().optional(), { title: text("有效期自", "Valid from") }),
  validUntil: field(z.iso.date().optional(), { title: text("有效期至", "Valid until") }),
  decidedOn: field(z.iso.date(), { title: text("决定日期", "Decided on") }),
  authority: field(z.uuid(), { title: text("许可机关", "Authority"), lookup: "exact" }),
  publishedOn: field(z.iso.date(), { title: text("公开日期", "Published on") }),
  /** 撤销, 撤回, 吊销, 注销: four different ends. */
  ended: field(z.enum(["revoked", "withdrawn", "annulled", "deregistered"]).optional(), {
    title: text("终止", "Ended"),
    options: {
      revoked: text("已撤销", "Revoked"),
      withdrawn: text("已撤回", "Withdrawn"),
      annulled: text("已吊销", "Annulled"),
      deregistered: text("已注销", "Deregistered"),
    },
  }),
  endedOn: field(z.iso.date().optional(), { title: text("终止日期", "Ended on") }),
  endedWhy: field(z.string().max(500).optional(), { title: text("终止事由", "Why it ended") }),
});

const Published = Decision.extend({ id: z.uuid() });

export const disclosure = defineContract({
  id: "disclosure",
  version: "1.0",
  title: text("政府信息公开", "Disclosure of government information"),
  steward: text("政务公开工作机构", "Office for open government"),
  registers: {
    decision: register({
      title: text("行政许可决定公开", "Published licensing decisions"),
      schema: Decision,
      subject: { kind: "none" },
      legalBasis: [cite(LICENSING_LAW, "第四十条"), cite(DISCLOSURE_REGULATION, "第二十条")],
      retention: "permanent",
    }),
  },
  operations: {
    publishDecision: command({
      title: text("公开许可决定", "Publish a decision"),
      audience: ["node"],
      crosses: { directions: ["inward"], classification: "public" },
      input: Decision.omit({ publishedOn: true, ended: true, endedOn: true, endedWhy: true }),
      output: z.object({ id: z.uuid() }),
      refusals: {
        "withheld-secret": text(
          "内容含有密级标志，不得在本节点公开。请按保密审查程序处理。",
          "The content carries a secrecy mark and must not be published on this node. Take it through the release review.",
        ),
      },
      legalBasis: [cite(LICENSING_LAW, "第四十条")],
    }),
    /** Says of a published decision how its licence ended; also where that is known before the decision is published. */
    publishEnding: command({
      title: text("公开许可的终止", "Publish the end of a licence"),
      audience: ["node"],
      input: Decision.omit({ publishedOn: true }).required({ ended: true, endedOn: true, endedWhy: true }),
      output: z.object({ id: z.uuid() }),
      refusals: {},
      legalBasis: [cite(LICENSING_LAW, "第四十条"), cite(DISCLOSURE_REGULATION, "第二十条")],
    }),
    findDecision: query({
      title: text("查询公开的决定", "Find a published decision"),
      audience: ["public"],
      input: z.object({ caseNumber: field(z.string().trim().max(40), { title: text("办件编号", "Case number") }) }),
      output: Published,
      refusals: {
        "not-found": text(
          "没有查到公开的决定。请核对编号。",
          "No published decision was found. Please check the number.",
        ),
      },
      legalBasis: [],
    }),
    listDecisions: query({
      title: text("许可决定公开目录", "Published decisions"),
      audience: ["public"],
      input: z.object({
        party: field(z.string().trim().max(100).optional(), { title: text("行政相对人名称", "Name of the party") }),
        after: z.string().max(400).optional(),
      }),
      output: z.object({ items: z.array(Published), next: z.string().optional() }),
      refusals: {},
      legalBasis: [cite(DISCLOSURE_REGULATION, "第二十条")],
    }),
  },
});
