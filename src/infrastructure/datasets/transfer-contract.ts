import { z } from "zod";
import { query } from "#kernel/contract/contract";
import { text } from "#lib/language/text";
import { ITEMS_MAX, RANGES_MAX } from "#lib/reconciliation/find-differences";
import { Description } from "./description.ts";
import { GRANT_PROBLEMS } from "./grant-problems.ts";
import { NAME_LENGTH_MAX, PARCEL_MAX_CHARACTERS, REPAIR_VERSIONS } from "./limits.ts";
import { Recipient } from "./parcel.ts";
import { sharingLaw } from "./terms.ts";

/** What the nodes of both sides ask each other. Only another node may, and only for what was agreed. */

const asking = { audience: ["node"], legalBasis: sharingLaw, fromItsLike: true } as const;
const Register = z.string().min(1).max(NAME_LENGTH_MAX);
const Position = z.int().min(0);
const Parcel = z.string().max(PARCEL_MAX_CHARACTERS);
const Fingerprint = z.string().regex(/^[0-9a-f]{32}$/);
const Total = z.object({ entries: Position, fingerprint: Fingerprint });
const Item = z.object({ key: z.uuid(), digest: Fingerprint });
const Range = z.object({ bits: z.int().min(0).max(16), prefix: z.int().min(0).max(65_535) });
const Ranges = z.array(Range).min(1).max(RANGES_MAX);
/** By which grant of the source's catalogue; without it, by the law that both sides agreed on. */
const Grant = z.int().min(1).optional();
const of = z.object({ register: Register, epoch: z.uuid(), grant: Grant });

const agreed = {
  "not-agreed": text(
    "来源方没有与本节点约定提供该数据集，约定已到期，或未说明约定的依据。未提供任何数据；请与数源部门联系。",
    "The source has no agreement with this node about this data set, it has ended, or its basis was not given. Nothing was provided; please turn to the steward.",
  ),
  ...GRANT_PROBLEMS,
  preparing: text(
    "数据集正在准备，稍后可取。已有的副本不受影响。",
    "The data set is being prepared and can be had soon. What copies hold stays.",
  ),
} as const;
const sameEpoch = {
  ...agreed,
  "begun-anew": text(
    "来源方重新开始了该数据集，须重新取得全部数据；完整之前副本不能查询。",
    "The source began this data set anew, and all of it is fetched again; until it is whole, the copy cannot be looked into.",
  ),
} as const;
const damaged = text(
  "来源方有一条数据与登记时不一致，未予提供。来源方须先查明；已收到的数据不受影响。",
  "A version at the source is not as it was recorded, and was not passed on. The source has to look into it; what was received stays.",
);
const ahead = text(
  "副本比来源方更新：来源方可能从备份恢复。须核对后继续。",
  "The copy is further than its source, which may have been restored from a backup. They are reconciled, and then it goes on.",
);

export const transferOperations = {
  describe: query({
    unfiltered: "one",
    ...asking,
    title: text("说明数据集", "Describe a data set"),
    input: z.object({ register: Register, grant: Grant }),
    output: z.object({ description: Description, position: Position }),
    refusals: agreed,
  }),
  fetchPage: query({
    ...asking,
    title: text("取一页现有数据", "Fetch a page of what stands"),
    input: of.extend({
      after: z.object({ place: z.int().min(0).max(65_535), key: z.uuid() }).optional(),
      recipient: Recipient,
    }),
    output: z.object({
      position: Position,
      end: z.object({ place: z.int().min(0).max(65_535), key: z.uuid() }).optional(),
      parcel: Parcel,
    }),
    refusals: {
      ...sameEpoch,
      damaged,
      "too-large": text(
        "来源方有一个条目的现行版本过大，一次不能传送。来源方须先处理；已收到的数据不受影响。",
        "An entry of the source is too large for one answer. The source has to see to it; what was received stays.",
      ),
    },
  }),
  fetchChanges: query({
    unfiltered: "admitted",
    ...asking,
    title: text("取变更", "Fetch changes"),
    input: of.extend({ after: Position, version: z.string().max(20), recipient: Recipient }),
    output: z.object({
      after: Position,
      upTo: Position,
      upToAt: z.iso.datetime().optional(),
      /** The newest. */
      position: Position,
      removed: z.array(Item),
      parcel: Parcel,
      /** What stands in the scope, where `upTo` is the newest. */
      total: Total.optional(),
    }),
    refusals: {
      ...sameEpoch,
      damaged,
      ahead,
      "too-old": text(
        "来源方已不再保留这么早的变更。须核对后继续；现有副本保留。",
        "The source no longer keeps changes that old. The copy is reconciled and then goes on; what it holds stays.",
      ),
      "other-version": text(
        "数据集的结构已变更，须先重新取得说明。",
        "The data set has another structure now; its description is fetched first.",
      ),
    },
  }),
  fetchSummaries: query({
    unfiltered: "admitted",
    ...asking,
    title: text("取区段摘要", "Fetch summaries of ranges"),
    input: of.extend({ position: Position, ranges: Ranges }),
    output: z.object({ summaries: z.array(Total).max(RANGES_MAX) }),
    refusals: {
      ...sameEpoch,
      ahead,
      "moved-on": text("来源方变更过多，须先取得变更再核对。", "Too much changed since; changes are fetched first."),
    },
  }),
  fetchItems: query({
    unfiltered: "admitted",
    ...asking,
    title: text("取区段内的版本名称", "Fetch the names of versions in ranges"),
    input: of.extend({ position: Position, ranges: Ranges, after: Item.optional() }),
    output: z.object({ items: z.array(Item).max(ITEMS_MAX), more: z.boolean() }),
    refusals: {
      ...sameEpoch,
      ahead,
      "moved-on": text("来源方变更过多，须先取得变更再核对。", "Too much changed since; changes are fetched first."),
    },
  }),
  fetchVersions: query({
    ...asking,
    title: text("取缺少的版本", "Fetch versions that are missing"),
    input: of.extend({ items: z.array(Item).min(1).max(REPAIR_VERSIONS), recipient: Recipient }),
    output: z.object({ parcel: Parcel, more: z.boolean() }),
    refusals: { ...sameEpoch, damaged },
  }),
};
