import { WHOLE_COUNTRY } from "#lib/directory/division";
import { NodeEntrySchema } from "#lib/directory/document";
import { implement } from "../implement.ts";
import { fingerprintOfChain } from "../network/certificate.ts";
import { nodeKeysOf } from "../network/node-keys.ts";
import { contradictionOf, publishPart } from "../network/publish.ts";
import { lockDirectory, readMembership, writeMembership } from "../network/rows.ts";

export const foundDirectory = implement("foundDirectory", async (ctx, { entry: written, chain, rooms }) => {
  const sql = await ctx.tables.write();
  await lockDirectory(sql);
  if ((await readMembership(sql)) !== undefined) return ctx.refuse("member-already");
  const entry = NodeEntrySchema.parse(JSON.parse(written));
  const { verifierKey, furtherKeys = [] } = await nodeKeysOf(entry.code).noteSigner(entry.code);
  const membership = {
    ...{ node: entry.code, division: WHOLE_COUNTRY, zone: entry.zone, chain, above: null },
    anchor: [verifierKey, ...furtherKeys],
  };
  await writeMembership(sql, { ...membership, at: ctx.now });
  const certificate = fingerprintOfChain(chain) ?? "";
  const published = await publishPart(ctx, membership, (document) => ({
    ...document,
    nodes: [{ ...entry, certificates: [certificate] }],
    hostings: rooms.map((room) => ({ room, division: WHOLE_COUNTRY, node: entry.code })),
  }));
  return "fault" in published ? ctx.refuse("contradiction", contradictionOf(published)) : published;
});
