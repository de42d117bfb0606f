/**
 * What two officials sign before a package leaves: the first that this is what shall cross, the second, having reviewed it, that it may, and
 * as which in the order of packages. Either signature alone releases nothing.
 */
import { z } from "zod";
import { DerError } from "#lib/asn1/der";
import { readPublicKey, verifySigned } from "#lib/certificate/algorithms";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { verifyWith } from "#lib/crypto/purposes";
import { canonicalize } from "#lib/json/canonical";
import { verifyJws } from "#lib/jws/jws";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { anchorOf, buildPath } from "#lib/x509/path-validation";
import type { Card } from "./card.ts";
import { networkPorts } from "./ports.ts";

const FORMAT = "zhengtong-ferry-release/1";
const TYPE = "zhengtong-ferry-release+jws";

const Id = z.uuid();
const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Statement = z.discriminatedUnion("role", [
  z.strictObject({
    format: z.literal(FORMAT),
    role: z.literal("proposes"),
    package: Id,
    manifest: Digest,
    signer: Id,
    at: z.iso.datetime(),
  }),
  z.strictObject({
    format: z.literal(FORMAT),
    role: z.literal("releases"),
    package: Id,
    manifest: Digest,
    signer: Id,
    at: z.iso.datetime(),
    sequence: z.int().min(1),
    /** Of the manifest of the package before; null for the first. */
    previous: Digest.nullable(),
  }),
]);
type Statement = z.output<typeof Statement>;

type Said<Role extends Statement["role"]> = Omit<Extract<Statement, { role: Role }>, "format" | "role" | "signer">;

export async function signRelease<Role extends Statement["role"]>(
  role: Role,
  said: Said<Role>,
  official: { readonly id: string; readonly name: string },
): Promise<string> {
  const payload = utf8(canonicalize({ format: FORMAT, role, signer: official.id, ...said }));
  const signed = await networkPorts().signer.signAs({
    signer: { kind: "official", id: official.id, name: official.name },
    type: TYPE,
    payload,
    at: said.at,
  });
  return signed.token;
}

/** What both said of a package, where two officials of the node on the card said it; undefined otherwise. */
export async function verifiedRelease(
  tokens: readonly Uint8Array[],
  about: { readonly id: string; readonly manifest: string; readonly card: Card },
): Promise<{ readonly sequence: number; readonly previous: string | null } | undefined> {
  if (tokens.length !== 2) return undefined;
  const [proposal, release] = await Promise.all(tokens.map((token) => statementOf(token, about.card)));
  if (proposal?.role !== "proposes" || release?.role !== "releases") return undefined;
  const isAbout = [proposal, release].every((said) => said.package === about.id && said.manifest === about.manifest);
  if (!isAbout || proposal.signer === release.signer) return undefined;
  const { sequence, previous } = release;
  return { sequence, previous };
}

/** A statement whose signer's certificate stands below a root of the card at the moment that it names, and names the same official. */
async function statementOf(token: Uint8Array, card: Card): Promise<Statement | undefined> {
  const read = await verifyJws(Buffer.from(token).toString("latin1"), {
    type: TYPE,
    verify: (message, signature, { certificates }) => {
      const holder = readable(certificates[0]);
      if (holder === undefined) return false;
      try {
        return verifyWith(["international", "national"], {
          ...{ key: readPublicKey(holder.publicKeyInfo), message, signature, encoding: "raw" },
        });
      } catch {
        return false;
      }
    },
  });
  const statement = read && Statement.safeParse(parsed(read.payload));
  const [holder, ...others] = read?.header.certificates.map(readable) ?? [];
  if (!statement?.success || holder === undefined) return undefined;
  const path = buildPath(
    holder,
    others.filter((one) => one !== undefined),
    {
      ...{ anchors: card.roots.map(anchorOf), atMs: Date.parse(statement.data.at), verify: verifySigned },
      ...{ policies: [networkPorts().officialPolicy], requireExplicitPolicy: true },
    },
  );
  const names = holder.subject.parts.flat();
  const isSigner = names.some(({ type, value }) => type === SERIAL_NUMBER && value === statement.data.signer);
  return path.valid && isSigner ? statement.data : undefined;
}

/** X.520 serialNumber: the key of the official. */
const SERIAL_NUMBER = "2.5.4.5";

function readable(der: Uint8Array | undefined): X509Certificate | undefined {
  try {
    return der && readX509(der);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(payload));
  } catch {
    return undefined;
  }
}
