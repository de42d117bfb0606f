import { z } from "zod";
import type { Contract } from "#kernel/contract/contract";
import { FILE_MAX_BYTES } from "#kernel/files/limits";
import type { Zone } from "#kernel/system/act";
import type { ContainerHead } from "#lib/ferry/container";
import { canonicalize } from "#lib/json/canonical";
import { hasSecrecyMark } from "#lib/secrecy/secrecy-mark";
import { CallTarget, Classification, ITEMS_MAX } from "./contract.ts";
import { directionOf, mayCross } from "./crossing.ts";
import type { Package } from "./packages.ts";

const FORMAT = "zhengtong-ferry-manifest/1";
/** As much as one item may have where it is kept (`kernel/files/limits.ts`). */
const ITEM_MAX_BYTES = FILE_MAX_BYTES;

const ItemText = z.strictObject({
  place: z.int().min(0).max(999),
  kind: z.enum(["document", "call"]),
  title: z.string().min(1).max(200),
  classification: Classification,
  mediaType: z.string().max(120),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1).max(ITEM_MAX_BYTES),
  target: CallTarget.optional(),
});
const ManifestText = z.strictObject({
  format: z.literal(FORMAT),
  id: z.uuid(),
  from: z.string(),
  to: z.string(),
  purpose: z.string().min(1).max(500),
  legalBasis: z.string().min(1).max(500),
  items: z.array(ItemText).min(1).max(ITEMS_MAX),
});
export type Manifest = z.output<typeof ManifestText>;

/** All that is in a package, as both officials sign it and the other side reads it. */
export function writeManifest(
  { id, node, purpose, legalBasis }: Pick<Package, "id" | "node" | "purpose" | "legalBasis">,
  { from, items }: { readonly from: string; readonly items: Manifest["items"] },
): string {
  const written: Manifest = { format: FORMAT, id, from, to: node, purpose, legalBasis, items };
  return canonicalize(JSON.parse(JSON.stringify(written)));
}

/** Reads what came, and holds it against what may cross: the receiving side does not rely on the sender's checks. */
export function readManifest(
  written: string,
  about: {
    readonly head: ContainerHead;
    readonly zones: { readonly from: Zone; readonly to: Zone };
    readonly contractOf: (room: string) => Contract | undefined;
  },
): Manifest | "altered" | "not-allowed" {
  const read = ManifestText.safeParse(parsed(written));
  const { head, zones } = about;
  if (!read.success) return "altered";
  const manifest = read.data;
  const isOfHead = manifest.id === head.id && manifest.from === head.from && manifest.to === head.to;
  if (!isOfHead || canonicalize(JSON.parse(JSON.stringify(manifest))) !== written) return "altered";
  const fits = manifest.items.every(
    (item) =>
      mayCross(item.classification, zones.from, zones.to) &&
      !hasSecrecyMark(item.title) &&
      (item.kind === "document" ? item.target === undefined : mayCall(item, about)),
  );
  return fits ? manifest : "not-allowed";
}

function mayCall(
  { target, classification }: Manifest["items"][number],
  { zones, contractOf }: Parameters<typeof readManifest>[1],
): boolean {
  const contract = target && contractOf(target.room);
  const rule = target && contract?.operations[target.operation]?.crosses;
  const direction = directionOf(zones.from, zones.to);
  if (contract === undefined || rule === undefined || direction === undefined) return false;
  const isVersion = Number(contract.version.split(".")[0]) === target?.version;
  return isVersion && rule.directions.includes(direction) && rule.classification === classification;
}

function parsed(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}
