/** Whether a person or an official signed what a statement says, with a key of her own (`kernel/services/statement.ts`). No register is asked here. */
import { RECORD_SIGNING_USE, STATEMENT_TYPE, StatementSchema } from "#kernel/services/statement";
import { DerError } from "#lib/asn1/der";
import { readPublicKey, verifySigned } from "#lib/certificate/algorithms";
import { sha256Hex } from "#lib/crypto/digest";
import { verifyWith } from "#lib/crypto/purposes";
import { canonicalize } from "#lib/json/canonical";
import { verifyJws } from "#lib/jws/jws";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import { anchorOf, buildPath, type PathProblem } from "#lib/x509/path-validation";
import type { DocumentTrust } from "./verification.ts";

/** X.520 serialNumber: the key of whoever signs. */
const SERIAL_NUMBER = "2.5.4.5";

export type StatementFault = "changed" | "untrusted" | "expired-seal" | "early-seal" | "unreadable";

export type StatementVerdict =
  | {
      readonly ok: true;
      readonly signedBy: string;
      readonly serial: string;
      /** SHA-256 of the certificate, hexadecimal. */
      readonly fingerprint: string;
      /** Her certificate and those above it, DER. */
      readonly chain: readonly Uint8Array[];
      readonly words: string;
      readonly act: string;
      /** By the statement's own account. */
      readonly at: string;
      /** SHA-256 of what was signed, hexadecimal. */
      readonly digest: string;
    }
  | { readonly ok: false; readonly fault: StatementFault };

const FAULTS: Readonly<Partial<Record<PathProblem, StatementFault>>> = {
  expired: "expired-seal",
  "not-yet-valid": "early-seal",
};

/** Bad ones are a verdict, never an exception. */
export async function verifyStatement(token: string, { roots, atMs }: DocumentTrust): Promise<StatementVerdict> {
  let chain: readonly X509Certificate[] = [];
  let isUnreadable = true;
  const read = await verifyJws(token.trim(), {
    type: STATEMENT_TYPE,
    verify: (message, signature, { certificates }) => {
      try {
        chain = certificates.map(readX509);
        const [holder] = chain;
        if (holder === undefined) return false;
        const key = readPublicKey(holder.publicKeyInfo);
        isUnreadable = false;
        return verifyWith(["international", "national", "hybrid"], { key, message, signature, encoding: "raw" });
      } catch (error) {
        if (error instanceof DerError) return false;
        throw error;
      }
    },
  });
  const [holder, ...others] = chain;
  if (read === undefined || holder === undefined) return { ok: false, fault: isUnreadable ? "unreadable" : "changed" };
  const said = StatementSchema.safeParse(parsed(read.payload)).data;
  if (said === undefined) return { ok: false, fault: "unreadable" };
  const path = buildPath(holder, others, {
    ...{ anchors: roots.map((root) => anchorOf(readX509(root))), atMs, verify: verifySigned },
    extendedKeyUse: RECORD_SIGNING_USE,
  });
  if (!path.valid) return { ok: false, fault: FAULTS[path.problem] ?? "untrusted" };
  const names = holder.subject.parts.flat();
  if (!names.some(({ type, value }) => type === SERIAL_NUMBER && value === said.signer.id))
    return { ok: false, fault: "untrusted" };
  return {
    ...{ ok: true, signedBy: commonNameOf(holder.subject), serial: holder.serial, fingerprint: sha256Hex(holder.der) },
    ...{ chain: chain.map(({ der }) => der), words: said.words, act: said.act, at: said.at, digest: said.digest },
  };
}

/** JSON in its one spelling. */
function parsed(payload: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
    const value: unknown = JSON.parse(text);
    return canonicalize(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
