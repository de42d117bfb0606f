import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, defineContract, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { acmeOperations, acmeRegisters } from "./acme-contract.ts";
import { ADMINISTER, ELECTRONIC_SIGNATURE_LAW, enrolmentOperations, enrolmentRegisters } from "./enrolment-contract.ts";
import { keyOperations } from "./key-operations.ts";
import { logKeyOperations } from "./log-key-operations.ts";
import { signingKeyOperations } from "./signing-key-operations.ts";

export { ADMINISTER, ISSUE } from "./enrolment-contract.ts";
/** The most certificates that one answer lists. */
export const LIST_LENGTH_MAX = 100;
const CHAIN_MAX = 6;
const PEM_LENGTH_MAX = 24_000;
const REASON_LENGTH_MAX = 500;

const SUBJECT_KINDS = {
  root: text("根", "Root"),
  issuer: text("签发机构", "Issuing authority"),
  authority: text("机关印章", "Seal of an authority"),
  official: text("工作人员", "Official"),
  person: text("个人", "Person"),
  node: text("节点", "Node"),
};
const USES = {
  licensing: text("行政许可专用章", "Special seal for licensing"),
  authority: text("机关印章", "Seal of the authority"),
  record: text("个人签名", "Personal signature"),
  none: text("签发证书", "Issuing certificates"),
};
const STATUSES = {
  valid: text("有效", "Valid"),
  suspended: text("已暂停", "Suspended"),
  reinstated: text("已恢复，有效", "Valid again"),
  revoked: text("已吊销", "Revoked"),
};
const REASONS = {
  "key-compromise": text("密钥泄露或者可能泄露，另发新证书", "The key is or may be known to others; a new one follows"),
  superseded: text("更换证书，另发新证书", "It is replaced; a new one follows"),
  cessation: text("不再使用，不再签发", "It is no longer used, and none follows"),
  suspended: text(
    "暂停使用，可以恢复，其间不签发新证书",
    "Suspended: it can be taken up again, and none follows meanwhile",
  ),
};

const Serial = z.string().regex(/^[0-9a-f]{2,40}$/);
const KeyId = z.string().regex(/^[0-9a-f]{2,64}$/);
const Fingerprint = z.string().regex(/^[0-9a-f]{64}$/);
const Month = z.string().regex(/^\d{4}-\d{2}$/);
const SubjectKind = z.enum(["root", "issuer", "authority", "official", "person", "node"]);
const Use = z.enum(["licensing", "authority", "record", "none"]);
const Status = z.enum(["valid", "suspended", "reinstated", "revoked"]);
/** For whoever asks whether to rely on it, a suspended certificate is a revoked one with that reason. */
const Standing = z.enum(["valid", "revoked"]);
const Reason = z.enum(["key-compromise", "superseded", "cessation", "suspended"]);
const Instant = z.iso.datetime({ offset: true });

const Certificate = z.object({
  serial: field(Serial, { title: text("序列号", "Serial number"), lookup: "unique" }),
  subjectKind: field(SubjectKind, {
    title: text("持有者类型", "Kind of holder"),
    lookup: "exact",
    options: SUBJECT_KINDS,
  }),
  subjectId: field(z.string().max(64), { title: text("持有者", "Holder"), lookup: "exact" }),
  name: field(z.string().max(64), { title: text("证书名称", "Name on the certificate"), sensitive: true }),
  use: field(Use, { title: text("用途", "Use"), options: USES }),
  notBefore: field(Instant, { title: text("生效时间", "Not before") }),
  notAfter: field(Instant, { title: text("失效时间", "Not after") }),
  status: field(Status, { title: text("状态", "Status"), lookup: "exact", options: STATUSES }),
  revokedAt: field(Instant.optional(), { title: text("吊销时间", "Revoked at") }),
  reason: field(Reason.optional(), { title: text("吊销原因", "Reason of the revocation"), options: REASONS }),
  explanation: field(z.string().max(REASON_LENGTH_MAX).optional(), { title: text("说明", "Explanation") }),
  pem: field(z.string().max(PEM_LENGTH_MAX), { title: text("证书", "Certificate (PEM)"), sensitive: true }),
  /** Absent for what was issued when a node had one authority for all purposes. */
  issuerKeyId: field(KeyId.optional(), {
    title: text("签发机构密钥标识", "Key identifier of the issuer"),
    lookup: "exact",
  }),
  endsIn: field(Month.optional(), { title: text("到期月份", "Month in which it ends"), lookup: "exact" }),
  fingerprint: field(Fingerprint.optional(), { title: text("证书指纹", "Fingerprint (SHA-256)"), lookup: "exact" }),
});

