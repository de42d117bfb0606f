import { DOCUMENT_SIGNING_USE } from "#kernel/documents/pdf-seal-verification";
import { DerError } from "#lib/asn1/der";
import { fromBase64 } from "#lib/crypto/base64url";
import { readX509 } from "#lib/x509/certificate";
import { issuing } from "../certificates/issuing-port.ts";
import { implement } from "../implement.ts";

export const judgeSealCertificate = implement("judgeSealCertificate", async (ctx, { chain }) => {
  const [holder, ...others] = readChain(chain);
  // What this node issued is in its own register, and known from there or not at all.
  if (holder === undefined || issuing().chainOf(holder).length > 0)
    return { status: "unknown" as const, isDebt: false };
  const atMs = Temporal.Instant.from(ctx.now).epochMilliseconds;
  const question = { others, atMs, extendedKeyUse: DOCUMENT_SIGNING_USE };
  const own = await issuing().judge(holder, question);
  // Below no root of ours it may be another node's of the directory.
  const judged = !own.valid && own.problem === "wrong-issuer" ? await issuing().judgeListed(holder, question) : own;
  if (judged.valid) return { status: "valid" as const, isDebt: judged.debts.length > 0 };
  return { status: judged.problem === "revoked" ? ("revoked" as const) : ("unknown" as const), isDebt: false };
});

function readChain(chain: readonly string[]) {
  try {
    return chain.map((one) => readX509(fromBase64(one) ?? new Uint8Array()));
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}
