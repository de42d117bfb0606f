/** The part of trust's contract by which certificates are asked for, decided by a second official, issued and handed over. */
import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

/** The right to end certificates, and to ask for them. */
export const ADMINISTER = "trust.administer";
/** The right to decide that a certificate is issued, which somebody else asked for. */
export const ISSUE = "trust.issue";

export const REQUEST_LENGTH_MAX = 24_000;
export const HOSTS_MAX = 20;
const HOST_LENGTH_MAX = 253;
const REASON_LENGTH_MAX = 500;
const NAME_LENGTH_MAX = 64;
const POSITION_LENGTH_MAX = 400;
const CHAIN_LENGTH_MAX = 100_000;
const PAGE_LENGTH_MAX = 100;

/** 电子签名法 (2004, amended 2015, 2019). */
export const ELECTRONIC_SIGNATURE_LAW = text("电子签名法", "Electronic Signature Law");
/** 电子签名法 §20: whoever asks gives true and complete information; §20 also binds the certifier to check identity. */
const legalBasis = [cite(ELECTRONIC_SIGNATURE_LAW, "第二十条")];

export const ENROLMENT_PROFILES = {
  node: text("节点（TLS，双向认证）", "Node (TLS, both ways)"),
  system: text("部门系统（客户端认证）", "System of a department (client)"),
  seal: text("机关印章（密钥在印章系统）", "Seal of an authority (its key in a seal system)"),
  official: text("工作人员签名（密钥由本人保管）", "Official (holding the key)"),
  person: text("个人签名（密钥由本人保管）", "Person (holding the key)"),
  code: text("软件签名", "Code"),
};
const STATUSES = {
  requested: text("待审批", "To be decided"),
  issued: text("已签发，待交付", "Issued, to be handed over"),
  "handed-over": text("已交付", "Handed over"),
  refused: text("不予签发", "Refused"),
};