const serial = field(Serial, { title: text("证书序列号", "Serial number") });
const notFound = text("没有这张证书，请核对序列号。", "There is no such certificate; please check the serial number.");

export const trust = defineContract({
  id: "trust",
  version: "1.0",
  title: text("信任服务", "Trust"),
  steward: text("密码管理部门", "Cryptography administration"),
  ofEveryNode: true,
  registers: {
    certificate: register({
      title: text("证书登记", "Certificates"),
      schema: Certificate,
      // An authority's certificate is public; reading a person's is noted by the operations.
      subject: { kind: "none" },
      legalBasis: [cite(ELECTRONIC_SIGNATURE_LAW, "第十三条")],
      retention: "permanent",
    }),
    ...enrolmentRegisters,
    ...acmeRegisters,
  },
  operations: {
    ...enrolmentOperations,
    ...acmeOperations,
    ...keyOperations,
    ...signingKeyOperations,
    ...logKeyOperations,
    /** Anyone may ask whether a certificate is in force; whom a personal one names is not told. */
    findCertificate: query({
      title: text("查询证书状态", "Find a certificate"),
      audience: ["public"],
      input: z.object({
        serial,
        /** Of whoever holds the certificate itself: another under the same number, or one that is not in the ledger, is not found. */
        fingerprint: Fingerprint.optional(),
      }),
      output: z.object({
        serial: Serial,
        subjectKind: SubjectKind,
        use: Use,
        /** Of authorities, the root and the issuer alone. */
        name: z.string().optional(),
        notBefore: Instant,
        notAfter: Instant,
        status: Standing,
        revokedAt: Instant.optional(),
        reason: Reason.optional(),
        issuerKeyId: KeyId.optional(),
      }),
      refusals: { "not-found": notFound },
      legalBasis: [],
    }),
    /** Whether a seal's certificate of another issuer, below a root that this node trusts, is in force: its issuer is asked. */
    judgeSealCertificate: query({
      title: text("核验其他机构签发的印章证书", "Judge the certificate of another issuer's seal"),
      audience: ["public"],
      input: z.object({
        /** DER in base64: the seal's certificate, then those above it. */
        chain: z.array(z.string().max(PEM_LENGTH_MAX)).min(1).max(CHAIN_MAX),
      }),
      output: z.object({
        status: z.enum(["valid", "revoked", "unknown"]),
        /** An older answer served, because the issuer could not be reached now. */
        isDebt: z.boolean(),
      }),
      refusals: {},
      legalBasis: [],
    }),
    /** What lists of revoked certificates say: serial numbers, without their holders. */
    revokedCertificates: query({
      lists: "certificate",
      title: text("已吊销的证书", "Revoked certificates"),
      audience: ["node"],
      input: z.object({
        status: z.enum(["suspended", "reinstated", "revoked"]),
        /** Of one issuer alone, by the identifier of its key. */
        issuer: KeyId.optional(),
        subjectKind: SubjectKind.optional(),
        after: z.string().max(400).optional(),
      }),
      output: z.object({
        items: z.array(
          z.object({
            serial: Serial,
            fingerprint: Fingerprint.optional(),
            revokedAt: Instant.optional(),
            reason: Reason.optional(),
            issuerKeyId: KeyId.optional(),
          }),
        ),
        next: z.string().optional(),
      }),
      refusals: {},
      legalBasis: [],
    }),
    /** The certificates that a verifier needs: the root, to be trusted, and the issuer of seals; then all there are. */
    certificateChain: query({
      title: text("根证书和签发证书", "Root and issuer"),
      audience: ["public"],
      input: z.object({}),
      output: z.object({
        root: z.string(),
        issuer: z.string(),
        roots: z.array(z.string()).max(LIST_LENGTH_MAX),
        issuers: z.array(z.string()).max(LIST_LENGTH_MAX),
      }),
      refusals: {
        "not-ready": text("证书尚未登记，请稍后再试。", "They are not recorded yet; please try again later."),
      },
      legalBasis: [],
    }),
    listCertificates: query({
      lists: "certificate",
      title: text("证书列表", "List certificates"),
      audience: ["official", "node"],
      duty: ADMINISTER,
      input: z.object({
        subjectKind: field(SubjectKind.optional(), {
          title: text("持有者类型", "Kind of holder"),
          kind: "select",
          options: SUBJECT_KINDS,
        }),
        subjectId: field(z.string().max(64).optional(), { title: text("持有者", "Holder") }),
        status: field(Status.optional(), { title: text("状态", "Status"), kind: "select", options: STATUSES }),
        /** A serial number or a fingerprint, hexadecimal. */
        number: field(
          z
            .string()
            .trim()
            .toLowerCase()
            .regex(/^[0-9a-f: ]{2,100}$/)
            .optional(),
          {
            title: text("序列号或者指纹", "Serial number or fingerprint"),
          },
        ),
        /** Those that end in a month. */
        endsIn: field(Month.optional(), { title: text("到期月份（年-月）", "Month in which it ends (year-month)") }),
        after: z.string().max(400).optional(),
      }),
      output: z.object({ items: z.array(Certificate.omit({ pem: true })), next: z.string().optional() }),
      refusals: {},
      legalBasis: [cite(ELECTRONIC_SIGNATURE_LAW, "第十三条")],
    }),
    recordCertificate: command({
      title: text("登记证书", "Record a certificate"),
      audience: ["node"],
      input: z.object({
        pem: z.string().min(1).max(PEM_LENGTH_MAX),
        subjectKind: SubjectKind,
        subjectId: z.string().max(64),
        use: Use,
      }),
      output: z.object({ serial: Serial }),
      refusals: {
        unreadable: text("这不是可读的证书。", "This is not a certificate that can be read."),
        "recorded-meanwhile": text("这张证书刚刚已登记。", "This certificate was recorded a moment ago."),
      },
      legalBasis: [],
    }),
    /** Enters certificates from before each was in the ledger by itself, some at a time. */
    logEarlierCertificates: command({
      title: text("补登存证", "Enter earlier certificates"),
      audience: ["node"],
      input: z.object({}),
      output: z.object({ logged: z.int().nonnegative() }),
      refusals: {},
      legalBasis: [],
    }),
    revokeCertificate: command({
      title: text("吊销证书", "Revoke a certificate"),
      audience: ["official"],
      duty: ADMINISTER,
      input: z.object({
        serial,
        reason: field(Reason, { title: text("原因", "Reason"), kind: "radios", options: REASONS }),
        explanation: field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
          title: text("说明", "Explanation"),
          kind: "textarea",
        }),
      }),
      output: z.object({ serial: Serial, revokedAt: Instant }),
      refusals: {
        "not-found": notFound,
        "already-revoked": text("这张证书已经吊销。", "This certificate is revoked already."),
        "not-revocable": text(
          "根证书和签发证书不能在这里吊销。请停止节点，更换密钥目录。",
          "Root and issuer are not revoked here. Stop the node and replace its key folder.",
        ),
      },
      legalBasis: [cite(ELECTRONIC_SIGNATURE_LAW, "第十五条")],
    }),
    reinstateCertificate: command({
      title: text("恢复已暂停的证书", "Reinstate a suspended certificate"),
      audience: ["official"],
      duty: ADMINISTER,
      input: z.object({
        serial,
        explanation: field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
          title: text("说明", "Explanation"),
          kind: "textarea",
        }),
      }),
      output: z.object({ serial: Serial }),
      refusals: {
        "not-found": notFound,
        "not-suspended": text(
          "这张证书没有暂停。吊销的证书不能恢复。",
          "This certificate is not suspended. A revoked one cannot be reinstated.",
        ),
      },
      legalBasis: [cite(ELECTRONIC_SIGNATURE_LAW, "第十五条")],
    }),
  },
});
