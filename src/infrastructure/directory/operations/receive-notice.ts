import { COSIGNING_KEYS_MAX, STRUCK_MAX } from "#lib/directory/document";
import type { NodeEntry, PartDocument } from "#lib/directory/entries";
import { provenMessageKey } from "#lib/directory/joining";
import { openSuccession } from "#lib/merkle/succession";
import { formatSuiteVerifierKey } from "#lib/merkle/suite-note";
import { implement } from "../implement.ts";
import { fingerprintOfChain } from "../network/certificate.ts";
import { writeChange } from "../network/change.ts";
import { judgeNoticeOn } from "../network/notices.ts";
import { contradictionOf, publishPart } from "../network/publish.ts";

const CHANGES_PAGE = 200;
/** After a renewal the certificate before counts for so long: parts of the directory reach every node within minutes. */
export const OVERLAP_MINUTES = 60;
const OVERLAPPING_MAX = 4;
const ASKED = "节点申请退出 The node asks to leave";

export const receiveNotice = implement("receiveNotice", async (ctx, { note, chain }) => {
  const judged = await judgeNoticeOn(ctx, note);
  if ("code" in judged) return ctx.refuse(judged.code, "node" in judged ? { node: judged.node } : {});
  const { notice, entry, membership } = judged;
  const node = entry.code;
  if (notice.what === "renew") {
    const certificate = chain === undefined ? undefined : fingerprintOfChain(chain);
    if (certificate === undefined) return ctx.refuse("notice-wrong");
    const published = await publishPart(ctx, membership, (document) =>
      withEntry(document, node, (one) =>
        notice.isCompromised ? withReplaced(one, certificate, ctx.now) : withRenewed(one, certificate, ctx.now),
      ),
    );
    return "fault" in published ? ctx.refuse("contradiction", contradictionOf(published)) : published;
  }
  if (notice.what === "cosigning") {
    const { cosigningKey } = notice;
    if (cosigningKey === undefined || !isOfNode(cosigningKey, node)) return ctx.refuse("notice-wrong");
    const published = await publishPart(ctx, membership, (document) =>
      withEntry(document, node, (one) => withCosigning(one, cosigningKey)),
    );
    return "fault" in published ? ctx.refuse("contradiction", contradictionOf(published)) : published;
  }
  if (notice.what === "message") {
    const key = provenMessageKey(notice);
    if (key === undefined) return ctx.refuse("notice-wrong");
    const published = await publishPart(ctx, membership, (document) =>
      withEntry(document, node, (one) => ({ ...one, signingKeys: [key] })),
    );
    return "fault" in published ? ctx.refuse("contradiction", contradictionOf(published)) : published;
  }
  if (notice.what === "log-key") {
    const logKeys = followedBy(entry.logKeys, notice.succession);
    if (logKeys === undefined) return ctx.refuse("notice-wrong");
    const published = await publishPart(ctx, membership, (document) =>
      withEntry(document, node, (one) => ({ ...one, logKeys })),
    );
    return "fault" in published ? ctx.refuse("contradiction", contradictionOf(published)) : published;
  }
  const change = writeChange({ what: "let-node-leave", node });
  const open = { what: change.what, status: "proposed" } as const;
  const { items } = await ctx.registers.directoryChange.find(open, { limit: CHANGES_PAGE });
  const waiting = items.find(({ value }) => value.content === change.content);
  if (waiting !== undefined) return { id: waiting.key };
  const published = await publishPart(ctx, membership, (document) =>
    withEntry(document, node, (one) => ({ ...one, state: "leaving" })),
  );
  if ("fault" in published) return ctx.refuse("contradiction", contradictionOf(published));
  const id = await ctx.registers.directoryChange.put({
    ...change,
    ...{ reason: ASKED, status: "proposed", proposedBy: node, proposedAt: ctx.now },
  });
  return { id, ...published };
});

/** The one before counts for a while more: others learn of the new one first, and connections that are open must not break. */
function withRenewed(entry: NodeEntry, certificate: string, now: string): NodeEntry {
  const nowMs = Date.parse(now);
  const ends = new Map(entry.endings?.map((one) => [one.certificate, one.at]));
  const until = Temporal.Instant.from(now).round("second").add({ minutes: OVERLAP_MINUTES }).toString();
  const endings = entry.certificates
    .filter((one) => one !== certificate)
    .map((one) => ({ certificate: one, at: ends.get(one) ?? until }))
    .filter(({ at }) => Date.parse(at) > nowMs)
    .slice(0, OVERLAPPING_MAX);
  return { ...entry, certificates: [certificate, ...endings.map((one) => one.certificate)], endings };
}

/** Those before may be in other hands: from this edition on they count nowhere. */
function withReplaced(entry: NodeEntry, certificate: string, now: string): NodeEntry {
  const at = Temporal.Instant.from(now).round({ smallestUnit: "second", roundingMode: "floor" }).toString();
  const struck = entry.certificates.filter((one) => one !== certificate).map((one) => ({ certificate: one, at }));
  return {
    ...entry,
    certificates: [certificate],
    endings: [],
    struck: [...struck, ...(entry.struck ?? [])].slice(0, STRUCK_MAX),
  };
}

/** Its log says it itself: the key that is listed has signed who follows it, and so have those. */
function followedBy(listed: readonly string[], note: string | undefined): readonly string[] | undefined {
  const succession = note === undefined ? undefined : openSuccession(note);
  const before = succession?.former.map(formatSuiteVerifierKey) ?? [];
  // Of every suite that is listed: whoever breaks one does not speak for the others.
  if (succession === undefined || listed.length === 0 || !listed.every((line) => before.includes(line)))
    return undefined;
  return succession.next.map(formatSuiteVerifierKey);
}

/** A node vouches in its own name alone. */
function isOfNode(cosigningKey: string, node: string): boolean {
  return cosigningKey.startsWith(`${node}/`);
}

/** Those before stay listed: their signatures are relied on further. */
function withCosigning(entry: NodeEntry, key: string): NodeEntry {
  const before = (entry.cosigningKeys ?? []).filter((one) => one !== key);
  return { ...entry, cosigningKeys: [key, ...before].slice(0, COSIGNING_KEYS_MAX) };
}

function withEntry(document: PartDocument, code: string, change: (entry: NodeEntry) => NodeEntry): PartDocument {
  return { ...document, nodes: document.nodes.map((one) => (one.code === code ? change(one) : one)) };
}
