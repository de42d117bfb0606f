import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import {
  ABSTRACT_LENGTH_MAX,
  ATTRIBUTES_MAX,
  catalogueLaw,
  DATA_TYPES,
  NAME_LENGTH_MAX,
  NUMBER_MAX,
  READ,
  REVIEW,
  STEWARD,
  UPDATE_CYCLES,
  WORDS_LENGTH_MAX,
} from "./terms.ts";

const Id = z.uuid();
const Words = z.object({ zh: z.string(), en: z.string() });
/** `population.person`, `population.findPerson`: as the contracts name it. */
export const ResourceId = z.string().regex(/^[a-z][a-z0-9-]{0,59}\.[a-z][A-Za-z0-9]{0,79}$/);
export const AttributeName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,59}(?:\.[A-Za-z][A-Za-z0-9_]{0,59})?$/);
export const MatterNumber = z.int().min(1).max(NUMBER_MAX);
const Line = (max: number) => z.string().trim().min(1).max(max);

/** How one attribute is shared: a condition where there are conditions, the law where it is not shared. */
export const AttributeSharing = z.discriminatedUnion("sharing", [
  z.object({ name: AttributeName, sharing: z.literal("unconditional") }),
  z.object({ name: AttributeName, sharing: z.literal("conditional"), condition: Line(WORDS_LENGTH_MAX) }),
  z.object({
    name: AttributeName,
    sharing: z.literal("none"),
    law: z.object({ law: Line(NAME_LENGTH_MAX), article: Line(NAME_LENGTH_MAX) }),
  }),
]);

/** What a steward adds to what the contract says; the names in brackets are the guide's. */
export const Description = z.object({
  /** 信息资源分类码: 类 1, 项 2, 目 3 digits, 细目 of any length. */
  class: field(z.string().regex(/^[1-3]\d{5}\d{0,6}$/), {
    title: text("信息资源分类码", "Class of the resource"),
    hint: text(
      "类1位（1基础 2主题 3部门）、项2位、目3位，细目可再加至6位",
      "Class 1 digit (1 base, 2 theme, 3 department), item 2, subitem 3, up to 6 more",
    ),
  }),
  abstract: field(z.object({ zh: Line(ABSTRACT_LENGTH_MAX), en: Line(ABSTRACT_LENGTH_MAX) }), {
    title: text("信息资源摘要", "Abstract"),
  }),
  attributes: z.array(AttributeSharing).min(1).max(ATTRIBUTES_MAX),
  updateCycle: field(z.enum(Object.keys(UPDATE_CYCLES) as [keyof typeof UPDATE_CYCLES]), {
    title: text("更新周期", "Update cycle"),
    kind: "select",
    options: UPDATE_CYCLES,
  }),
  /** 开放属性: whether the public may see that there is this resource, and what it holds. */
  open: field(z.boolean(), { title: text("目录向社会公布", "The entry may be public"), kind: "boolean" }),
  contact: field(Line(NAME_LENGTH_MAX), {
    title: text("责任联系人（岗位和电话）", "Responsible contact (post and telephone)"),
  }),
});

const Attribute = z.object({
  name: z.string(),
  title: Words,
  type: z.enum(Object.keys(DATA_TYPES) as [keyof typeof DATA_TYPES]),
  sensitive: z.boolean(),
  /** Whether an answer cannot be without it; `with-list`: where anything else of its list is given. */
  needed: z.enum(["always", "with-list", "no"]),
});

export const EntryView = z.object({
  number: z.int(),
  resource: z.string(),
  /** 信息资源代码: class and number. */
  code: z.string(),
  authority: Id,
  state: z.enum(["drafted", "released", "returned", "superseded"]),
  /** Unconditional where each attribute is; not shared where nothing can be had without what is not. */
  sharing: z.enum(["unconditional", "conditional", "none"]),
  description: Description,
  draftedBy: Id,
  draftedAt: z.string(),
  reviewedBy: Id.optional(),
  reviewedAt: z.string().optional(),
  reviewReason: z.string().optional(),
});

