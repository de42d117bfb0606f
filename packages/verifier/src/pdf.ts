/**
 * The seal of a PDF (PAdES). The PDF's own structure is not read: a seal counts only if it covers every byte of the file
 * but the hexadecimal text of the signature itself. So there is nothing in the file that the signer did not sign.
 */
import { concat, fromHex } from "./bytes.ts";
import { type Certificate, describe, maySeal, verifyPath } from "./certificate.ts";
import { type Signed, verifySignedData } from "./cms.ts";
import { sha256 } from "./crypto.ts";
import { examine, good, note, open, Refusal, type Report } from "./report.ts";

export interface CertificateTrust {
  readonly roots: readonly Certificate[];
  readonly atMs: number;
}

export const PDF_MAX_BYTES = 64 * 1024 * 1024;
const SIGNATURE_MAX_BYTES = 65_536;
const RANGE = /\/ByteRange\s{0,8}\[\s{0,8}0\s{1,40}([0-9]{1,10})\s{1,40}([0-9]{1,10})\s{1,40}([0-9]{1,10})\s{0,40}\]/g;

/** Checks the last seal of a PDF. */
export function verifySealedPdf(pdf: Uint8Array, trust: CertificateTrust): Promise<Report> {
  return examine("sealed-pdf", async (found, facts) => {
    if (pdf.length > PDF_MAX_BYTES) throw new Refusal("too-big", "文件过大", "The file is too big");
    const { gapStart, gapEnd, structure } = findSeal(pdf);
    const signed = await verifySignedData(structure, sha256(concat(pdf.subarray(0, gapStart), pdf.subarray(gapEnd))));
    found.push(
      good("seal", "印章覆盖整个文件，加盖后未被改动", "The seal covers the whole file, which is unchanged since"),
    );
    await checkSealer(signed, trust);
    facts["sealedBy"] = describe(signed.signer);
    if (trust.roots.length === 0) {
      found.push(
        open(
          "no-root",
          "未提供根证书，无法确认是谁的印章：请提供（--root）",
          "Whose seal it is cannot be told without a root certificate: give one with --root",
        ),
      );
    } else {
      const { commonName } = signed.signer;
      found.push(
        good(
          "sealer",
          `印章证书“${commonName}”由您信任的根证书签发`,
          `The seal of ${commonName} leads to a root that you trust`,
        ),
      );
    }
    found.push(
      note(
        "not-revocation",
        "本工具离线核验，不查询证书是否吊销、许可是否仍然有效",
        "Checked off line: whether a certificate was revoked, or a licence is still in force, is not asked",
      ),
    );
  });
}

async function checkSealer({ signer, others }: Signed, trust: CertificateTrust): Promise<void> {
  if (!maySeal(signer)) {
    throw new Refusal("wrong-use", "该证书不得用于文件签章", "This certificate may not seal documents");
  }
  if (trust.roots.length > 0) await verifyPath(signer, others, trust);
}

interface Seal {
  readonly gapStart: number;
  readonly gapEnd: number;
  readonly structure: Uint8Array;
}

function findSeal(pdf: Uint8Array): Seal {
  const source = new TextDecoder("latin1").decode(pdf);
  const ranges = [...source.matchAll(RANGE)].slice(-16).reverse();
  if (ranges.length === 0) throw new Refusal("no-seal", "文件上没有电子印章", "The file has no electronic seal");
  for (const range of ranges) {
    const [gapStart, gapEnd, rest] = range.slice(1).map(Number) as [number, number, number];
    const gap = source.slice(gapStart, gapEnd);
    const covers = gapEnd > gapStart && gapEnd + rest === pdf.length && gap.length <= 2 * SIGNATURE_MAX_BYTES + 2;
    const isSignature =
      /^<(?:[0-9A-Fa-f]{2})+>$/.test(gap) &&
      /\/Contents\s{0,8}$/.test(source.slice(Math.max(0, gapStart - 24), gapStart));
    if (covers && isSignature) return { gapStart, gapEnd, structure: fromHex(gap.slice(1, -1)) };
  }
  throw new Refusal(
    "not-covered",
    "印章没有覆盖整个文件：盖章后有内容添加或改动",
    "The seal does not cover the whole file: something was added or changed after it",
  );
}
