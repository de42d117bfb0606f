import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { PURPOSES } from "#kernel/system/act";
import { text } from "#lib/language/text";
import { MEMBER_CLASSES } from "#lib/xroad/house-names";
import { isNewPart, PART_MAX_CHARACTERS, readClient, readService } from "#lib/xroad/identifier";

/** The duty to propose registrations of systems that are not ours, and to see them. */
export const REGISTER_SYSTEMS = "exchange.register";
/** The duty to decide on what another proposed. */
export const DECIDE_SYSTEMS = "exchange.decide";

export const IDENTIFIER_LENGTH_MAX = 1_000;
export const CERTIFICATE_LENGTH_MAX = 10_000;
export const DOCUMENT_LENGTH_MAX = 1_000_000;
export const ADDRESS_LENGTH_MAX = 500;
export const REASON_LENGTH_MAX = 500;
export const WORDS_LENGTH_MAX = 200;
export const ENDPOINTS_MAX = 200;
export const CITATIONS_MAX = 10;
/** Calls in a minute that one system may be given. */
export const PER_MINUTE_MAX = 60_000;
export const LIST_LENGTH = 50;
/** Parameters of one question to a foreign service. */
export const QUERY_MAX = 50;

/** 网络数据安全管理条例 (国令第790号, 2024): who hands data to others agrees on purpose, manner and scope, and keeps records (§12). */
const NETWORK_DATA_REGULATION = text("网络数据安全管理条例", "Regulation on Network Data Security Management");
/** 政务数据共享条例 (国令第809号, 2025). */
const SHARING_REGULATION = text("政务数据共享条例", "Regulation on the Sharing of Government Data");

const Id = z.uuid();
const Words = z.object({
  zh: z.string().trim().min(1).max(WORDS_LENGTH_MAX),
  en: z.string().trim().min(1).max(WORDS_LENGTH_MAX),
});
const Part = z.string().max(PART_MAX_CHARACTERS).refine(isNewPart);
const Client = z
  .string()
  .max(IDENTIFIER_LENGTH_MAX)
  .refine((value) => readClient(value)?.subsystem !== undefined);
const Service = z
  .string()
  .max(IDENTIFIER_LENGTH_MAX)
  .refine((value) => readService(value) !== undefined);
const Certificate = field(z.string().trim().min(100).max(CERTIFICATE_LENGTH_MAX), {
  title: text("TLS 证书（PEM）", "TLS certificate (PEM)"),
  kind: "textarea",
});
const Reason = field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
  title: text("理由", "Reason"),
  kind: "textarea",
});
const PerMinute = field(z.int().min(1).max(PER_MINUTE_MAX), {
  title: text("每分钟次数上限", "Calls a minute at most"),
});
const Subsystem = field(Client, {
  title: text("系统标识", "Identifier of the system"),
  hint: text("实例/成员类别/成员代码/子系统", "instance/class/member/subsystem"),
  kind: "text",
});

/** What is registered of each kind; as it stands in the table. */
export const SystemContent = z.object({
  client: Client,
  name: Words,
  contact: z.string().max(WORDS_LENGTH_MAX),
  perMinute: PerMinute,
});
export const CertificateContent = z.object({ client: Client, certificate: z.string(), fingerprint: z.string() });
export const RightContent = z.object({
  client: Client,
  /** The node through whose edge the system comes; absent: this one. */
  node: z.string().optional(),
  service: Service,
  /** Operations of a room, or `GET /path` of a foreign service. */
  endpoints: z.array(z.string()),
  purpose: z.enum(PURPOSES),
  legalBasis: z.array(z.object({ law: Words, article: z.string() })),
  until: z.string(),
});
export const ProviderContent = z.object({
  service: Service,
  name: Words,
  baseUrl: z.string(),
  document: z.string(),
  certificate: z.string(),
  fingerprint: z.string(),
});
export const CONTENTS = {
  system: SystemContent,
  certificate: CertificateContent,
  right: RightContent,
  provider: ProviderContent,
} as const;
export type RegistrationKind = keyof typeof CONTENTS;
const KINDS = Object.keys(CONTENTS) as [RegistrationKind, ...RegistrationKind[]];

const View = z.object({
  id: Id,
  kind: z.enum(KINDS),
  /** Whose officials decide. */
  authority: Id,
  /** The system or service that it is about. */
  about: z.string(),
  /** What it says, but for a provider's document, of which the digest stands here. */
  content: z.record(z.string(), z.unknown()),
  reason: z.string(),
  state: z.enum(["proposed", "rejected", "in-force", "stopped"]),
  proposedBy: Id,
  proposedAt: z.string(),
  decidedBy: Id.optional(),
  decidedAt: z.string().optional(),
  decisionReason: z.string().optional(),
  stoppedBy: Id.optional(),
  stoppedAt: z.string().optional(),
  stopReason: z.string().optional(),
});

