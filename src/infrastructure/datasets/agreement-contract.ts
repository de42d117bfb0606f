import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { ATTRIBUTES_MAX, CITATIONS_MAX, FOUND_MAX, GRANT_NUMBER_MAX, LIST_LENGTH, NAME_LENGTH_MAX } from "./limits.ts";
import { PUBLISH, RECEIVE, sharingLaw } from "./terms.ts";

/** What officials of both sides agree on, and what they see of it. */

const Register = field(
  z
    .string()
    .max(NAME_LENGTH_MAX)
    .regex(/^[a-z][a-z0-9-]*\.[A-Za-z][A-Za-z0-9]*$/),
  { title: text("登记簿", "Register") },
);
const Node = field(
  z
    .string()
    .max(63)
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/),
  { title: text("节点代码", "Code of the node") },
);
const Division = field(z.string().regex(/^\d{0,12}$/), {
  title: text("区划代码开头（留空为全部）", "Divisions that begin with (empty: all)"),
});
const Attributes = z.array(z.string().max(NAME_LENGTH_MAX)).min(1).max(ATTRIBUTES_MAX);
const Words = z.object({
  zh: z.string().trim().min(1).max(NAME_LENGTH_MAX),
  en: z.string().trim().min(1).max(NAME_LENGTH_MAX),
});
/** 共享的法律依据 */
const Basis = z
  .array(z.object({ law: Words, article: z.string().trim().min(1).max(NAME_LENGTH_MAX) }))
  .min(1)
  .max(CITATIONS_MAX);

const publishing = { audience: ["official"], duty: PUBLISH, legalBasis: sharingLaw } as const;
const receiving = { audience: ["official"], duty: RECEIVE, legalBasis: sharingLaw } as const;

const unknownRegister = text("本节点没有这个登记簿。", "This node keeps no such register.");
const unknownCopy = text("没有这个副本，或已终止。", "There is no such copy, or it has ended.");
const asOfficial = text("须由在岗的工作人员办理。", "This is done by an official at a post.");

export const PublicationView = z.object({
  register: z.string(),
  title: Words,
  state: z.enum(["preparing", "ready"]),
  entries: z.int(),
  position: z.int(),
  waiting: z.int(),
  offers: z.array(
    z.object({
      node: z.string(),
      division: z.string(),
      attributes: z.array(z.string()),
      /** On which law it rests, and until when. */
      basis: Basis,
      endsOn: z.string(),
      acknowledged: z.int().optional(),
      askedAt: z.string().optional(),
    }),
  ),
  /** Nodes that follow it by grants of the catalogue. */
  followers: z.array(
    z.object({
      node: z.string(),
      grant: z.int(),
      attributes: z.array(z.string()),
      acknowledged: z.int().optional(),
      askedAt: z.string(),
      /** Why it was last refused: the code that its copy shows as well. */
      refused: z.string().optional(),
    }),
  ),
});

export const CopyView = z.object({
  id: z.int(),
  register: z.string(),
  title: Words.optional(),
  /** 数源部门 */
  steward: Words.optional(),
  node: z.string(),
  division: z.string(),
  attributes: z.array(z.string()),
  /** The grant on which it rests, for what and until when; absent where both sides agreed on a law. */
  grant: z
    .object({ number: z.int(), purposes: z.array(z.string()).optional(), until: z.string().optional() })
    .optional(),
  /** Why what it holds may not be used. */
  barred: z.string().optional(),
  state: z.enum(["waiting", "filling", "current", "stopped", "ended"]),
  trouble: z.string().optional(),
  entries: z.int(),
  position: z.int().optional(),
  /** Positions that the source has and the copy has not, as far as was heard. */
  behind: z.int().optional(),
  sourceAt: z.string().optional(),
  heardAt: z.string().optional(),
  conflicts: z.int(),
  reconciledAt: z.string().optional(),
  reconciled: z.object({ missing: z.int(), surplus: z.int(), problem: z.string().optional() }).optional(),
});

