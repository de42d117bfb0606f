/** Time stamps (RFC 3161): what an authority that may do nothing else saw, and when. */
import { same } from "./bytes.ts";
import { type Certificate, mayStampTimes, verifyPath } from "./certificate.ts";
import { verifySignedData } from "./cms.ts";
import { broken, child, expect, integer, oid, readDer, TAG, time } from "./der.ts";
import { Refusal } from "./report.ts";

const SHA256 = "2.16.840.1.101.3.4.2.1";
const SM3 = "1.2.156.10197.1.401";
const EXTENSIONS = 0xa1;

export interface Stamp {
  readonly atMs: number;
  /** Whose certificate it is verified with. */
  readonly authority: Certificate;
}

/**
 * Checks that a stamp is of this digest, and, where roots are given, whose it is at a moment.
 * @param token which zeros may follow
 */
export async function verifyStamp(
  token: Uint8Array,
  question: {
    /** SHA-256; or both digests of what may be stamped with either. */
    readonly digest: Uint8Array | { readonly sha256: Uint8Array; readonly sm3: Uint8Array };
    readonly certificates: readonly Certificate[];
    readonly roots: readonly Certificate[];
    readonly atMs: number;
  },
): Promise<Stamp> {
  const { digest, certificates, roots, atMs } = question;
  const { signer, others, content } = await verifySignedData(token, { kind: "stamp" }, certificates);
  const info = expect(readDer(content ?? new Uint8Array()), TAG.sequence);
  const [version, , imprint, , at, ...optional] = info.children;
  if (!version || !imprint || !at || integer(version) !== 1) throw broken("not a time stamp");
  if (optional.some(({ tag }) => tag === EXTENSIONS)) throw broken("a time stamp with extensions");
  const stamped = child(imprint, 1, TAG.octetString).content;
  const expected = digest instanceof Uint8Array ? { sha256: digest, sm3: undefined } : digest;
  const algorithm = oid(child(child(imprint, 0, TAG.sequence), 0));
  const own = algorithm === SHA256 ? expected.sha256 : algorithm === SM3 ? expected.sm3 : undefined;
  if (own === undefined || !same(stamped, own))
    throw new Refusal("stamp-digest", "时间戳不是这份文件的", "The time stamp is of something else");
  if (!mayStampTimes(signer))
    throw new Refusal("stamp-use", "该证书不得用于时间戳", "This certificate may not stamp times");
  if (roots.length > 0) await verifyPath(signer, others, { roots, atMs, use: "stamping" });
  return { atMs: time(expect(at, TAG.generalizedTime)), authority: signer };
}
