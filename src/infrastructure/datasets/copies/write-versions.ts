import type { Transaction } from "#kernel/database/sql";
import { storeLegalBasis } from "#kernel/registers/legal-bases";
import type { Vault } from "#kernel/vault/vault";
import type { ParcelContent, ReceivedVersion } from "../parcel.ts";
import { type Copy, descriptionOf, tableOf } from "./copy.ts";
import { copyRows, ROW_COLUMNS } from "./rows.ts";

/** Names one version of a copy. */
export interface NamedVersion {
  readonly key: string;
  readonly digest: Buffer;
}

/** What a batch came to. */
export interface Written {
  readonly added: number;
  readonly removed: number;
  /** Came again, and stands already. */
  readonly duplicates: number;
  /** Came behind what is newer for the same time, which stays. */
  readonly late: number;
  /** Two versions that the source recorded at the same instant for the same time: what it says now stands. */
  readonly conflicts: number;
}

/** Brings versions into a copy in which nothing of their entries is yet. */
export async function addVersions(
  tx: Transaction,
  { copy, vault }: { readonly copy: Copy; readonly vault: Vault },
  { citations, versions }: ParcelContent,
): Promise<void> {
  for (const each of citations) await storeLegalBasis(tx, each);
  if (versions.length === 0) return;
  const place = { copy: copy.id, description: descriptionOf(copy), vault };
  const into = `COPY ${tableOf(copy.id)} (${ROW_COLUMNS}) FROM STDIN (FORMAT binary)`;
  await tx.copyFrom(into, copyRows(place, versions));
}

interface Standing {
  readonly key: string;
  readonly valid_from: number;
  readonly valid_to: number | null;
  readonly recorded_from: number;
  readonly digest: Buffer;
}

/**
 * Takes versions out of a copy and brings others in, in whatever order they come: for each stretch of time of an entry the version
 * stands that its source recorded last.
 */
export async function changeVersions(
  tx: Transaction,
  place: { readonly copy: Copy; readonly vault: Vault },
  batch: { readonly removed: readonly NamedVersion[]; readonly content: ParcelContent },
): Promise<Written> {
  const { copy } = place;
  const { citations, versions } = batch.content;
  const removed = await removeVersions(tx, copy.id, batch.removed);
  const keys = [...new Set(versions.map(({ key }) => key))];
  const standing = await tx.query<Standing>(
    `SELECT v.key, v.valid_from, v.valid_to, v.recorded_from, v.digest
       FROM unnest($1::uuid[]) AS w (key) JOIN ${tableOf(copy.id)} v ON v.place = feed.place(w.key) AND v.key = w.key`,
    [keys],
  );
  const judged = judge(versions, standing);
  await removeVersions(tx, copy.id, judged.giveWay);
  await addVersions(tx, place, { citations, versions: judged.come });
  const { duplicates, late, conflicts } = judged;
  return { removed, added: judged.come.length, duplicates, late, conflicts };
}

interface Judged {
  readonly come: readonly ReceivedVersion[];
  readonly giveWay: readonly NamedVersion[];
  readonly duplicates: number;
  readonly late: number;
  readonly conflicts: number;
}

/** What of a batch comes in, and what of the copy gives way to it. */
export function judge(versions: readonly ReceivedVersion[], standing: readonly Standing[]): Judged {
  const count = { duplicates: 0, late: 0, conflicts: 0 };
  const giveWay = new Map<string, NamedVersion>();
  const come = new Map<string, ReceivedVersion>();
  const byKey = Map.groupBy(standing, ({ key }) => key);
  const comingByKey = new Map<string, ReceivedVersion[]>();
  for (const version of versions) {
    const held = (byKey.get(version.key) ?? []).filter((each) => !giveWay.has(nameOf(each)));
    const coming = (comingByKey.get(version.key) ?? []).filter((each) => come.has(nameOf(each)));
    if ([...held, ...coming].some(({ digest }) => digest.equals(version.digest))) {
      count.duplicates += 1;
      continue;
    }
    const heldInTheWay = held.filter((each) => overlaps(version, each.valid_from, each.valid_to ?? undefined));
    const comingInTheWay = coming.filter((each) => overlaps(version, each.validFrom, each.validTo));
    const newest = Math.max(
      ...heldInTheWay.map((each) => each.recorded_from),
      ...comingInTheWay.map((each) => each.recordedFrom),
    );
    if (newest > version.recordedFrom) {
      count.late += 1;
      continue;
    }
    if (newest === version.recordedFrom) count.conflicts += 1;
    for (const each of heldInTheWay) giveWay.set(nameOf(each), each);
    for (const each of comingInTheWay) come.delete(nameOf(each));
    come.set(nameOf(version), version);
    comingByKey.set(version.key, [...coming, version]);
  }
  return { come: [...come.values()], giveWay: [...giveWay.values()], ...count };
}

function nameOf({ key, digest }: NamedVersion): string {
  return `${key} ${digest.toString("hex")}`;
}

function overlaps(version: ReceivedVersion, from: number, to: number | undefined): boolean {
  const endsBefore = version.validTo !== undefined && version.validTo <= from;
  return !endsBefore && (to === undefined || version.validFrom < to);
}

async function removeVersions(tx: Transaction, copy: number, named: readonly NamedVersion[]): Promise<number> {
  if (named.length === 0) return 0;
  return await tx.execute(
    `DELETE FROM ${tableOf(copy)} v USING unnest($1::uuid[], $2::bytea[]) AS w (key, digest)
      WHERE v.place = feed.place(w.key) AND v.key = w.key AND v.digest = w.digest`,
    [named.map(({ key }) => key), named.map(({ digest }) => digest)],
  );
}
