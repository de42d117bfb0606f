/**
 * The seal of a PDF (PAdES). The PDF's own structure is not read: a seal counts only if it covers every byte of the file but the
 * hexadecimal text of the signature itself, or if nothing follows but the one update that adds evidence and a time stamp
 * (`archive.ts`). So there is nothing in the file that the signer did not sign.
 */
import { type Archive, readArchive } from "./archive.ts";
import { concat, fromHex, text } from "./bytes.ts";
import { type Certificate, describe, maySeal, readCertificate, verifyPath } from "./certificate.ts";
import { checkIssued, type IssuanceTrust } from "./certificate-proof.ts";
import { type Signed, verifySignedData } from "./cms.ts";
import { sha256 } from "./crypto.ts";
import { examine, type Finding, good, note, open, Refusal, type Report } from "./report.ts";
import { type Standing, standingOf } from "./status-answer.ts";
import { verifyStamp } from "./time-stamp.ts";

export interface CertificateTrust extends IssuanceTrust {
  readonly roots: readonly Certificate[];
  readonly atMs: number;
}

export const PDF_MAX_BYTES = 64 * 1024 * 1024;
const SIGNATURE_MAX_BYTES = 65_536;
/** How much the clock of whoever stamped may be ahead. */
const SKEW_MS = 60_000;
const RANGE = /\/ByteRange\s{0,8}\[\s{0,8}0\s{1,40}([0-9]{1,10})\s{1,40}([0-9]{1,10})\s{1,40}([0-9]{1,10})\s{0,40}\]/g;

/** Checks the last seal of a PDF. */
export function verifySealedPdf(pdf: Uint8Array, trust: CertificateTrust): Promise<Report> {
  return examine("sealed-pdf", async (found, facts) => {
    if (pdf.length > PDF_MAX_BYTES) throw new Refusal("too-big", "文件过大", "The file is too big");
    const seal = findSeal(pdf);
    const signed = await verifySignedData(seal.structure, {
      kind: "data",
      digest: around(pdf.subarray(0, seal.end), seal),
    });
    found.push(
      good("seal", "印章覆盖整个文件，加盖后未被改动", "The seal covers the whole file, which is unchanged since"),
    );
    if (!maySeal(signed.signer)) {
      throw new Refusal("wrong-use", "该证书不得用于文件签章", "This certificate may not seal documents");
    }
    await judge(pdf, { seal, signed, trust }, found, facts);
    found.push(
      note(
        "not-revocation",
        "本工具离线核验：其后证书是否吊销、许可是否仍然有效，不查询",
        "Checked off line: whether a certificate was revoked since, or a licence is still in force, is not asked",
      ),
    );
  });
}

interface Judged {
  readonly seal: Seal;
  readonly signed: Signed;
  readonly trust: CertificateTrust;
}

/** Whose seal it is, as of when: of its time stamp where it has one, of the moment of the question where not. */
async function judge(
  pdf: Uint8Array,
  { seal, signed, trust }: Judged,
  found: Finding[],
  facts: Record<string, unknown>,
): Promise<void> {
  const { roots, atMs } = trust;
  const { archive } = seal;
  const certificates = [...signed.others, ...(archive?.certificates ?? []).map(readCertificate)];
  // The last stamp must hold now; it vouches that what is below it existed while that still held.
  let heldAtMs = atMs;
  let stampedAtMs: number | undefined;
  if (archive !== undefined) {
    const stamp = await verifyStamp(archive.stamp, { digest: around(pdf, archive), certificates, roots, atMs });
    heldAtMs = stamp.atMs;
    stampedAtMs = stamp.atMs;
  }
  if (signed.stamp !== undefined) {
    const digest = sha256(signed.signature);
    stampedAtMs = (await verifyStamp(signed.stamp, { digest, certificates, roots, atMs: heldAtMs })).atMs;
  }
  if (Math.max(heldAtMs, stampedAtMs ?? 0) > atMs + SKEW_MS)
    throw new Refusal("stamp-future", "时间戳晚于核验时间", "The time stamp is later than the moment of judgement");
  facts["sealedBy"] = describe(signed.signer);
  facts["level"] = archive !== undefined ? "B-LTA" : signed.stamp !== undefined ? "B-T" : "B-B";
  if (stampedAtMs !== undefined) facts["stampedAt"] = new Date(stampedAtMs).toISOString();
  if (roots.length === 0) {
    found.push(
      open(
        "no-root",
        "未提供根证书，无法确认是谁的印章：请提供（--root）",
        "Whose seal it is cannot be told without a root certificate: give one with --root",
      ),
    );
    return;
  }
  const signedAtMs = stampedAtMs ?? atMs;
  const [, issuer] = await verifyPath(signed.signer, certificates, { roots, atMs: signedAtMs });
  const { commonName } = signed.signer;
  await checkIssued(signed.signer, { trust, atMs: signedAtMs, carried: (archive?.proofs ?? []).map(text) }, found);
  found.push(
    good(
      "sealer",
      `印章证书“${commonName}”由您信任的根证书签发`,
      `The seal of ${commonName} leads to a root that you trust`,
    ),
  );
  if (stampedAtMs !== undefined) {
    const at = new Date(stampedAtMs).toISOString();
    found.push(
      good(
        "stamped",
        `时间戳证明：${at} 已盖章，当时证书有效`,
        `Stamped: sealed by ${at}, while the certificate was valid`,
      ),
    );
  }
  if (archive !== undefined && issuer !== undefined) {
    found.push(told(await standingOf(signed.signer, issuer, { answers: archive.answers, signedAtMs }), signedAtMs));
  }
}

