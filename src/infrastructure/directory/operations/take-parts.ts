import { openDirectory } from "#lib/directory/open";
import { readNote } from "#lib/directory/part";
import { implement } from "../implement.ts";
import { contradictionOf } from "../network/publish.ts";
import { keepParts, knownOf, lockDirectory, readMembership, readParts } from "../network/rows.ts";

/** Takes what another node gave: only all of it together, and only what leads on from what is kept. */
export const takeParts = implement("takeParts", async (ctx, { parts }) => {
  const sql = await ctx.tables.write();
  await lockDirectory(sql);
  const membership = await readMembership(sql);
  if (membership === undefined) return ctx.refuse("not-member");
  const kept = await readParts(sql);
  const given = new Set(parts.map(({ note }) => readNote(note)?.head.division));
  const all = [...parts, ...kept.filter(({ division }) => !given.has(division))];
  const { node: self, anchor, division: own } = membership;
  const opened = openDirectory(all, { anchor, self, now: ctx.now, known: knownOf(kept) });
  if (opened.kind === "refused") return ctx.refuse("contradiction", contradictionOf(opened));
  const taken = await keepParts(
    sql,
    parts.map((part) => ({ ...part, isOwn: readNote(part.note)?.head.division === own })),
    ctx.now,
  );
  return { taken };
});
