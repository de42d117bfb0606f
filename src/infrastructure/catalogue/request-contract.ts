import { z } from "zod";
import { command } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { AttributeName, MatterNumber, ResourceId } from "./entry-contract.ts";
import { stepRefusals, Words } from "./matter-contract.ts";
import { EXTENSION_DAYS_MAX } from "./periods.ts";
import { SystemName } from "./systems.ts";
import {
  ATTRIBUTES_MAX,
  COORDINATE,
  catalogueLaw,
  NAME_LENGTH_MAX,
  REQUEST,
  STEWARD,
  WORDS_LENGTH_MAX,
} from "./terms.ts";

/** Uses that one request asks for at most, and in one day. */
export const VOLUME_MAX = 1_000_000_000;
/** A grant lasts no longer; who needs more asks again. */
export const TERM_YEARS_MAX = 3;
/** The consumer's systems that one request names. */
const SYSTEMS_MAX = 40;
/** What is missing in one list. */
const MISSING_MAX = 20;

/** For what an authority's systems may ask others: acts with another purpose are not covered by a grant. */
export const USE_PURPOSES = {
  case: text("办理办件", "Handling cases"),
  "register-keeping": text("维护登记簿", "Keeping a register"),
  verification: text("核验", "Verification"),
  supervision: text("监督检查", "Supervision"),
} as const;

const Line = (max: number) => z.string().trim().min(1).max(max);
const Volume = z.int().min(1).max(VOLUME_MAX);
const PerDay = field(Volume, { title: text("每日用量（次或条）", "Uses a day") });
const Total = field(Volume, { title: text("总用量（次或条）", "Uses in all") });
const Until = field(z.iso.date(), { title: text("使用期限至", "Until"), kind: "date" });

/** What an authority asks for (使用依据、使用场景、使用范围、使用时限). */
export const RequestContent = z.object({
  attributes: z.array(AttributeName).min(1).max(ATTRIBUTES_MAX),
  purpose: field(Line(WORDS_LENGTH_MAX), { title: text("使用目的和场景", "Purpose"), kind: "textarea" }),
  purposes: field(
    z
      .array(z.enum(Object.keys(USE_PURPOSES) as [keyof typeof USE_PURPOSES]))
      .min(1)
      .max(4),
    { title: text("用于", "Used for"), kind: "checkboxes", options: USE_PURPOSES },
  ),
  law: field(Line(NAME_LENGTH_MAX), { title: text("履职依据（法律法规）", "Law on which it rests") }),
  article: field(Line(NAME_LENGTH_MAX), { title: text("条款", "Article") }),
  perDay: PerDay,
  total: Total,
  until: Until,
  /** Through which it will be used; calls of any other are not covered. */
  systems: field(z.array(SystemName).min(1).max(SYSTEMS_MAX), {
    title: text("使用数据的系统（每行一个）", "Systems that will use it (one a line)"),
    hint: text(
      "本节点的系统写名称，如 quality；其他节点写 node:节点代码；外部系统写 client:标识@所接入的节点代码",
      "A room of this node by its name, such as quality; another node as node:code; a foreign system as client:identifier@code of the node at whose edge it is",
    ),
  }),
  /** 不得转授: stated by whoever asks; there is no request without it. */
  noOnwardUse: field(z.literal(true), {
    title: text(
      "承诺不扩大使用范围、不用于其他目的、不提供给第三方",
      "No wider use, no other purpose, no handing on to others",
    ),
    kind: "boolean",
  }),
});

const Missing = field(z.array(Line(WORDS_LENGTH_MAX)).min(1).max(MISSING_MAX), {
  title: text("需要补正的内容（每行一项）", "What is missing (one a line)"),
});

const asking = { audience: ["official"], duty: REQUEST, legalBasis: catalogueLaw } as const;
const answering = { audience: ["official"], duty: STEWARD, legalBasis: catalogueLaw } as const;
const state = z.object({ state: z.string() });
const step = { number: MatterNumber, words: Words };

