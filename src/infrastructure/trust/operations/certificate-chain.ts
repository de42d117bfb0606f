import { writeAlgorithm } from "#lib/certificate/algorithms";
import { equalBytes } from "#lib/crypto/bytes";
import { readX509 } from "#lib/x509/certificate";
import { fromPem } from "../certificates/authority-files.ts";
import { SEAL_POLICY } from "../certificates/profiles.ts";
import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const certificateChain = implement("certificateChain", async (ctx) => {
  const find = async (subjectKind: "root" | "issuer") =>
    (await ctx.registers.certificate.find({ subjectKind }, { limit: LIST_LENGTH_MAX })).items
      .toSorted((one, other) => (one.value.notAfter < other.value.notAfter ? 1 : -1))
      .map(({ value }) => value.pem);
  const [roots, issuers] = [await find("root"), await find("issuer")];
  // The one that nodes had for all purposes names no policy.
  const sealing = issuers.find(issuesSeals) ?? issuers.at(0);
  const above = sealing === undefined ? undefined : roots.find((pem) => nameOf(pem) === issuerOf(sealing));
  return sealing !== undefined && above !== undefined
    ? { root: above, issuer: sealing, roots, issuers }
    : ctx.refuse("not-ready");
});

function issuesSeals(pem: string): boolean {
  const { policies, signatureAlgorithm } = readX509(fromPem(pem));
  // PDF and SD-JWT are read by programs that know no SM2.
  return policies?.includes(SEAL_POLICY) === true && equalBytes(signatureAlgorithm, ECDSA);
}

const ECDSA = writeAlgorithm("ES256");

function nameOf(pem: string): string {
  return readX509(fromPem(pem)).subject.key;
}

function issuerOf(pem: string): string {
  return readX509(fromPem(pem)).issuer.key;
}