/** What the evidence in the file says of the signer. */
function told(standing: Standing, signedAtMs: number): Finding {
  if (standing.kind === "unknown")
    return note("no-evidence", "文件中没有证书状态的证据", "The file has no evidence of the certificate's status");
  const at = new Date(standing.kind === "good" ? standing.asOfMs : standing.sinceMs).toISOString();
  if (standing.kind === "good")
    return good("not-revoked", `签发机构证明：截至 ${at} 证书未被吊销`, `Its issuer states: not revoked as of ${at}`);
  if (standing.sinceMs <= signedAtMs)
    throw new Refusal(
      "revoked",
      `盖章时证书已被吊销（${at}）`,
      `The certificate had been revoked when it sealed (${at})`,
    );
  return note("revoked-since", `证书其后被吊销（${at}），盖章在此之前`, `The certificate was revoked later (${at})`);
}

/** The digest of everything but a gap. */
function around(bytes: Uint8Array, { gapStart, gapEnd }: Pick<Archive, "gapStart" | "gapEnd">): Uint8Array {
  return sha256(concat(bytes.subarray(0, gapStart), bytes.subarray(gapEnd)));
}

interface Seal {
  readonly gapStart: number;
  readonly gapEnd: number;
  /** Where what it covers ends. */
  readonly end: number;
  readonly structure: Uint8Array;
  readonly archive: Archive | undefined;
}

function findSeal(pdf: Uint8Array): Seal {
  const source = new TextDecoder("latin1").decode(pdf);
  const ranges = [...source.matchAll(RANGE)].slice(-16).reverse();
  if (ranges.length === 0) throw new Refusal("no-seal", "文件上没有电子印章", "The file has no electronic seal");
  for (const range of ranges) {
    const [gapStart, gapEnd, rest] = range.slice(1).map(Number) as [number, number, number];
    const gap = source.slice(gapStart, gapEnd);
    const end = gapEnd + rest;
    const isSignature =
      gapEnd > gapStart &&
      gap.length <= 2 * SIGNATURE_MAX_BYTES + 2 &&
      /^<(?:[0-9A-Fa-f]{2})+>$/.test(gap) &&
      /\/Contents\s{0,8}$/.test(source.slice(Math.max(0, gapStart - 24), gapStart));
    if (!isSignature || end > pdf.length || range.index > end) continue;
    const archive = end < pdf.length ? readArchive(pdf, end) : undefined;
    // The stamp of an archive covers the whole file too, and is no seal.
    const isStamp = /\/SubFilter \/ETSI\.RFC3161\n\/Contents $/.test(
      source.slice(Math.max(0, gapStart - 64), gapStart),
    );
    if (isStamp || (end < pdf.length && archive === undefined)) continue;
    const structure = fromHex(gap.slice(1, -1));
    return { gapStart, gapEnd, end, structure, archive };
  }
  throw new Refusal(
    "not-covered",
    "印章没有覆盖整个文件：盖章后有内容添加或改动",
    "The seal does not cover the whole file: something was added or changed after it",
  );
}