const contentRefusals = {
  "attributes-unknown": text("该资源没有这些信息项：{attributes}", "The resource has no such attributes: {attributes}"),
  "attributes-needed": text(
    "没有这些信息项，返回的内容就不完整，须一并申请：{attributes}",
    "Without these attributes no answer would be whole; please ask for them as well: {attributes}",
  ),
  past: text("使用期限须在今天之后，最长三年。", "The term ends after today, and within three years."),
  "volume-wrong": text("每日用量不能大于总用量。", "The uses of a day cannot exceed those in all."),
  "systems-wrong": text(
    "这些系统不由本机关管理，或不在本机关所在的节点：{systems}",
    "Your authority does not keep these systems, or they are not of its node: {systems}",
  ),
  secret: text(
    "标有国家秘密或工作秘密的内容不能填报。请删去后重新提交。",
    "What is marked as a state or work secret may not be entered; please remove it and send again.",
  ),
} as const;

/** An authority asks another for data, and is answered. */
export const requestOperations = {
  requestData: command({
    ...asking,
    title: text("申请共享数据", "Ask for data"),
    input: z.object({ resource: ResourceId, content: RequestContent }),
    output: z.object({ number: z.int() }),
    refusals: {
      "no-post": stepRefusals["no-post"],
      "not-found": text(
        "目录中没有这项资源，或尚未发布。",
        "There is no such resource in the catalogue, or no entry of it was released.",
      ),
      "own-resource": text("该资源由本机关提供，无须申请。", "Your authority keeps this resource itself."),
      "not-shared": text("该资源不予共享，依据：{law}。", "This resource is not shared, by {law}."),
      "no-superior": text(
        "机构目录中找不到两个机关共同的上级，不能确定共享主管部门。请联系平台管理员核对机构目录。",
        "The directory knows no authority above both, so that nobody could be in charge. Please ask who keeps the directory.",
      ),
      ...contentRefusals,
    },
  }),
  askCompletion: command({
    ...answering,
    title: text("一次性告知补正", "List what is missing, once"),
    input: z.object({ number: MatterNumber, missing: Missing }),
    output: state,
    refusals: stepRefusals,
  }),
  completeRequest: command({
    ...asking,
    title: text("补正申请", "Complete a request"),
    input: z.object(step),
    output: state,
    refusals: stepRefusals,
  }),
  askExtension: command({
    ...answering,
    title: text("申请延期答复", "Ask for more days"),
    input: z.object({
      ...step,
      days: field(z.int().min(1).max(EXTENSION_DAYS_MAX), {
        title: text("延长的工作日（最多10个）", "Working days (at most 10)"),
      }),
    }),
    output: state,
    refusals: {
      ...stepRefusals,
      "no-extension": text(
        "无条件共享的数据，答复不能延期。",
        "An answer about data that are shared unconditionally is not put off.",
      ),
    },
  }),
  decideExtension: command({
    audience: ["official"],
    duty: COORDINATE,
    legalBasis: catalogueLaw,
    title: text("审批延期答复", "Decide on more days"),
    input: z.object({
      ...step,
      decision: field(z.enum(["granted", "declined"]), {
        title: text("决定", "Decision"),
        kind: "radios",
        options: { granted: text("同意延期", "Granted"), declined: text("不同意延期", "Declined") },
      }),
    }),
    output: state,
    refusals: stepRefusals,
  }),
  consentRequest: command({
    ...answering,
    title: text("同意共享", "Consent"),
    input: z.object({
      ...step,
      /** Less than was asked, where less is enough. */
      perDay: PerDay.optional(),
      total: Total.optional(),
      until: Until.optional(),
    }),
    output: z.object({ state: z.string(), grant: z.int() }),
    refusals: {
      ...stepRefusals,
      past: contentRefusals.past,
      "volume-wrong": text(
        "用量和期限不能超过申请的范围，每日用量不能大于总用量。",
        "Volume and term stay within what was asked, and a day's uses within all.",
      ),
    },
  }),
  refuseRequest: command({
    ...answering,
    title: text("不同意共享", "Refuse"),
    input: z.object(step),
    output: state,
    refusals: stepRefusals,
  }),
  withdrawRequest: command({
    ...asking,
    title: text("撤回申请", "Withdraw a request"),
    input: z.object(step),
    output: state,
    refusals: stepRefusals,
  }),
} as const;
