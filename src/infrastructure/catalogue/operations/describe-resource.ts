import { sha256Hex } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import { isMarkedSecret, waitingEntries } from "../entries.ts";
import { implement } from "../implement.ts";
import { note, officialOf } from "../official.ts";
import { calledShared } from "../parts.ts";
import { cataloguePorts, keptResource } from "../ports.ts";

const NAMED_MAX = 5;

export const describeResource = implement("describeResource", async (ctx, { resource: id, description }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const ports = cataloguePorts(ctx.tables.read());
  const resource = keptResource(ports, id);
  if (!resource) return ctx.refuse("not-found");
  if (ports.keeperOf(resource.room) !== official.post.authority) return ctx.refuse("not-keeper");
  const differing = difference(
    resource.attributes.map(({ name }) => name),
    description.attributes.map(({ name }) => name),
  );
  if (differing.length > 0) {
    return ctx.refuse("attributes-differ", { attributes: differing.slice(0, NAMED_MAX).join(", ") });
  }
  if (isMarkedSecret(description)) return ctx.refuse("secret");
  const number = await ctx.nextNumber("entry");
  const sql = await ctx.tables.write();
  if ((await waitingEntries(sql, id)).length > 0) return ctx.refuse("waiting");
  const digest = sha256Hex(canonicalize(description));
  await sql.execute(
    `INSERT INTO catalogue.entry (number, resource, authority, description, sharing, digest, drafted_by, drafted_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      number,
      id,
      official.post.authority,
      JSON.stringify(description),
      calledShared(resource, description.attributes),
      digest,
      official.id,
      ctx.now,
    ],
  );
  note(ctx, official.id, [`entry ${number}`, `sha256 ${digest}`]);
  return { number };
});

/** Names that stand on one side alone, or twice. */
function difference(wanted: readonly string[], given: readonly string[]): readonly string[] {
  const missing = wanted.filter((name) => !given.includes(name));
  const excess = given.filter((name, at) => !wanted.includes(name) || given.indexOf(name) !== at);
  return [...missing, ...excess];
}
