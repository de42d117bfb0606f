import { z } from "zod";
import { cite, FOOD_LICENSING_MEASURES, LICENSING_LAW } from "#kernel/contract/citation";
import { command, defineContract, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

/** The largest file that is looked at for a seal; in base64 a third more. */
export const MAX_VERIFIED_FILE_BYTES = 10 * 1024 * 1024;
const MAX_VERIFIED_CHARACTERS = Math.ceil(MAX_VERIFIED_FILE_BYTES / 3) * 4;
/** `kernel/documents/detached-seal.ts` reads no more. */
const MAX_SEAL_CHARACTERS = Math.ceil((128 * 1024) / 3) * 4;
const MAX_TOKEN_CHARACTERS = 100_000;
const MAX_LINE_CHARACTERS = 300;
const MAX_SCOPE = 20;
const MAX_CHANGES = 100;

/** 国务院关于在线政务服务的若干规定 (2019, State Council decree 716). */
const ONLINE_SERVICES = text(
  "国务院关于在线政务服务的若干规定",
  "State Council Provisions on Online Government Services",
);

const Line = z.string().trim().min(1).max(MAX_LINE_CHARACTERS);
const LicenceNumber = z.string().trim().min(1).max(20);
const Day = z.iso.date();
const Instant = z.iso.datetime({ offset: true });
const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Serial = z.string().max(40);
const MAX_SAID_CHARACTERS = 1000;
const Said = z.string().max(MAX_SAID_CHARACTERS);
const BothLanguages = z.object({ zh: Said, en: Said });

/** 撤销, 撤回, 吊销, 注销: how a licence ends before its time. */
const End = z.enum(["revoked", "withdrawn", "annulled", "deregistered"]);
export const END_TEXTS = {
  revoked: text("已撤销", "Revoked: it was granted wrongly"),
  withdrawn: text("已撤回", "Withdrawn for the public interest"),
  annulled: text("已吊销", "Annulled as a penalty"),
  deregistered: text("已注销", "Deregistered"),
} as const;

const Kind = z.enum(["food-licence"]);
const KINDS = { "food-licence": text("食品经营许可证", "Food business licence") };
const HolderKind = z.enum(["organization", "person"]);

/** One entry a licence number; every certificate made under it is a version of the entry. */
const LicenceCertificate = z.object({
  number: field(LicenceNumber, { title: text("许可证编号", "Licence number"), lookup: "unique" }),
  kind: field(Kind, { title: text("证照类型", "Kind of licence"), options: KINDS }),
  holderKind: field(HolderKind, {
    title: text("持证人类型", "Kind of holder"),
    options: { organization: text("组织", "Organization"), person: text("个人", "Person") },
  }),
  holderId: field(z.uuid(), { title: text("持证人", "Holder"), lookup: "exact" }),
  holderName: field(Line, { title: text("经营者名称", "Name of the business") }),
  holderCode: field(z.string().max(40), { title: text("统一社会信用代码", "Credit code") }),
  headTitle: field(z.string().max(10), { title: text("负责人称谓", "Title of the representative") }),
  head: field(z.string().max(MAX_LINE_CHARACTERS), {
    title: text("法定代表人（负责人、经营者）", "Representative"),
    sensitive: true,
  }),
  registeredAddress: field(Line, { title: text("住所", "Registered address") }),
  premises: field(Line, { title: text("经营场所", "Premises") }),
  businessType: field(Line, { title: text("主体业态", "Kind of business") }),
  scope: field(z.array(Line).max(MAX_SCOPE), { title: text("经营项目", "Licensed items") }),
  changes: field(z.array(z.object({ on: Day, text: Line })).max(MAX_CHANGES), {
    title: text("变更、延续、补发记录", "Changes, renewals, replacements"),
  }),
  authority: field(z.uuid(), { title: text("发证机关", "Issued by") }),
  authorityName: field(BothLanguages, { title: text("发证机关名称", "Name of the issuer") }),
  issuedOn: field(Day, { title: text("发证日期", "Issued on") }),
  validFrom: field(Day, { title: text("有效期自", "Valid from") }),
  validUntil: field(Day, { title: text("有效期至", "Valid until") }),
  status: field(z.enum(["valid", ...End.options]), {
    title: text("状态", "Status"),
    options: { valid: text("有效", "Valid"), ...END_TEXTS },
  }),
  endedOn: field(Day.optional(), { title: text("终止日期", "Ended on") }),
  caseId: field(z.uuid(), { title: text("办件", "Case"), lookup: "exact" }),
  /** The room that had it made, and alone may end it. */
  room: field(z.string().max(60), { title: text("业务系统", "System") }),
  originalDigest: field(Digest, { title: text("正本的摘要", "Digest of the original") }),
  duplicateDigest: field(Digest, { title: text("副本的摘要", "Digest of the duplicate") }),
  credential: field(z.string().max(MAX_TOKEN_CHARACTERS), {
    title: text("电子证照（SD-JWT VC）", "Verifiable credential"),
    sensitive: true,
  }),
});

const EarlyEnd = z.object({
  number: field(LicenceNumber, { title: text("许可证编号", "Licence number"), lookup: "unique" }),
  how: field(End, { title: text("方式", "How"), options: END_TEXTS }),
  on: field(Day, { title: text("终止日期", "Ended on") }),
  room: field(z.string().max(60), { title: text("业务系统", "System") }),
});

/** Each sealed file that was ever made, so that an old copy is known as an old copy. */
const IssuedFile = z.object({
  digest: field(Digest, { title: text("文件摘要", "Digest of the file"), lookup: "unique" }),
  number: field(LicenceNumber, { title: text("许可证编号", "Licence number"), lookup: "exact" }),
  copy: field(z.enum(["original", "duplicate"]), {
    title: text("正本或者副本", "Which copy"),
    options: { original: text("正本", "Original"), duplicate: text("副本", "Duplicate") },
  }),
  issuedAt: field(Instant, { title: text("制作时间", "Made at") }),
});

/** What anyone may know of a licence (行政许可法 §40): nothing about the person who represents the business. */
const PublicFacts = LicenceCertificate.pick({
  number: true,
  kind: true,
  holderName: true,
  holderCode: true,
  premises: true,
  businessType: true,
  scope: true,
  authorityName: true,
  issuedOn: true,
  validFrom: true,
  validUntil: true,
});
const OwnCertificate = LicenceCertificate.omit({ credential: true, room: true });

const number = field(LicenceNumber, { title: text("许可证编号", "Licence number") });
const notFound = text("没有查到这个许可证编号，请核对。", "No licence with this number was found; please check it.");
const open = [cite(LICENSING_LAW, "第四十条")];
const electronic = [cite(ONLINE_SERVICES, "第九条"), cite(ONLINE_SERVICES, "第十条")];

const Standing = z.enum(["valid", "not-yet-valid", "expired", ...End.options]);

export const certificates = defineContract({
  id: "certificates",
  version: "1.0",
  title: text("电子证照", "Certificates"),
  steward: text("政务服务管理部门", "Government services authority"),
  registers: {
    licenceCertificate: register({
      title: text("电子证照目录", "Certificates of licences"),
      schema: LicenceCertificate,
      subject: { kind: "organization", by: "holderId" },
      legalBasis: electronic,
      retention: "permanent",
    }),
    /** An end that was told before the certificate was made. */
    earlyEnd: register({
      title: text("先于制证到达的终止", "Ends that came before the certificate"),
      schema: EarlyEnd,
      subject: { kind: "none" },
      legalBasis: electronic,
      retention: "permanent",
    }),
    issuedFile: register({
      title: text("已制作的证照文件", "Files that were made"),
      schema: IssuedFile,
      subject: { kind: "none" },
      legalBasis: electronic,
      retention: "permanent",
    }),
  },
  operations: {
    /** Draws both copies, seals them, issues the credential. Asked again for the same case, it gives what it made. */
    issueLicence: command({
      title: text("制作证照", "Make a certificate"),
      audience: ["node"],
      input: z.object({
        kind: Kind,
        caseId: z.uuid(),
        licenceNumber: LicenceNumber,
        holder: z.object({ kind: HolderKind, id: z.uuid(), name: Line, code: z.string().trim().max(40) }),
        authority: z.uuid(),
        issuedOn: Day,
        validFrom: Day,
        validUntil: Day,
        data: z.object({
          representative: z.string().trim().max(MAX_LINE_CHARACTERS),
          /** Default: by the kind of credit code. */
          headTitle: z.enum(["法定代表人", "负责人", "经营者"]).optional(),
          registeredAddress: z.string().trim().max(MAX_LINE_CHARACTERS),
          premises: Line,
          /** `sales`, `catering`, `canteen`, or words. */
          businessType: Line,
          scope: z.array(Line).min(1).max(MAX_SCOPE),
          legalBasis: z.array(Line).max(10),
        }),
      }),
      output: z.object({ licenceNumber: LicenceNumber, originalDigest: Digest, duplicateDigest: Digest }),
      refusals: {
        "cannot-draw": text(
          "现有字体不能显示“{characters}”，证照未制作。请安装包含这些字的字体后重试。",
          "No font at hand can draw “{characters}”, so no certificate was made. Install a font that has them and try again.",
        ),
        "does-not-fit": text(
          "内容过长，一页印不下：{what}。请核对并缩短后重试。",
          "It does not fit on one page: {what}. Check it, make it shorter and try again.",
        ),
        "wrong-number": text(
          "许可证编号 {number} 不符合编号规则。",
          "The licence number {number} does not follow the rules.",
        ),
        "authority-unknown": text("没有这个发证机关。", "There is no such issuing authority."),
        "number-taken": text("该编号已用于另一个持证人。", "This number belongs to another holder."),
      },
      legalBasis: [cite(FOOD_LICENSING_MEASURES, "第四章"), ...electronic],
    }),
    endCertificate: command({
      title: text("终止证照", "End a certificate"),
      audience: ["node"],
      input: z.object({ licenceNumber: number, how: End }),
      output: z.object({ licenceNumber: LicenceNumber, status: End }),
      refusals: {
        "not-yours": text(
          "证照由另一系统签发，不能由本系统终止。",
          "Another system had it made, and it alone may end it.",
        ),
      },
      legalBasis: [cite(LICENSING_LAW, "第六十九条"), cite(LICENSING_LAW, "第七十条")],
    }),
    certificatesOf: query({
      unfiltered: "own",
      title: text("我的证照", "My certificates"),
      audience: ["person", "organization"],
      input: z.object({}),
      output: z.object({ items: z.array(OwnCertificate) }),
      refusals: {},
      legalBasis: [],
    }),
    findCertificate: query({
      unfiltered: "one",
      title: text("查看证照", "Find a certificate of one's own"),
      audience: ["person", "organization"],
      input: z.object({ licenceNumber: number }),
      output: OwnCertificate,
      refusals: { "not-found": notFound },
      legalBasis: [],
    }),
    /** The holder's files: read them by their digest. The credential is a text. */
    download: query({
      title: text("下载证照", "Download a certificate"),
      audience: ["person", "organization"],
      input: z.object({ licenceNumber: number, what: z.enum(["original", "duplicate", "credential"]) }),
      output: z.union([
        z.object({ what: z.enum(["original", "duplicate"]), digest: Digest, fileName: z.string() }),
        z.object({ what: z.literal("credential"), token: z.string(), fileName: z.string() }),
      ]),
      refusals: { "not-found": notFound },
      legalBasis: [],
    }),
    verifyNumber: query({
      title: text("按编号核验", "Verify by number"),
      audience: ["public"],
      input: z.object({ number }),
      output: z.object({
        standing: z.enum([...Standing.options, "unknown"]),
        says: BothLanguages,
        licence: PublicFacts.optional(),
      }),
      refusals: {},
      legalBasis: open,
    }),
    /** A PDF (base64), a credential or a person's signature: who sealed or signed it, when, whether it is whole, and what became of the licence. */
    verifyDocument: query({
      title: text("核验文件", "Verify a document"),
      audience: ["public"],
      input: z.union([
        z.object({
          pdf: z.string().min(1).max(MAX_VERIFIED_CHARACTERS),
          /** The seal beside it (base64), where one came with it. */
          seal: z.string().max(MAX_SEAL_CHARACTERS).optional(),
        }),
        z.object({ token: z.string().trim().min(1).max(MAX_TOKEN_CHARACTERS) }),
        z.object({
          /** What a person signed with a key of her own: a JWS in compact form (`statement.jws` of an archive). */
          statement: z.string().trim().min(1).max(MAX_TOKEN_CHARACTERS),
          /** What she signed (base64; `signed.json`), where it is at hand. */
          content: z.string().max(MAX_VERIFIED_CHARACTERS).optional(),
        }),
      ]),
      output: z.object({
        /**
         * `genuine`: whole, and sealed by an authority of this node's root. `unconfirmed`: whole, but its seal was revoked or is in
         * no register. Everything else is not to be relied on.
         */
        verdict: z.enum([
          "genuine",
          "unconfirmed",
          "changed",
          "not-sealed",
          "untrusted",
          "expired-seal",
          "early-seal",
          "revoked-seal",
          "unreadable",
        ]),
        says: BothLanguages,
        sealedBy: z.string().optional(),
        /** By the sealer's own account: no third party vouches for the time. */
        sealedAt: Instant.optional(),
        /** By the account of a time-stamp authority: the seal's certificate was judged for this moment. */
        stampedAt: Instant.optional(),
        seal: z.object({ serial: Serial, status: z.enum(["valid", "revoked", "unknown"]) }).optional(),
        /** Of another node: the authority as the directory lists it, by whose division's root the seal was judged. */
        listed: z.object({ name: BothLanguages, division: z.string() }).optional(),
        /** The seal beside it: the one that came with it, or else the one that this node made. */
        beside: z
          .object({
            genuine: z.boolean(),
            says: BothLanguages,
            suites: z.array(z.enum(["international", "national", "hybrid"])),
            stampedAt: Instant.optional(),
            /** Whether this node made and kept it. */
            kept: z.boolean(),
          })
          .optional(),
        /** Of a statement: what its signer confirmed and when, by the statement's own account; and whether the content is that which was signed. */
        statement: z
          .object({
            act: z.string(),
            words: z.string(),
            signedAt: Instant,
            content: z.enum(["same", "another", "missing"]),
          })
          .optional(),
        licence: z
          .object({ standing: Standing, current: z.boolean(), says: BothLanguages, facts: PublicFacts })
          .optional(),
      }),
      refusals: {},
      legalBasis: open,
    }),
  },
});