export const agreementOperations = {
  publish: command({
    ...publishing,
    title: text("发布数据集", "Publish a data set"),
    input: z.object({
      register: Register,
      divisionAttribute: field(z.string().max(NAME_LENGTH_MAX).optional(), {
        title: text("存放区划代码的属性", "Attribute that holds the division's code"),
      }),
    }),
    output: z.object({}),
    refusals: {
      "no-post": asOfficial,
      "unknown-register": unknownRegister,
      "unfit-attribute": text(
        "该属性不存在，或属敏感信息，不能用来按区划划分。",
        "There is no such attribute, or it is sensitive and cannot divide a data set.",
      ),
      published: text("该数据集已经发布。", "This data set is published already."),
    },
  }),
  offer: command({
    ...publishing,
    title: text("依法向上级或下级节点提供数据集", "Give a data set to a node above or below, by law"),
    input: z.object({
      register: Register,
      node: Node,
      division: Division,
      attributes: Attributes,
      basis: Basis,
      endsOn: field(z.iso.date(), { title: text("终止日期", "Ends on") }),
    }),
    output: z.object({}),
    refusals: {
      "no-post": asOfficial,
      "not-published": text("该数据集尚未发布。", "This data set is not published."),
      "unknown-attribute": text("登记簿没有属性“{attribute}”。", "The register has no attribute “{attribute}”."),
      undivided: text(
        "该数据集没有按区划划分，只能整体提供。",
        "This data set is not divided by division and can be given as a whole alone.",
      ),
      past: text("终止日期已过。", "That day has passed."),
      "not-in-line": text(
        "该节点不是本节点的上级或下级，不能依法直接汇聚或回流。请由需求部门在数据目录中申请，取得授权后凭授权取用。",
        "That node stands neither above nor below this one, so that no law of aggregation or return covers it. Its authority asks in the catalogue, and follows by the grant.",
      ),
      offered: text("已与该节点约定。须先终止原约定。", "There is an agreement with this node already; end it first."),
    },
  }),
  endOffer: command({
    ...publishing,
    title: text("终止约定", "End an agreement"),
    input: z.object({ register: Register, node: Node }),
    output: z.object({}),
    refusals: {
      "no-post": asOfficial,
      "not-offered": text("与该节点没有执行中的约定。", "There is no agreement with this node in force."),
    },
  }),
  recount: command({
    ...publishing,
    title: text("重新汇总数据集", "Sum a data set up anew"),
    input: z.object({ register: Register }),
    output: z.object({}),
    refusals: {
      "no-post": asOfficial,
      "not-published": text("该数据集尚未发布。", "This data set is not published."),
    },
  }),
  listPublications: query({
    lists: { rows: { register: "text" } },
    ...publishing,
    title: text("已发布的数据集", "Published data sets"),
    input: z.object({}),
    output: z.object({
      items: z.array(PublicationView).max(LIST_LENGTH),
      /** Registers that were granted to nodes and are not published yet: their data do not flow. */
      awaited: z.array(z.object({ register: z.string(), title: Words, node: z.string(), grant: z.int() })),
    }),
    refusals: {},
  }),
  subscribe: command({
    ...receiving,
    title: text("建立副本", "Have a copy kept"),
    input: z.object({ register: Register, node: Node, division: Division, attributes: Attributes, basis: Basis }),
    output: z.object({ id: z.int() }),
    refusals: {
      "no-post": asOfficial,
      "own-node": text("不能建立本节点自己的副本。", "A node keeps no copy of its own."),
      kept: text("该数据集已有副本。", "There is a copy of this data set already."),
    },
  }),
  subscribeByGrant: command({
    ...receiving,
    title: text("凭授权建立副本", "Have a copy kept by a grant"),
    input: z.object({
      register: Register,
      node: Node,
      grant: field(z.int().min(1).max(GRANT_NUMBER_MAX), {
        title: text("来源方的授权编号", "Number of the grant at the source"),
      }),
    }),
    output: z.object({ id: z.int() }),
    refusals: {
      "no-post": asOfficial,
      "own-node": text("不能建立本节点自己的副本。", "A node keeps no copy of its own."),
      kept: text("该数据集已有副本。", "There is a copy of this data set already."),
    },
  }),
  endCopy: command({
    ...receiving,
    title: text("终止并清除副本", "End a copy and erase it"),
    input: z.object({ id: z.int().min(1) }),
    output: z.object({}),
    refusals: { "no-post": asOfficial, "unknown-copy": unknownCopy },
  }),
  reconcileCopy: command({
    ...receiving,
    title: text("核对副本", "Hold a copy against its source"),
    input: z.object({
      id: z.int().min(1),
      /** Also opens every version of the copy, to find what was changed behind its back. */
      thorough: z.boolean().default(false),
    }),
    output: z.object({}),
    refusals: { "no-post": asOfficial, "unknown-copy": unknownCopy },
  }),
  listCopies: query({
    lists: { rows: { register: "text", node: "text", division: "text" } },
    ...receiving,
    title: text("本节点的副本", "Copies of this node"),
    input: z.object({}),
    output: z.object({ items: z.array(CopyView).max(LIST_LENGTH) }),
    refusals: {},
  }),
  lookUp: query({
    unfiltered: "sealed",
    audience: ["official", "node"],
    duty: RECEIVE,
    legalBasis: sharingLaw,
    title: text("查询副本", "Look something up in a copy"),
    input: z.object({
      id: z.int().min(1),
      by: z.union([
        z.object({ key: z.uuid() }),
        z.object({ attribute: z.string().max(NAME_LENGTH_MAX), value: z.string().min(1).max(500) }),
      ]),
    }),
    output: z.object({
      /** 一数一源：以数源部门的登记为准 */
      steward: Words,
      node: z.string(),
      /** What the source had recorded until then is in the copy. */
      asOf: z.string().optional(),
      entries: z
        .array(
          z.object({
            key: z.string(),
            value: z.record(z.string(), z.json()),
            validFrom: z.string(),
            validTo: z.string().optional(),
            recordedFrom: z.string(),
            authority: z.string(),
            legalBasis: z.array(z.string()),
          }),
        )
        .max(FOUND_MAX),
      more: z.boolean(),
    }),
    refusals: {
      "unknown-copy": unknownCopy,
      incomplete: text(
        "副本尚不完整，暂不能查询。请稍后再试，或向数源部门查询。",
        "The copy is not whole yet and cannot be looked into. Try later, or ask the steward.",
      ),
      "not-granted": text(
        "授权已暂停、终止或到期，副本不得使用。原因见“数据集”页面。",
        "The grant was suspended, has ended or expired, and the copy may not be used; why, the page “Data sets” says.",
      ),
      "other-purpose": text("授权不含本次查询的用途。", "The grant is not for the purpose of this look."),
      "not-found-by": text("不能按该属性查询。", "Entries are not found by this attribute."),
    },
  }),
};
