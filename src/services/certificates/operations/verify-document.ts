import { isRefusal } from "#kernel/contract/refusal";
import { verifyDetachedSeal } from "#kernel/documents/detached-seal";
import { sealerOf } from "#kernel/documents/pdf-seal-verification";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { equalBytes } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { fill, type Text, text } from "#lib/language/text";
import { implement, type LicenceCertificate, type Registers, type Rooms } from "../implement.ts";
import { type ListedAuthority, listedAuthority } from "../listed-seals.ts";
import { certificatePorts } from "../ports.ts";
import { publicFacts, standingOf, standingText } from "../standing.ts";
import { verifyStatement } from "../statement-verification.ts";
import { sayStatement } from "../statement-words.ts";
import { type DocumentFault, type DocumentVerdict, signerIn, verifyPdf, verifyToken } from "../verification.ts";

const FAULTS: Readonly<Record<DocumentFault, Text>> = {
  changed: text(
    "文件在盖章之后被改动过，或者签名不符。请勿采信。",
    "The file was changed after it was sealed, or its signature does not fit. Do not rely on it.",
  ),
  "not-sealed": text(
    "文件上没有电子印章。它可能是打印后扫描的，或者从未盖章。请按编号核验。",
    "The file carries no electronic seal. It may be a scan of a print, or was never sealed. Verify it by its number instead.",
  ),
  untrusted: text(
    "文件的印章不是由本节点的证书体系签发的，也不是由节点目录为该机关所在地区载明的根证书签发的。请勿采信。",
    "The seal on this file was issued neither under a root of this node nor under one that the directory names for its authority. Do not rely on it.",
  ),
  "expired-seal": text(
    "盖章时印章证书已过期，不能据此确认。请按编号核验。",
    "The certificate of the seal had ended, so it proves nothing. Verify by the number instead.",
  ),
  "early-seal": text(
    "盖章时印章证书尚未生效。请勿采信。",
    "The certificate of the seal was not valid yet when it was used. Do not rely on it.",
  ),
  "revoked-seal": text(
    "盖章时印章证书已被吊销。请勿采信。",
    "The certificate of the seal had been revoked when it was used. Do not rely on it.",
  ),
  unreadable: text(
    "这不是能够识别的 PDF 文件或电子证照。请上传原始文件。",
    "This is neither a PDF nor a credential that can be read. Please give the original file.",
  ),
};
const GENUINE = text("文件真实、完整，由{by}盖章。", "The file is genuine and whole, sealed by {by}.");
const REVOKED_SINCE = text(
  "文件真实、完整，由{by}盖章。印章证书其后已被吊销；时间戳证明盖章在吊销之前。",
  "The file is genuine and whole, sealed by {by}. The seal's certificate was revoked since; a time stamp proves that the sealing came before.",
);
const REVOKED = text(
  "文件完整，但盖章所用的证书（{by}）已被吊销，且本节点没有这份文件的记录。请勿采信。",
  "The file is whole, but the seal's certificate ({by}) was revoked, and this node has no record of the file. Do not rely on it.",
);
const UNKNOWN_SEAL = text(
  "文件完整，但盖章所用的证书（{by}）未登记，不能确认。请按编号核验。",
  "The file is whole, but the seal's certificate ({by}) is in no register, so it cannot be confirmed. Verify by the number.",
);
const GENUINE_LISTED = text(
  "文件真实、完整，由{by}盖章。该机关属于其他节点，印章由节点目录为其地区载明的根证书证明。",
  "The file is genuine and whole, sealed by {by}: an authority of another node, below the root that the directory names for its division.",
);
const UNKNOWN_LISTED = text(
  "文件完整，由其他节点的机关（{by}）盖章，但现在查不到印章证书的状态，不能确认。请稍后再试。",
  "The file is whole and was sealed by {by}, an authority of another node, but nobody tells the status of the seal's certificate now, so it cannot be confirmed. Try again later.",
);
const OLD_COPY = text(
  "这是较早的版本，其后已重新制证。现行内容如下。",
  "This is an earlier copy; a newer certificate was made since. What holds now is below.",
);

