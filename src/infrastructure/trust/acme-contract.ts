/** The part of trust's contract by which nodes and systems get certificates themselves, by protocol: who may, for which names. */
import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { ADMINISTER, ELECTRONIC_SIGNATURE_LAW, ISSUE } from "./enrolment-contract.ts";

const NAME_LENGTH_MAX = 100;
/** Certificates that one node has at a time. */
const LOST_MAX = 16;
const REASON_LENGTH_MAX = 500;
const CONTACT_LENGTH_MAX = 300;
const CONTACTS_MAX = 5;
const JSON_LENGTH_MAX = 20_000;
const POSITION_LENGTH_MAX = 400;
const PAGE_LENGTH_MAX = 100;
export const PATTERNS_MAX = 20;
const HOST_LENGTH_MAX = 253;

const legalBasis = [cite(ELECTRONIC_SIGNATURE_LAW, "第二十条")];

const STATUSES = {
  proposed: text("待审批", "To be decided"),
  approved: text("已批准，待领取密钥", "Approved, its key to be taken"),
  "handed-over": text("密钥已领取", "Key handed over"),
  bound: text("使用中", "In use"),
  refused: text("未批准", "Not approved"),
  ended: text("已终止", "Ended"),
};

export const BindingStatus = z.enum(["proposed", "approved", "handed-over", "bound", "refused", "ended"]);
const Line = z.string().trim().min(1).max(REASON_LENGTH_MAX);
const Instant = z.iso.datetime({ offset: true });
const Name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
/** A name, or `*.` before one for all below it. */
const Pattern = z.string().trim().toLowerCase().min(1).max(HOST_LENGTH_MAX);
const Contact = z.string().trim().min(1).max(CONTACT_LENGTH_MAX);
const Thumbprint = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const name = field(Name, {
  title: text("节点或系统", "Node or system"),
  hint: text("例如：清源县政务外网节点", "For example: Qingyuan County extranet node"),
});
const hosts = field(z.array(Pattern).min(1).max(PATTERNS_MAX), {
  title: text("可申请的域名", "Names that it may ask for"),
});

const Binding = z.object({
  name,
  hosts,
  status: field(BindingStatus, { title: text("状态", "Status"), lookup: "exact", options: STATUSES }),
  reason: field(Line, { title: text("申请理由", "Why it is needed") }),
  proposedBy: field(z.uuid(), { title: text("申请人", "Proposed by") }),
  proposedAt: field(Instant, { title: text("申请时间", "Proposed at") }),
  decidedBy: field(z.uuid().optional(), { title: text("审批人", "Decided by") }),
  decidedAt: field(Instant.optional(), { title: text("审批时间", "Decided at") }),
  decision: field(Line.optional(), { title: text("审批意见", "Reason of the decision") }),
  key: field(z.string().max(100).optional(), { title: text("绑定密钥", "Binding key"), sensitive: true }),
  account: field(z.uuid().optional(), { title: text("账户", "Account"), lookup: "exact" }),
  endedAt: field(Instant.optional(), { title: text("终止时间", "Ended at") }),
  endReason: field(Line.optional(), { title: text("终止理由", "Why it was ended") }),
});
const BindingView = Binding.omit({ key: true }).extend({ id: z.uuid() });

const id = field(z.uuid(), { title: text("许可编号", "Number of the permission") });
const notFound = text("没有这项接入许可。", "There is no such permission to enrol.");
const noPost = text("请以岗位身份办理。", "Act in a post.");

export const acmeRegisters = {
  acmeBinding: register({
    title: text("自动签发证书的许可（ACME）", "Permissions to enrol by protocol (ACME)"),
    schema: Binding,
    subject: { kind: "none" },
    legalBasis,
    retention: "permanent",
  }),
};

