import { z } from "zod";
import { cite, LICENSING_LAW } from "#kernel/contract/citation";
import { defineContract, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

/** 国务院关于在线政务服务的若干规定 (2019, State Council decree 716). */
const ONLINE_SERVICES_PROVISIONS = text(
  "国务院关于在线政务服务的若干规定",
  "Provisions of the State Council on Online Government Services",
);

/** Characters of a question. */
export const ITEM_QUERY_LENGTH = 100;
/** Items in one answer. */
export const ITEM_LIST_LENGTH = 100;
const MAX_NAME_CHARACTERS = 60;

const Both = z.object({ zh: z.string(), en: z.string() });
const Applicant = z.enum(["person", "organization"]);

/** A service item as everyone may know it. */
const Item = z.object({
  /** Where it lives: `quality`, `foodBusinessLicence`. */
  room: z.string(),
  service: z.string(),
  title: Both,
  summary: Both,
  /** The department that answers for it. */
  steward: Both,
  applicants: z.array(Applicant),
  /** Working days: promised, of the item's own rules, of the law. */
  limits: z.object({ promisedDays: z.number(), statutoryDays: z.number(), lawDays: z.number() }),
  fee: Both,
  /** What one has at its end. */
  result: Both,
  legalBasis: z.array(z.object({ law: Both, article: z.string() })),
});

const Guide = Item.extend({
  /** What government knows and does not ask for. */
  known: z.array(z.object({ title: Both, source: Both })),
  materials: z.array(
    z.object({
      name: z.string(),
      title: Both,
      hint: Both.optional(),
      required: z.boolean(),
      mediaTypes: z.array(z.string()),
      maxBytes: z.number(),
    }),
  ),
});

const legalBasis = [cite(LICENSING_LAW, "第三十条"), cite(ONLINE_SERVICES_PROVISIONS, "第六条")];

export const items = defineContract({
  id: "items",
  version: "1.0",
  title: text("政务服务事项", "Service items"),
  steward: text("政务服务管理部门", "Government services authority"),
  ofEveryNode: true,
  operations: {
    searchItems: query({
      title: text("查找事项", "Find service items"),
      audience: ["public"],
      input: z.object({
        /** In either language, a sentence or a part of a word, or pinyin. Empty: every item. */
        query: field(z.string().trim().max(ITEM_QUERY_LENGTH).optional(), {
          title: text("您要办的事", "What you need to do"),
        }),
        applicant: field(Applicant.optional(), {
          title: text("谁申请", "Who applies"),
          options: { person: text("个人", "A person"), organization: text("单位", "An organization") },
        }),
      }),
      /** The nearest first; without a query, in the order of the rooms. */
      output: z.object({ items: z.array(Item) }),
      refusals: {},
      legalBasis,
    }),
    findItem: query({
      title: text("办事指南", "The guide to a service item"),
      audience: ["public"],
      input: z.object({
        room: field(z.string().trim().min(1).max(MAX_NAME_CHARACTERS), { title: text("系统", "Room") }),
        service: field(z.string().trim().min(1).max(MAX_NAME_CHARACTERS), { title: text("事项", "Service item") }),
      }),
      output: Guide,
      refusals: {
        "not-found": text("没有这个事项。请从“办事”页面查找。", "There is no such item. Look for it under Services."),
      },
      legalBasis,
    }),
  },
});