export const verifyDocument = implement("verifyDocument", async (ctx, given) => {
  if ("statement" in given) return statementVerdict(given, ctx);
  const pdf = "pdf" in given ? (fromBase64(given.pdf) ?? new Uint8Array()) : undefined;
  const { verdict, listed } = await judged("token" in given ? given : { pdf: pdf ?? NOTHING }, ctx.now);
  if (!verdict.ok) return { verdict: verdict.fault, says: FAULTS[verdict.fault] };
  const { status, revokedAt } = await sealStatus(ctx.rooms, verdict);
  // What another node's authority says of a number is nothing about a licence of ours.
  const found = pdf ? await byFile(ctx.registers, pdf) : listed ? undefined : await byClaims(ctx.registers, verdict);
  const { sealedBy, sealedAt, stampedAt } = verdict;
  // A file that the register knows is the one that was made, whatever became of its seal since.
  const known = pdf !== undefined && found !== undefined;
  const stampedBefore = status === "revoked" && isBefore(stampedAt, revokedAt);
  const genuine = status === "valid" || known || stampedBefore;
  return {
    verdict: genuine ? ("genuine" as const) : ("unconfirmed" as const),
    says: fill(stampedBefore ? REVOKED_SINCE : wordsOf({ genuine, status, listed }), { by: sealedBy }),
    sealedBy,
    ...(sealedAt !== undefined && { sealedAt }),
    ...(stampedAt !== undefined && { stampedAt }),
    seal: { serial: verdict.serial, status },
    ...(listed && { listed: { name: listed.name, division: listed.division } }),
    ...(pdf && (await besideVerdict({ pdf, given: "seal" in given ? given.seal : undefined, listed }, ctx))),
    ...(found && genuine && { licence: licenceVerdict(found, ctx.today) }),
  };
});

/** Below this node's own roots; or, where the seal is of an authority of another node, below those that the directory names for it. */
async function judged(
  given: { readonly token: string } | { readonly pdf: Uint8Array },
  now: string,
): Promise<{ readonly verdict: DocumentVerdict; readonly listed?: ListedAuthority | undefined }> {
  const atMs = Temporal.Instant.from(now).epochMilliseconds;
  const under = (roots: readonly Uint8Array[]) =>
    "token" in given ? verifyToken(given.token, { roots, atMs }) : verifyPdf(given.pdf, { roots, atMs });
  const { trust, directory } = certificatePorts();
  const verdict = await under(trust.hierarchy.documentRoots);
  if (verdict.ok || verdict.fault !== "untrusted") return { verdict };
  const certificate = "token" in given ? signerIn(given.token) : await sealerOf(given.pdf);
  const listed = listedAuthority(certificate, directory?.());
  return listed === undefined ? { verdict } : { verdict: await under(listed.documentRoots), listed };
}

function wordsOf(about: {
  readonly genuine: boolean;
  readonly status: SealStatus["status"];
  readonly listed: ListedAuthority | undefined;
}): Text {
  if (about.genuine) return about.listed === undefined ? GENUINE : GENUINE_LISTED;
  if (about.status === "revoked") return REVOKED;
  return about.listed === undefined ? UNKNOWN_SEAL : UNKNOWN_LISTED;
}

/** What a person signed with a key of her own, and whether the content that came with it is that. */
async function statementVerdict(
  given: { readonly statement: string; readonly content?: string | undefined },
  { rooms, now }: { readonly rooms: Rooms; readonly now: string },
) {
  const { roots } = certificatePorts().trust.hierarchy;
  const verdict = await verifyStatement(given.statement, { roots, atMs: Temporal.Instant.from(now).epochMilliseconds });
  if (!verdict.ok) return { verdict: verdict.fault, says: sayStatement(verdict.fault) };
  const { status } = await sealStatus(rooms, verdict);
  const content = contentOf(given.content, verdict.digest);
  const found =
    content === "another" ? "changed" : status === "valid" && content === "same" ? "genuine" : "unconfirmed";
  const { act, words, signedBy: sealedBy, at: signedAt } = verdict;
  return {
    ...({ verdict: found, sealedBy, seal: { serial: verdict.serial, status } } as const),
    says: fill(sayStatement(content === "another" || status === "valid" ? content : status), { by: sealedBy }),
    statement: { act, words, signedAt, content },
  };
}

function contentOf(given: string | undefined, digest: string): "same" | "another" | "missing" {
  if (given === undefined) return "missing";
  return sha256Hex(fromBase64(given) ?? NOTHING) === digest ? "same" : "another";
}