const legalBasis = [cite(NETWORK_DATA_REGULATION, "第十二条"), cite(SHARING_REGULATION, "第四条")];
const proposing = { audience: ["official"], duty: REGISTER_SYSTEMS, legalBasis, output: z.object({ id: Id }) } as const;
const looking = { audience: ["official"], duty: REGISTER_SYSTEMS, legalBasis } as const;
const asOfficial = text("须由在岗的工作人员办理。", "This is done by an official at a post.");
const badCertificate = text(
  "这不是一份有效期内的 X.509 证书（PEM，仅一份）。",
  "This is not one X.509 certificate in PEM that is valid now.",
);
const taken = text(
  "已有同样的登记在执行或待审批，请先停用它，或等待审批。",
  "The same is registered already, or waits for a decision; stop that one first, or wait.",
);
const notFound = text(
  "没有这项登记，或应由其他机关办理。",
  "There is no such registration, or it is another authority's to decide.",
);
const unknownSystem = text("没有登记这个系统，请先登记。", "No such system is registered; register it first.");

const Named = z.array(
  z.object({ name: z.string().min(1).max(WORDS_LENGTH_MAX), value: z.string().max(ADDRESS_LENGTH_MAX) }),
);
/** A request to a foreign service. */
const Asked = {
  service: Service,
  /** With the values in it, percent-encoded: `/orders/42`. */
  path: z.string().max(ADDRESS_LENGTH_MAX),
  query: Named.max(QUERY_MAX).optional(),
  /** Those that its document describes; others are left out. */
  headers: z
    .array(
      z.object({
        name: z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/),
        value: z
          .string()
          .regex(/^[\x20-\x7e]*$/)
          .max(ADDRESS_LENGTH_MAX),
      }),
    )
    .max(QUERY_MAX)
    .optional(),
};
/** Its body is JSON, or absent. */
const ProviderAnswer = z.object({ status: z.int(), body: z.unknown().optional() });
const askingRefusals = {
  "unknown-service": text("没有这个服务。", "There is no such service."),
  "no-right": text(
    "未登记允许本系统以此目的使用这项服务。",
    "Nothing is registered that lets this room use this service for this purpose.",
  ),
  "bad-request": text("请求与服务的说明不符：{problem}", "This is not what the service describes: {problem}"),
  "bad-answer": text("对方系统的应答与其说明不符。", "The provider's answer is not what it describes."),
};

