import { TAG, writeDer } from "#lib/asn1/der";
import { utf8 } from "#lib/crypto/bytes";

/** GeneralizedTime in UTC to the second, as status answers and time stamps write every year (RFC 6960 §4.2.1, RFC 3161 §2.4.2). */
export function writeGeneralizedTime(atMs: number): Uint8Array {
  const digits = new Date(Math.floor(atMs / 1000) * 1000).toISOString().replaceAll(/[-:TZ]|\.\d+/g, "");
  return writeDer(TAG.generalizedTime, utf8(`${digits}Z`));
}
