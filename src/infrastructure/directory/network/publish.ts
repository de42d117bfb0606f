/** Publishing this node's own part: what changes, checked with all other parts, signed, kept. */
import type { Sql } from "#kernel/database/sql";
import { toBase64 } from "#lib/crypto/base64url";
import { isWithin, sixDigits, WHOLE_COUNTRY } from "#lib/directory/division";
import type { AuthorityEntry, KnownPart, OrganBranch, PartDocument, TrustAnchor } from "#lib/directory/entries";
import { openDirectory } from "#lib/directory/open";
import { readNote, writePart } from "#lib/directory/part";
import { DIRECTORY_FAULT_WORDS, type DirectoryRefusal } from "#lib/directory/refusal";
import type { Registers } from "../implement.ts";
import type { OrganKind } from "../registers.ts";
import { nodeKeysOf } from "./node-keys.ts";
import { keepParts, knownOf, lockDirectory, type Membership, readParts } from "./rows.ts";

/** From one edition to its end; it is published anew when half of that is over. */
export const PART_VALID_DAYS = 30;
const AUTHORITIES_PAGE = 200;

const BRANCHES: Readonly<Record<OrganKind, OrganBranch>> = {
  "people-government": "government",
  "market-regulation": "government",
  "public-security": "government",
  "government-services": "government",
  audit: "government",
  "party-committee": "party",
  "peoples-congress": "congress",
  cppcc: "cppcc",
  "supervisory-commission": "supervision",
  court: "court",
  procuratorate: "procuratorate",
  other: "other",
};

/** An operation of this room, as far as publishing needs it. */
export interface PublishingAct {
  readonly now: string;
  readonly tables: { write(): Promise<Sql> };
  readonly registers: Pick<Registers, "authority">;
}

export interface Published {
  readonly version: number;
}

/**
 * Publishes the next edition of this node's part.
 * @param change from the document as it stands, with this node's authorities as its register has them now
 */
export async function publishPart(
  ctx: PublishingAct,
  membership: Membership,
  change: (document: PartDocument) => PartDocument,
): Promise<Published | DirectoryRefusal> {
  const sql = await ctx.tables.write();
  await lockDirectory(sql);
  const kept = await readParts(sql);
  const known = knownOf(kept);
  const before = kept.find(({ division }) => division === membership.division);
  const written = known.get(membership.division)?.document ?? emptyPart(membership.division);
  const changed = change({ ...written, authorities: await authoritiesNow(ctx, written) });
  const document = { ...changed, anchors: anchorsNow(changed, membership, known) };
  const signed = await signEdition(ctx.now, membership, document, before?.note);
  const others = kept.filter(({ division }) => division !== membership.division);
  const { node: self, anchor } = membership;
  const opened = openDirectory([...others, signed], { anchor, self, now: ctx.now, known });
  if (opened.kind === "refused") return opened;
  await keepParts(sql, [{ ...signed, isOwn: true }], ctx.now);
  return { version: readNote(signed.note)?.head.version ?? 0 };
}

export function emptyPart(division: string): PartDocument {
  return {
    ...{ division, nodes: [], hostings: [], authorities: [] },
    ...{ renumberings: [], anchors: [], delegations: [] },
  };
}

async function signEdition(now: string, { node }: Membership, document: PartDocument, before: string | undefined) {
  const signer = await nodeKeysOf(node).noteSigner(node);
  const last = before === undefined ? undefined : readNote(before);
  const issued = Temporal.Instant.from(now).round("second");
  const draft = writePart(document, {
    version: (last?.head.version ?? 0) + 1,
    previous: last?.digest,
    issued: issued.toString(),
    until: issued.add({ hours: PART_VALID_DAYS * 24 }).toString(),
    keys: [signer.verifierKey, ...(signer.furtherKeys ?? [])],
  });
  return { note: `${draft.text}\n${await signer.sign(draft.text)}`, document: draft.document };
}

/** The register's authorities of this part's division; what the directory said of mergers stays. */
export async function authoritiesNow(
  { registers }: Pick<PublishingAct, "registers">,
  { division, authorities }: PartDocument,
): Promise<readonly AuthorityEntry[]> {
  const entries = new Map(authorities.map((entry) => [entry.id, entry]));
  for (let after: string | undefined; ; ) {
    const page = await registers.authority.find({}, { limit: AUTHORITIES_PAGE, ...(after !== undefined && { after }) });
    for (const { key: id, value } of page.items) {
      const of = sixDigits(value.division) ?? WHOLE_COUNTRY;
      if (!isWithin(of, division)) continue;
      const { code, name, parent, kind } = value;
      const standing = entries.get(id);
      const { state, into } = standing ?? { state: "active" };
      entries.set(id, {
        ...{ id, name, division: of, branch: BRANCHES[kind], state },
        // A code is never given again, and never taken back: the first one stands.
        code: standing?.code ?? code,
        ...(parent !== undefined && { parent }),
        ...(into !== undefined && { into }),
      });
    }
    after = page.next;
    if (after === undefined) break;
  }
  return [...entries.values()];
}

/** The roots of this node's seals, as anchors of its division; what the part says for others stays. */
export function anchorsNow(
  document: PartDocument,
  { node, division }: Pick<Membership, "node" | "division">,
  known: ReadonlyMap<string, KnownPart>,
): readonly TrustAnchor[] {
  const documents = [document, ...[...known.values()].map((part) => part.document)];
  const entry = documents.flatMap((one) => one?.nodes ?? []).find(({ code }) => code === node);
  const name = entry?.name ?? { zh: node, en: node };
  const own = nodeKeysOf(node)
    .sealRoots()
    .map((root) => ({ division, name, certificate: toBase64(root) }));
  return [...document.anchors.filter((anchor) => anchor.division !== division), ...own];
}

/** How a refusal is told to whoever made the change. */
export function contradictionOf({ part, fault, subject }: DirectoryRefusal): Readonly<Record<string, string>> {
  const { zh, en } = DIRECTORY_FAULT_WORDS[fault];
  return { part, what: `${zh} / ${en}`, subject };
}
