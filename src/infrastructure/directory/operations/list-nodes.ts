import { openDirectory } from "#lib/directory/open";
import { readNote } from "#lib/directory/part";
import { DIRECTORY_FAULT_WORDS } from "#lib/directory/refusal";
import { implement } from "../implement.ts";
import { standing } from "../network/propose.ts";
import { knownOf, readParts } from "../network/rows.ts";

export const listNodes = implement("listNodes", async (ctx) => {
  const now = await standing(ctx);
  if (now === undefined) return { nodes: [], parts: [] };
  const { membership, view } = now;
  const kept = await readParts(ctx.tables.read());
  const { node: self, anchor } = membership;
  const opened = openDirectory(kept, { self, anchor, now: ctx.now, known: knownOf(kept) });
  const hostings = view.hostings();
  const lapsed = opened.kind === "open" ? opened.lapsed : [];
  return {
    self,
    ...(opened.kind === "refused" && { problem: DIRECTORY_FAULT_WORDS[opened.fault] }),
    nodes: view.nodes().map(({ code, name, zone, division, above, exchange, site, state }) => ({
      ...{ code, name, zone, division, state, isSelf: code === self },
      ...(above !== undefined && { above }),
      ...(exchange !== undefined && { exchange }),
      ...(site !== undefined && { site }),
      rooms: hostings.filter(({ node }) => node === code).map((one) => ({ room: one.room, division: one.division })),
    })),
    parts: kept.map(({ division, version, digest, note }) => ({
      ...{ division, version, digest, until: readNote(note)?.head.until ?? ctx.now },
      ...{ isOwn: division === membership.division, hasLapsed: lapsed.includes(division) },
    })),
  };
});