const ResourceView = z.object({
  id: z.string(),
  kind: z.enum(["register", "operation"]),
  title: Words,
  roomTitle: Words,
  /** 信息资源提供方. */
  authority: z.string(),
  /** 信息资源格式, 共享方式: as the platform gives it. */
  format: Words,
  sharing: z.enum(["unconditional", "conditional", "none"]).optional(),
  /** Number of the entry in force, and of one that waits for its review. */
  entry: z.int().optional(),
  waiting: z.int().optional(),
});

const looking = { audience: ["official", "node"], duty: READ, legalBasis: catalogueLaw } as const;
const noSuchResource = text(
  "没有这项资源，请从目录中选择。",
  "There is no such resource; please choose one of the catalogue.",
);
const asOfficial = text("须由在岗的工作人员办理。", "This is done by an official at a post.");

/** Operations of the catalogue proper. */
export const entryOperations = {
  listResources: query({
    unfiltered: "arrangement",
    ...looking,
    title: text("资源清单", "Resources"),
    input: z.object({
      room: z.string().max(60).optional(),
      /** Those alone that wait for a review. */
      waiting: z.boolean().optional(),
      after: z.string().max(160).optional(),
    }),
    output: z.object({ items: z.array(ResourceView), next: z.string().optional() }),
    refusals: {},
  }),
  findResource: query({
    unfiltered: "one",
    ...looking,
    title: text("查询资源", "Find a resource"),
    input: z.object({ resource: ResourceId }),
    output: ResourceView.extend({
      attributes: z.array(Attribute),
      current: EntryView.optional(),
      draft: EntryView.optional(),
    }),
    refusals: { "not-found": noSuchResource },
  }),
  publicEntries: query({
    title: text("公开的政务数据目录", "The public catalogue"),
    audience: ["public"],
    input: z.object({ after: z.int().min(0).max(NUMBER_MAX).optional() }),
    output: z.object({
      items: z.array(
        z.object({
          number: z.int(),
          code: z.string(),
          title: Words,
          authority: Id,
          abstract: Words,
          attributes: z.array(z.object({ title: Words, sharing: z.enum(["unconditional", "conditional", "none"]) })),
          sharing: z.enum(["unconditional", "conditional", "none"]),
          updateCycle: z.string(),
          releasedOn: z.string(),
        }),
      ),
      next: z.int().optional(),
    }),
    refusals: {},
    legalBasis: catalogueLaw,
  }),
  describeResource: command({
    title: text("编制目录", "Describe a resource"),
    audience: ["official"],
    duty: STEWARD,
    legalBasis: catalogueLaw,
    input: z.object({ resource: ResourceId, description: Description }),
    output: z.object({ number: z.int() }),
    refusals: {
      "no-post": asOfficial,
      "not-found": noSuchResource,
      "not-keeper": text(
        "只有提供该资源的机关可以编制目录。",
        "The authority that keeps the resource alone describes it.",
      ),
      "attributes-differ": text(
        "须为每个信息项各定一种共享类型，不多不少：{attributes}",
        "Each attribute needs its one kind of sharing, no more and no less: {attributes}",
      ),
      secret: text(
        "标有国家秘密或工作秘密的内容不属于政务数据，不能编入目录。请删去后重新提交。",
        "What is marked as a state or work secret is outside the catalogue; please remove it and send again.",
      ),
      waiting: text("该资源已有一份目录待审查。", "An entry of this resource waits for its review already."),
    },
  }),
  reviewEntry: command({
    title: text("目录保密审查", "Review an entry before release"),
    audience: ["official"],
    duty: REVIEW,
    legalBasis: catalogueLaw,
    input: z.object({
      number: field(MatterNumber, { title: text("目录编号", "Number of the entry") }),
      decision: field(z.enum(["released", "returned"]), {
        title: text("审查结论", "Finding"),
        kind: "radios",
        options: {
          released: text("不涉及国家秘密和工作秘密，准予发布", "No state or work secret: released"),
          returned: text("退回修改", "Returned"),
        },
      }),
      reason: field(Line(WORDS_LENGTH_MAX), { title: text("审查意见", "Reasons"), kind: "textarea" }),
    }),
    output: z.object({ code: z.string() }),
    refusals: {
      "no-post": asOfficial,
      "not-found": text("没有这份待审查的目录，或不属于本机关。", "No such entry waits here for its review."),
      "own-draft": text("编制人不能审查自己编制的目录。", "Whoever drafted an entry does not review it."),
    },
  }),
} as const;