/** Systems that are not ours: who they are, what they may ask, and what they offer. */
export const xRoadOperations = {
  proposeSystem: command({
    ...proposing,
    title: text("登记一个外部系统", "Register a system that is not ours"),
    input: z.object({
      memberClass: field(z.enum(MEMBER_CLASSES), {
        title: text("成员类别", "Member class"),
        kind: "radios",
        options: {
          GOV: text("机关", "Public authority"),
          COM: text("企业", "Enterprise"),
          ORG: text("其他组织", "Other organization"),
        },
      }),
      memberCode: field(Part, {
        title: text("成员代码", "Member code"),
        hint: text("统一社会信用代码", "Unified social credit code"),
        kind: "text",
      }),
      subsystem: field(Part, { title: text("子系统代码", "Subsystem code"), kind: "text" }),
      name: Words,
      contact: field(z.string().trim().min(1).max(WORDS_LENGTH_MAX), { title: text("联系方式", "Contact") }),
      certificate: Certificate,
      perMinute: PerMinute,
      reason: Reason,
    }),
    output: z.object({ id: Id, certificate: Id, client: z.string() }),
    refusals: { "no-post": asOfficial, "bad-certificate": badCertificate, taken },
  }),
  proposeCertificate: command({
    ...proposing,
    title: text("登记系统的另一份证书", "Register a further certificate of a system"),
    input: z.object({ client: Subsystem, certificate: Certificate, reason: Reason }),
    refusals: { "no-post": asOfficial, "bad-certificate": badCertificate, "unknown-system": unknownSystem, taken },
  }),
  proposeRight: command({
    ...proposing,
    title: text("提出允许外部系统调用服务", "Propose what a system may call"),
    input: z.object({
      client: Subsystem,
      node: field(z.string().max(63).optional(), {
        title: text("经由的节点", "Node through which it comes"),
        hint: text("不填：本节点", "Absent: this one"),
      }),
      service: field(Service, {
        title: text("服务标识", "Identifier of the service"),
        hint: text("实例/成员类别/成员代码/子系统/服务", "instance/class/member/subsystem/service"),
        kind: "text",
      }),
      endpoints: z.array(z.string().trim().min(1).max(ADDRESS_LENGTH_MAX)).min(1).max(ENDPOINTS_MAX),
      purpose: field(z.enum(PURPOSES), { title: text("目的", "Purpose") }),
      legalBasis: z
        .array(z.object({ law: Words, article: z.string().trim().min(1).max(WORDS_LENGTH_MAX) }))
        .min(1)
        .max(CITATIONS_MAX),
      until: field(z.iso.datetime(), { title: text("有效期至", "Until") }),
      reason: Reason,
    }),
    refusals: {
      "no-post": asOfficial,
      "unknown-system": unknownSystem,
      "unknown-service": text("没有这个服务。", "There is no such service."),
      "unknown-endpoint": text(
        "服务没有操作 {endpoint}，或它不向外部系统开放。",
        "The service has no operation {endpoint}, or it is not open to other systems.",
      ),
      past: text("有效期须在将来。", "The end must be to come."),
    },
  }),
  proposeProvider: command({
    ...proposing,
    title: text("登记外部系统提供的服务", "Register a service that another system offers"),
    input: z.object({
      client: Subsystem,
      serviceCode: field(Part, { title: text("服务代码", "Service code"), kind: "text" }),
      name: Words,
      baseUrl: field(z.url({ protocol: /^https$/ }).max(ADDRESS_LENGTH_MAX), {
        title: text("服务地址（https）", "Address (https)"),
        kind: "text",
      }),
      document: field(z.string().min(1).max(DOCUMENT_LENGTH_MAX), {
        title: text("OpenAPI 3.0/3.1 文档", "OpenAPI 3.0 or 3.1 document"),
        kind: "textarea",
      }),
      certificate: Certificate,
      reason: Reason,
    }),
    output: z.object({ id: Id, service: z.string() }),
    refusals: {
      "no-post": asOfficial,
      "bad-certificate": badCertificate,
      "bad-address": text("服务地址不能带账号、参数或片段。", "The address may have no account, query or fragment."),
      "bad-document": text("文档不能采用。{where}：{problem}", "The document cannot be taken. {where}: {problem}"),
      "unknown-system": unknownSystem,
      taken,
    },
  }),
  decideRegistration: command({
    audience: ["official"],
    duty: DECIDE_SYSTEMS,
    legalBasis,
    title: text("审批外部系统的登记", "Decide on a registration"),
    input: z.object({
      id: Id,
      decision: field(z.enum(["approved", "rejected"]), {
        title: text("决定", "Decision"),
        kind: "radios",
        options: { approved: text("同意", "Approve"), rejected: text("驳回", "Reject") },
      }),
      reason: Reason,
    }),
    output: z.object({}),
    refusals: {
      "no-post": asOfficial,
      "not-found": notFound,
      "own-proposal": text(
        "不能审批自己提出的登记，须由另一岗位的另一名工作人员审批。",
        "Nobody decides on his own proposal: another official at another post does.",
      ),
      decided: text("此登记已有决定。", "It is decided already."),
      taken,
    },
  }),
  stopRegistration: command({
    audience: ["official"],
    duty: REGISTER_SYSTEMS,
    legalBasis,
    title: text("立即停用外部系统的登记", "Stop a registration at once"),
    input: z.object({ id: Id, reason: Reason }),
    output: z.object({}),
    refusals: {
      "no-post": asOfficial,
      "not-found": notFound,
      stopped: text("此登记不在执行中。", "It is not in force."),
    },
  }),
  findRegistration: query({
    ...looking,
    title: text("查询外部系统的登记", "Find a registration"),
    input: z.object({ id: Id }),
    output: View,
    refusals: { "not-found": notFound },
  }),
  listRegistrations: query({
    lists: { rows: { kind: "text" } },
    ...looking,
    title: text("外部系统的登记", "Registrations of systems that are not ours"),
    input: z.object({ kind: z.enum(KINDS).optional(), waiting: z.boolean().optional(), before: Id.optional() }),
    output: z.object({ items: z.array(View), next: Id.optional() }),
    refusals: {},
  }),
  askProvider: query({
    audience: ["node"],
    legalBasis,
    title: text("查询外部系统提供的服务", "Ask a service that another system offers"),
    input: z.object(Asked),
    output: ProviderAnswer,
    refusals: {
      ...askingRefusals,
      unreachable: text(
        "对方系统无法连接或未按时应答，请稍后重试。",
        "The provider cannot be reached or does not answer; try again later.",
      ),
    },
  }),
  tellProvider: command({
    audience: ["node"],
    legalBasis,
    title: text("请外部系统提供的服务办理", "Have a service that another system offers change something"),
    input: z.object({
      ...Asked,
      method: z.enum(["POST", "PUT", "PATCH", "DELETE"]),
      /** JSON, 1 MiB at most; absent: none. */
      body: z.unknown().optional(),
    }),
    output: ProviderAnswer,
    refusals: {
      ...askingRefusals,
      "refused-there": text("对方系统未予办理，状态码 {status}。", "The other system refused: status {status}."),
      "outcome-unknown": text(
        "请求已发出而没有答复，对方是否已办理不得而知；为免重复办理，不再发送。请向对方核实。",
        "This was sent and not answered, and nobody here knows whether it was done. It is not sent again, so that it is not done twice; ask the provider.",
      ),
    },
  }),
};
