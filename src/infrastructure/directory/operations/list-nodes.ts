import type { NodeEntry } from "#lib/directory/entries";
import { openDirectory } from "#lib/directory/open";
import { readNote } from "#lib/directory/part";
import { DIRECTORY_FAULT_WORDS } from "#lib/directory/refusal";
import { implement } from "../implement.ts";
import { standing } from "../network/propose.ts";
import { knownOf, readParts } from "../network/rows.ts";

export const listNodes = implement("listNodes", async (ctx) => {
  const now = await standing(ctx);
  if (now === undefined) return { nodes: [], parts: [] };
  const { membership, view, publishes } = now;
  const kept = await readParts(ctx.tables.read());
  const { node: self, anchor } = membership;
  const opened = openDirectory(kept, { self, anchor, now: ctx.now, known: knownOf(kept) });
  const hostings = view.hostings();
  const lapsed = opened.kind === "open" ? opened.lapsed : [];
  return {
    self,
    ...(opened.kind === "refused" && { problem: DIRECTORY_FAULT_WORDS[opened.fault] }),
    nodes: view.nodes().map(({ code, name, zone, division, above, exchange, site, state, ...entry }) => ({
      ...{ code, name, zone, division, state, isSelf: code === self },
      ...(above !== undefined && { above }),
      ...(exchange !== undefined && { exchange }),
      ...(site !== undefined && { site }),
      certificates: countingNow(entry, ctx.now),
      isOurs: publishes({ code, name, zone, division, above, state, ...entry }),
      rooms: hostings.filter(({ node }) => node === code).map((one) => ({ room: one.room, division: one.division })),
    })),
    parts: kept.map(({ division, version, digest, note }) => ({
      ...{ division, version, digest, until: readNote(note)?.head.until ?? ctx.now },
      ...{ isOwn: division === membership.division, hasLapsed: lapsed.includes(division) },
    })),
  };
});

function countingNow({ certificates, endings = [] }: Pick<NodeEntry, "certificates" | "endings">, now: string) {
  const ends = new Map(endings.map(({ certificate, at }) => [certificate, at]));
  return certificates.flatMap((fingerprint) => {
    const until = ends.get(fingerprint);
    if (until === undefined) return [{ fingerprint }];
    return Date.parse(until) > Date.parse(now) ? [{ fingerprint, until }] : [];
  });
}