/** What the seal beside a document says: the one that came with it, or else the one that this node made. */
async function besideVerdict(
  about: {
    readonly pdf: Uint8Array;
    readonly given: string | undefined;
    readonly listed: ListedAuthority | undefined;
  },
  { rooms, now }: { readonly rooms: Rooms; readonly now: string },
) {
  const { pdf, given, listed } = about;
  const { trust, sealBeside, directory } = certificatePorts();
  const own = await sealBeside(sha256Hex(pdf));
  const brought = given === undefined ? undefined : (fromBase64(given) ?? NOTHING);
  const seal = brought ?? own;
  if (seal === undefined) return {};
  const kept = own !== undefined && equalBytes(seal, own);
  const atMs = Temporal.Instant.from(now).epochMilliseconds;
  const verdict = await verifyDetachedSeal(seal, pdf, { roots: listed?.roots ?? trust.hierarchy.roots, atMs });
  if (!verdict.ok) {
    const says = verdict.fault === "another-document" ? BESIDE_OTHER : BESIDE_BAD;
    return { beside: { genuine: false, says, suites: [], kept } };
  }
  const stampedAt = verdict.stampedAtMs === undefined ? undefined : new Date(verdict.stampedAtMs).toISOString();
  const standings = await Promise.all(
    verdict.certificates.map(async ({ serial, der }, index) => {
      // Another node's root counts for that very authority.
      if (listed !== undefined && listedAuthority(der, directory?.())?.id !== listed.id) return false;
      const status = await sealStatus(rooms, {
        ...{ serial, fingerprint: sha256Hex(der), chain: verdict.chains[index] ?? [] },
      });
      return status.status === "valid" || isBefore(stampedAt, status.revokedAt);
    }),
  );
  const genuine = standings.every((good) => good);
  return {
    beside: {
      ...{ genuine, kept, suites: [...verdict.suites] },
      says: fill(genuine ? BESIDE_GOOD : BESIDE_UNKNOWN, { by: verdict.sealedBy }),
      ...(stampedAt !== undefined && { stampedAt }),
    },
  };
}

const BESIDE_GOOD = text("分离式印章有效，由{by}加盖。", "The seal beside the file is valid, made by {by}.");
const BESIDE_UNKNOWN = text(
  "分离式印章与文件相符，但其证书（{by}）已被吊销或者未登记。请勿采信该印章。",
  "The seal beside the file fits it, but its certificate ({by}) was revoked or is in no register. Do not rely on that seal.",
);
const BESIDE_OTHER = text(
  "分离式印章是另一份文件的，或者文件在盖章后被改动。",
  "The seal beside the file is of another file, or the file was changed since.",
);
const BESIDE_BAD = text(
  "分离式印章无效：签名不符，或者不是由本节点信任的根证书签发的。",
  "The seal beside the file is not valid: a signature does not fit, or it does not lead to a root that this node trusts.",
);

const NOTHING = new Uint8Array();

interface Found {
  readonly licence: LicenceCertificate;
  /** Whether the file is the licence as it is now, not an earlier copy. */
  readonly current: boolean;
}

function licenceVerdict({ licence, current }: Found, today: string) {
  const standing = standingText(licence, today);
  const says = current ? standing : text(`${OLD_COPY.zh}${standing.zh}`, `${OLD_COPY.en} ${standing.en}`);
  return { standing: standingOf(licence, today), current, says, facts: publicFacts(licence) };
}

interface SealStatus {
  readonly status: "valid" | "revoked" | "unknown";
  readonly revokedAt?: string | undefined;
}

type Sealed = Extract<DocumentVerdict, { ok: true }>;

/** A certificate that is not in the ledger is unknown, whoever signed it. */
async function sealStatus(
  rooms: Rooms,
  { serial, fingerprint, chain }: Pick<Sealed, "serial" | "fingerprint" | "chain">,
): Promise<SealStatus> {
  const answer = await rooms.trust.findCertificate({ serial, fingerprint });
  if (isRefusal(answer)) {
    // Another issuer's, below a root that the operator trusts: that issuer is asked.
    const judged = await rooms.trust.judgeSealCertificate({ chain: chain.map(toBase64) });
    return isRefusal(judged) ? { status: "unknown" } : { status: judged.status };
  }
  return isRefusal(answer) ? { status: "unknown" } : answer;
}

function isBefore(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return Temporal.Instant.compare(Temporal.Instant.from(one), Temporal.Instant.from(other)) < 0;
}

async function byFile(registers: Registers, pdf: Uint8Array): Promise<Found | undefined> {
  const digest = sha256Hex(pdf);
  const [file] = (await registers.issuedFile.find({ digest }, { limit: 1 })).items;
  if (!file) return undefined;
  const licence = await byNumber(registers, file.value.number);
  return licence && { licence, current: [licence.originalDigest, licence.duplicateDigest].includes(digest) };
}

async function byClaims(
  registers: Registers,
  { claims }: Extract<DocumentVerdict, { ok: true }>,
): Promise<Found | undefined> {
  const number = claims?.["licence_number"];
  const licence = typeof number === "string" ? await byNumber(registers, number) : undefined;
  return licence && { licence, current: claims?.["jti"] === `urn:uuid:${licence.caseId}` };
}

async function byNumber(registers: Registers, number: string): Promise<LicenceCertificate | undefined> {
  return (await registers.licenceCertificate.find({ number }, { limit: 1 })).items[0]?.value;
}
