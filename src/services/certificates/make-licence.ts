/** Makes the files of a licence: two sealed copies and a credential. */
import { randomBytes } from "#kernel/random";
import { issueSdJwt } from "#lib/sd-jwt/issue";
import { credentialClaims, type LicenceContent, printedCopy } from "./licence-content.ts";
import type { CertificatePorts } from "./ports.ts";

/** RFC 9901 §9.3. */
const SALT_BYTES = 16;
/** What one line of the printed form holds. */
const MAX_PRINTED_CHARACTERS = 120;

export interface SealedCopy {
  /** Sealed within (PAdES). */
  readonly pdf: Uint8Array;
  /** The seal beside it. */
  readonly seal: Uint8Array;
}

export interface MadeLicence {
  readonly original: SealedCopy;
  readonly duplicate: SealedCopy;
  readonly credential: string;
}

/** What cannot be put on paper as it is: characters without a glyph, or more than the page holds. */
export type NotPrintable =
  | { readonly missingCharacters: readonly string[] }
  | { readonly doesNotFit: readonly string[] };

/** @param request `at` is ISO 8601, UTC */
export async function makeLicence(
  content: LicenceContent,
  request: { readonly ports: CertificatePorts; readonly at: string; readonly legalBasis: readonly string[] },
): Promise<MadeLicence | NotPrintable> {
  const { ports, at } = request;
  const long = tooLong(content);
  if (long.length > 0) return { doesNotFit: long };
  const print = (copy: "original" | "duplicate") =>
    ports.documents.render({ kind: "licence/food", data: printedCopy(content, copy, ports) });
  const [original, duplicate] = await Promise.all([print("original"), print("duplicate")]);
  if ("missingCharacters" in original) return original;
  if ("missingCharacters" in duplicate) return duplicate;
  if (pagesOf(original.pdf) !== 1 || pagesOf(duplicate.pdf) !== 1) return { doesNotFit: ["经营项目"] };
  const seal = { authority: content.authority, seal: "licensing", at } as const;
  const sealed = async (plain: Uint8Array, copy: string): Promise<SealedCopy> => {
    const about = { ...seal, reason: `食品经营许可证${copy} ${content.number}` };
    const pdf = await ports.trust.signer.sealDocument({ ...about, pdf: plain });
    return { pdf, seal: await ports.trust.signer.sealBeside({ ...about, document: pdf }) };
  };
  const signer = await ports.trust.credentialSigner({ ...seal, reason: `食品经营许可证电子证照 ${content.number}` });
  const issuedAtSeconds = Math.floor(Temporal.Instant.from(at).epochMilliseconds / 1000);
  const { publicUrl } = ports;
  return {
    original: await sealed(original.pdf, "（正本）"),
    duplicate: await sealed(duplicate.pdf, "（副本）"),
    credential: await issueSdJwt({
      claims: credentialClaims(content, { publicUrl, issuedAtSeconds, legalBasis: request.legalBasis }),
      signer,
      salt: () => randomBytes(SALT_BYTES),
    }),
  };
}

function tooLong(content: LicenceContent): readonly string[] {
  const lines: readonly (readonly [string, string])[] = [
    ["经营者名称", content.holderName],
    [content.headTitle, content.head],
    ["住所", content.registeredAddress],
    ["经营场所", content.premises],
    ["主体业态", content.businessType],
    ["发证机关", content.authorityName.zh],
    ...content.scope.map((item) => ["经营项目", item] as const),
  ];
  return [...new Set(lines.filter(([, line]) => line.length > MAX_PRINTED_CHARACTERS).map(([what]) => what))];
}

/** Page objects stand in the clear in what our typesetter writes. */
function pagesOf(pdf: Uint8Array): number {
  return (
    Buffer.from(pdf)
      .toString("latin1")
      .match(/\/Type \/Page\b/g)?.length ?? 0
  );
}