export const acmeOperations = {
  proposeAcmeBinding: command({
    title: text("申请自动签发证书", "Propose that a node enrols itself"),
    audience: ["official"],
    duty: ADMINISTER,
    input: z.object({
      name,
      hosts: field(
        z
          .string()
          .trim()
          .min(1)
          .max(PATTERNS_MAX * HOST_LENGTH_MAX),
        {
          title: text("可申请的域名", "Names that it may ask for"),
          hint: text("每行一个；*. 开头表示其下所有域名", "One a line; *. at the beginning stands for all names below"),
          kind: "textarea",
        },
      ),
      reason: field(Line, { title: text("理由", "Why it is needed"), kind: "textarea" }),
    }),
    output: z.object({ id: z.uuid() }),
    refusals: {
      "no-post": noPost,
      "host-wrong": text("域名有误：{host}。", "This is no host name: {host}."),
      "hosts-too-many": text("域名太多，最多 {max} 个。", "Too many names: at most {max}."),
    },
    legalBasis,
  }),
  decideAcmeBinding: command({
    title: text("审批自动签发证书", "Decide whether a node may enrol itself"),
    audience: ["official"],
    duty: ISSUE,
    input: z.object({
      id,
      decision: field(z.enum(["approve", "refuse"]), {
        title: text("决定", "Decision"),
        kind: "radios",
        options: { approve: text("批准", "Approve"), refuse: text("不批准", "Refuse") },
      }),
      reason: field(Line, { title: text("审批意见", "Reason"), kind: "textarea" }),
    }),
    output: z.object({}),
    refusals: {
      "no-post": noPost,
      "not-found": notFound,
      decided: text("这项申请已有决定。", "This is decided already."),
      "own-request": text(
        "申请人不能审批自己提出的申请，请由另一名工作人员审批。",
        "Whoever proposed does not decide: another official must.",
      ),
    },
    legalBasis,
  }),
  /** Its answer is shown once and kept nowhere: call it without an idempotency key. */
  takeAcmeKey: command({
    title: text("领取绑定密钥", "Take the binding key"),
    audience: ["official"],
    duty: ADMINISTER,
    input: z.object({ id }),
    output: z.object({ keyId: z.uuid(), key: z.string() }),
    refusals: {
      "not-found": notFound,
      "not-approved": text(
        "尚未批准，或者密钥已经使用、许可已经终止。",
        "It is not approved, or its key was used already, or it has ended.",
      ),
    },
    legalBasis,
  }),
  endAcmeBinding: command({
    title: text("终止自动签发证书", "End that a node enrols itself"),
    audience: ["official"],
    duty: ADMINISTER,
    input: z.object({
      id,
      reason: field(Line, { title: text("理由", "Reason"), kind: "textarea" }),
    }),
    output: z.object({}),
    refusals: { "not-found": notFound, ended: text("它已经终止。", "It has ended already.") },
    legalBasis,
  }),
  listAcmeBindings: query({
    lists: "acmeBinding",
    title: text("自动签发证书的许可", "List who may enrol by protocol"),
    audience: ["official"],
    duty: ADMINISTER,
    input: z.object({ after: z.string().max(POSITION_LENGTH_MAX).optional() }),
    output: z.object({ items: z.array(BindingView).max(PAGE_LENGTH_MAX), next: z.string().optional() }),
    refusals: {},
    legalBasis,
  }),
  /** For which names an account may ask now. */
  acmeNames: query({
    title: text("账户可申请的域名", "Names that an account may ask for"),
    audience: ["node"],
    input: z.object({ binding: z.uuid() }),
    output: z.object({ hosts: z.array(Pattern).max(PATTERNS_MAX) }),
    refusals: { "not-found": notFound },
    legalBasis: [],
  }),
  openAcmeAccount: command({
    title: text("开立 ACME 账户", "Open an account of the protocol"),
    audience: ["node"],
    input: z.object({
      /** The binding's JWS, as the client sent it. */
      binding: z.string().max(JSON_LENGTH_MAX),
      /** Where it was sent: the binding is for this address alone. */
      url: z.url().max(2_048),
      /** The account's public key. */
      jwk: z.string().max(JSON_LENGTH_MAX),
      thumbprint: Thumbprint,
      contacts: z.array(Contact).max(CONTACTS_MAX),
    }),
    output: z.object({ id: z.uuid() }),
    refusals: {
      "binding-wrong": text(
        "绑定密钥不成立、已经使用或者已经终止。请向签发机构的管理员领取。",
        "The binding does not hold, was used, or has ended. Ask the administrators of this authority for a key.",
      ),
      "account-exists": text("这个密钥已有账户。", "This key has an account already."),
    },
    legalBasis: [],
  }),
  changeAcmeAccount: command({
    title: text("变更 ACME 账户", "Change an account of the protocol"),
    audience: ["node"],
    input: z.object({
      account: z.uuid(),
      contacts: z.array(Contact).max(CONTACTS_MAX).optional(),
      deactivate: z.boolean().optional(),
      key: z.object({ jwk: z.string().max(JSON_LENGTH_MAX), thumbprint: Thumbprint }).optional(),
    }),
    output: z.object({}),
    refusals: {
      "not-found": text("没有这个账户，或者它已停用。", "There is no such account, or it is not in use any more."),
      "key-taken": text("这个密钥已有账户。", "This key has an account already."),
    },
    legalBasis: [],
  }),
  /** For whoever proved by protocol that the certificate or its key is theirs. */
  revokeAsHolder: command({
    title: text("持有者吊销节点证书", "Revoke a node's certificate for its holder"),
    audience: ["node"],
    input: z.object({
      serial: z.string().regex(/^[0-9a-f]{2,40}$/),
      reason: z.enum(["key-compromise", "superseded", "cessation"]),
    }),
    output: z.object({}),
    refusals: {
      "not-found": text("没有这张节点证书。", "There is no such certificate of a node."),
      "already-revoked": text("证书已经吊销。", "The certificate is revoked already."),
    },
    legalBasis: [cite(ELECTRONIC_SIGNATURE_LAW, "第十五条")],
  }),
  /** For a node that said, signed with the keys of its part of the directory, that the keys of its certificates are in other hands. */
  revokeLostCertificates: command({
    title: text("吊销密钥已泄露的节点证书", "Revoke a node's certificates whose key it lost"),
    audience: ["node"],
    input: z.object({ fingerprints: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(LOST_MAX) }),
    output: z.object({ revoked: z.int() }),
    refusals: {},
    legalBasis: [cite(ELECTRONIC_SIGNATURE_LAW, "第十五条")],
  }),
};
