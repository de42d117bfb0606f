import type { PartDocument } from "#lib/directory/entries";
import { readNote } from "#lib/directory/part";
import { canonicalize } from "#lib/json/canonical";
import { implement } from "../implement.ts";
import { anchorsNow, authoritiesNow, emptyPart, PART_VALID_DAYS } from "../network/publish.ts";
import { knownOf, readMembership, readParts } from "../network/rows.ts";

const HALF_MS = (PART_VALID_DAYS * 86_400_000) / 2;

const listed = ({ authorities, anchors }: PartDocument) => ({ authorities, anchors });

export const renewalDue = implement("renewalDue", async (ctx) => {
  const membership = await readMembership(ctx.tables.read());
  if (membership === undefined) return { isDue: false, version: 0 };
  const kept = await readParts(ctx.tables.read());
  const own = kept.find(({ division }) => division === membership.division);
  const version = own?.version ?? 0;
  // Two nodes of one division share its part: only the one whose keys it names publishes it.
  const known = knownOf(kept);
  const delegated = [...known.values()].flatMap(({ document }) => document?.delegations ?? []);
  const keys = delegated.find(({ division }) => division === membership.division)?.keys ?? membership.anchor;
  if (!keys.some((line) => line.startsWith(`${membership.node}+`))) return { isDue: false, version };
  if (own === undefined) return { isDue: true, version };
  const until = readNote(own.note)?.head.until ?? ctx.now;
  const isHalfOver = Date.parse(until) - Date.parse(ctx.now) < HALF_MS;
  const document = known.get(membership.division)?.document ?? emptyPart(membership.division);
  const authorities = await authoritiesNow(ctx, document);
  const anchors = anchorsNow(document, membership, known);
  const hasChanged = canonicalize({ authorities, anchors }) !== canonicalize(listed(document));
  return { isDue: isHalfOver || hasChanged, version };
});