const Profile = z.enum(["node", "system", "seal", "official", "person", "code"]);
export const EnrolmentStatus = z.enum(["requested", "issued", "handed-over", "refused"]);
const Instant = z.iso.datetime({ offset: true });
const Serial = z.string().regex(/^[0-9a-f]{2,40}$/);
const Line = z.string().trim().min(1).max(REASON_LENGTH_MAX);
const Name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const Holder = z
  .string()
  .trim()
  // PrintableString, as a name's serialNumber has it.
  .regex(/^[A-Za-z0-9 '()+,\-./:=?]{1,64}$/);
const Host = z.string().trim().toLowerCase().min(1).max(HOST_LENGTH_MAX);
const Request = z.string().trim().min(1).max(REQUEST_LENGTH_MAX);

const profile = field(Profile, {
  title: text("证书种类", "Kind of certificate"),
  kind: "radios",
  options: ENROLMENT_PROFILES,
});
const holder = field(Holder, {
  title: text("持有者标识", "Identifier of the holder"),
  hint: text(
    "机构、人员在本平台的编号，或者系统的代号；不是身份证号",
    "Its key on this platform, or a system's code; never an identity number",
  ),
});
const hosts = field(
  z
    .string()
    .trim()
    .max(HOSTS_MAX * (HOST_LENGTH_MAX + 1))
    .optional(),
  {
    title: text("域名", "Host names"),
    hint: text("节点证书必填，每行一个", "Needed for nodes, one a line"),
    kind: "textarea",
  },
);
const request = field(Request, {
  title: text("证书请求（PKCS #10，PEM）", "Certificate request (PKCS #10, PEM)"),
  kind: "textarea",
});

const Enrolment = z.object({
  profile: field(Profile, {
    title: text("证书种类", "Kind of certificate"),
    lookup: "exact",
    options: ENROLMENT_PROFILES,
  }),
  holder: field(Holder, { title: text("持有者标识", "Identifier of the holder"), lookup: "exact" }),
  name: field(Name, { title: text("证书名称", "Name on the certificate"), sensitive: true }),
  organization: field(Name.optional(), { title: text("单位", "Organization") }),
  hosts: field(z.array(Host).max(HOSTS_MAX), { title: text("域名", "Host names") }),
  request: field(Request, { title: text("证书请求", "Certificate request") }),
  evidence: field(Line, { title: text("身份核实", "How the identity was checked"), sensitive: true }),
  status: field(EnrolmentStatus, { title: text("状态", "Status"), lookup: "exact", options: STATUSES }),
  requestedBy: field(z.uuid(), { title: text("申请人", "Asked for by") }),
  requestedAt: field(Instant, { title: text("申请时间", "Asked for at") }),
  decidedBy: field(z.uuid().optional(), { title: text("审批人", "Decided by") }),
  decidedAt: field(Instant.optional(), { title: text("审批时间", "Decided at") }),
  reason: field(Line.optional(), { title: text("审批意见", "Reason of the decision") }),
  serial: field(Serial.optional(), { title: text("证书序列号", "Serial number"), lookup: "exact" }),
  handedOverAt: field(Instant.optional(), { title: text("交付时间", "Handed over at") }),
  handedOverTo: field(Line.optional(), { title: text("交付说明", "To whom and how"), sensitive: true }),
});
const EnrolmentView = Enrolment.omit({ request: true }).extend({ id: z.uuid() });

const notFound = text("没有这份证书申请。", "There is no such request for a certificate.");
const unfit = {
  "request-unreadable": text(
    "证书请求不可读。请提交 PEM 格式的 PKCS #10 请求。",
    "The request cannot be read. Give a PKCS #10 request in PEM.",
  ),
  "request-not-signed": text(
    "证书请求的签名与其中的公钥不符，不能证明持有私钥。",
    "The request is not signed with the key in it, so it does not show that its sender holds that key.",
  ),
  "key-unfit": text(
    "本节点不为这种密钥签发这类证书。可用的密钥：{keys}。",
    "This node issues no such certificate for a key of that kind. It takes: {keys}.",
  ),
  "hosts-missing": text("节点证书要写明域名。", "A certificate for a node names its hosts."),
  "hosts-wrong": text("域名有误：{host}。", "This is no host name: {host}."),
  "hosts-differ": text(
    "证书请求中的域名 {host} 不在申请的域名之内。",
    "The request names the host {host}, which was not asked for.",
  ),
  "name-wrong": text(
    "证书名称或单位含有证书不能写入的字符。",
    "The name or organization cannot stand in a certificate.",
  ),
};
const noAuthority = text("本节点没有签发这类证书的机构。", "This node has no authority that issues such certificates.");

export const enrolmentRegisters = {
  enrolment: register({
    title: text("证书申请", "Requests for certificates"),
    schema: Enrolment,
    subject: { kind: "none" },
    legalBasis,
    retention: "permanent",
  }),
};

export const enrolmentOperations = {
  requestCertificate: command({
    title: text("申请证书", "Ask for a certificate"),
    audience: ["official"],
    duty: ADMINISTER,
    input: z.object({
      profile,
      holder,
      name: field(Name, { title: text("证书名称", "Name on the certificate") }),
      organization: field(Name.optional(), { title: text("单位", "Organization") }),
      hosts,
      request,
      evidence: field(Line, {
        title: text("身份核实", "How the identity was checked"),
        hint: text("核对了哪些证件或文件，由谁、何时核对", "Which papers were looked at, by whom and when"),
        kind: "textarea",
      }),
    }),
    output: z.object({ id: z.uuid() }),
    refusals: { ...unfit, "no-authority": noAuthority, "no-post": text("请以岗位身份办理。", "Act in a post.") },
    legalBasis,
  }),
  decideCertificateRequest: command({
    title: text("审批证书申请", "Decide on a request for a certificate"),
    audience: ["official"],
    duty: ISSUE,
    input: z.object({
      id: z.uuid(),
      decision: field(z.enum(["issue", "refuse"]), {
        title: text("决定", "Decision"),
        kind: "radios",
        options: { issue: text("签发", "Issue it"), refuse: text("不予签发", "Refuse it") },
      }),
      reason: field(Line, { title: text("审批意见", "Reason"), kind: "textarea" }),
    }),
    output: z.object({ serial: Serial.optional() }),
    refusals: {
      "not-found": notFound,
      decided: text("这份申请已有决定。", "This request is decided already."),
      "own-request": text(
        "申请人不能审批自己提出的申请，请由另一名工作人员审批。",
        "Whoever asked does not decide: another official must.",
      ),
      "no-post": text("请以岗位身份办理。", "Act in a post."),
      "no-authority": noAuthority,
      ...unfit,
    },
    legalBasis,
  }),
  handOverCertificate: command({
    title: text("交付证书", "Hand a certificate over"),
    audience: ["official"],
    duty: ADMINISTER,
    input: z.object({
      id: z.uuid(),
      to: field(Line, {
        title: text("交付说明", "To whom and how"),
        hint: text("交给谁、怎样核对其身份、以何种方式", "To whom, how they were identified, by which way"),
        kind: "textarea",
      }),
    }),
    output: z.object({}),
    refusals: {
      "not-found": notFound,
      "not-issued": text("证书尚未签发，或者已经交付。", "It is not issued yet, or was handed over already."),
    },
    legalBasis,
  }),
  findCertificateRequest: query({
    title: text("查看证书申请", "Look at a request for a certificate"),
    audience: ["official"],
    duty: ADMINISTER,
    input: z.object({ id: z.uuid() }),
    output: EnrolmentView.extend({
      /** SHA-256 of the key in the request, to be compared with what the holder reads out. */
      keyFingerprint: z.string(),
      /** The certificate and those above it but for the root, PEM, once it is issued. */
      chain: z.string().max(CHAIN_LENGTH_MAX).optional(),
    }),
    refusals: { "not-found": notFound },
    legalBasis,
  }),
  listCertificateRequests: query({
    title: text("证书申请列表", "List requests for certificates"),
    audience: ["official"],
    duty: ADMINISTER,
    lists: "enrolment",
    input: z.object({
      status: field(EnrolmentStatus.optional(), { title: text("状态", "Status"), kind: "select", options: STATUSES }),
      after: z.string().max(POSITION_LENGTH_MAX).optional(),
    }),
    output: z.object({ items: z.array(EnrolmentView).max(PAGE_LENGTH_MAX), next: z.string().optional() }),
    refusals: {},
    legalBasis,
  }),
  /** For whoever has proved control over names by a protocol: ACME. */
  issueNodeCertificate: command({
    title: text("签发节点证书", "Issue a certificate to a node"),
    audience: ["node"],
    input: z.object({
      /** PKCS #10, PEM. */
      request,
      /** Names whose control was proved. */
      hosts: z.array(Host).min(1).max(HOSTS_MAX),
      /** Who asked: the account. */
      holder,
    }),
    output: z.object({
      serial: Serial,
      /** The certificate and those above it but for the root, PEM. */
      chain: z.string().max(CHAIN_LENGTH_MAX),
      notAfter: Instant,
    }),
    refusals: { ...unfit, "no-authority": noAuthority },
    legalBasis: [],
  }),
};
