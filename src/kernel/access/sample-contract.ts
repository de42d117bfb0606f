import { z } from "zod";
import { text } from "#lib/language/text";
import { cite, LICENSING_LAW } from "../contract/citation.ts";
import {
  command,
  defineContract,
  event,
  message,
  procedure,
  query,
  register,
  service,
  task,
} from "../contract/contract.ts";
import { field } from "../contract/field.ts";

/** A small invented room with one of everything, for the tests of what is derived from contracts. */

const article = cite(LICENSING_LAW, "第三十二条");
const Key = z.string().max(64);

const permitting = procedure({
  title: text("许可程序", "Permitting procedure"),
  diagram: new URL("./sample.bpmn", import.meta.url),
  variables: z.object({ outcome: z.string().max(20) }),
  tasks: {
    accept: task({
      title: text("受理", "Acceptance"),
      duty: "permit.accept",
      form: z.object({
        outcome: field(z.enum(["accepted", "rejected"]), {
          title: text("决定", "Decision"),
          options: { accepted: text("受理", "Accept"), rejected: text("不予受理", "Do not accept") },
        }),
      }),
    }),
    decide: task({ title: text("决定", "Decision"), duty: "permit.decide", form: z.object({}) }),
  },
  messages: {
    withdraw: message({
      title: text("撤回申请", "Withdraw the application"),
      from: "applicant",
      form: z.object({}),
      ends: "withdrawn",
    }),
    extend: message({
      title: text("延长期限", "Extend the period"),
      from: { duty: "permit.decide" },
      form: z.object({}),
    }),
  },
  slots: { record: text("登记", "Record") },
  notices: {
    acceptance: { title: text("受理通知书", "Notice of acceptance"), legalBasis: [article], seal: "licensing" },
  },
  legalBasis: [article],
});

export const KIOSK_PERSON = z.object({
  name: field(z.string().min(1).max(100), { title: text("姓名", "Name"), lookup: "name" }),
  identityNumber: field(z.string().max(18), {
    title: text("身份证件号码", "Identity number"),
    kind: "identity-number",
    sensitive: true,
    lookup: "unique",
  }),
});

/** 报刊亭: a kiosk register and its permit. */
export const kiosk = defineContract({
  id: "kiosk",
  version: "1.0",
  title: text("报刊亭", "Kiosks"),
  steward: text("示例部门", "Sample department"),
  registers: {
    keeper: register({
      title: text("经营者", "Keepers"),
      schema: KIOSK_PERSON,
      subject: { kind: "person", by: "key" },
      legalBasis: [article],
      retention: { years: 10 },
    }),
    stand: register({
      title: text("亭位", "Stands"),
      schema: z.object({ street: field(z.string().max(200), { title: text("街道", "Street"), lookup: "exact" }) }),
      subject: { kind: "none" },
      legalBasis: [article],
      retention: "permanent",
    }),
  },
  operations: {
    listStands: query({
      title: text("查看亭位", "List stands"),
      audience: ["public"],
      input: z.object({ street: z.string().max(200).optional() }),
      output: z.array(z.object({ street: z.string().max(200) })).max(200),
      refusals: {},
      legalBasis: [article],
    }),
    findKeeper: query({
      title: text("查询经营者", "Find a keeper"),
      audience: ["official", "node"],
      duty: "kiosk.inspect",
      input: z.object({ key: Key }),
      output: z.object({ name: z.string().max(100) }),
      refusals: {
        "not-found": text("没有这个经营者，请核对后重试。", "There is no such keeper; please check and try again."),
      },
      legalBasis: [article],
    }),
    moveStand: command({
      title: text("迁移亭位", "Move a stand"),
      audience: ["person", "organization"],
      input: z.object({ key: Key, street: z.string().max(200) }),
      output: z.object({}),
      refusals: {},
      legalBasis: [article],
    }),
    closeStand: command({
      title: text("撤销亭位", "Close a stand"),
      audience: ["official"],
      duty: "kiosk.close",
      input: z.object({ key: Key }),
      output: z.object({}),
      refusals: {},
      legalBasis: [article],
    }),
    recordPermit: command({
      title: text("登记许可", "Record a permit"),
      audience: ["node"],
      input: z.object({ caseId: Key }),
      output: z.object({}),
      refusals: {},
      legalBasis: [article],
    }),
  },
  services: {
    permit: service({
      title: text("报刊亭许可", "Kiosk permit"),
      summary: text("设置报刊亭的许可。", "A permit to set up a kiosk."),
      keywords: ["报刊亭", "kiosk"],
      applicants: ["organization"],
      form: z.object({
        street: field(z.string().min(1).max(200), { title: text("街道", "Street"), hint: text("写全称", "In full") }),
        area: field(z.number().min(1).max(50).optional(), { title: text("面积", "Area") }),
      }),
      facts: {},
      materials: {},
      procedure: permitting,
      fee: text("不收费", "Free of charge"),
      limits: { promisedDays: 5, statutoryDays: 20, lawDays: 20 },
      result: text("许可证", "Permit"),
      legalBasis: [article],
      numberPrefix: "KP",
    }),
  },
  events: {
    standMoved: event({
      title: text("亭位已迁移", "A stand was moved"),
      payload: z.object({ key: Key }),
    }),
  },
});
