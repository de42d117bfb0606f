/** Finds a table anew, as the node's job does, until it is killed or done: the program that `index-killed.test.ts` starts. */
import { openDatabase } from "#kernel/database/database";
import { INDEX_PREFIX, reseal } from "#kernel/resealing/resealing";
import { rewrittenPart } from "#kernel/resealing/rewritten-part";
import { findingVault, LABEL } from "./index-table.ts";

const [url = ""] = process.argv.slice(2);
const database = await openDatabase({ url, poolSize: 2 });
const vault = findingVault("new");
const part = rewrittenPart<{ readonly id: number; readonly found: Buffer }>({
  ...{ name: `${INDEX_PREFIX}found_value`, table: "public.found_value", select: "t.id, t.found", where: "true" },
  columns: [{ name: "found", type: "bytea" }],
  rewrite({ id, found }) {
    const made = Buffer.from(vault.blind(LABEL, String(id)));
    return made.equals(found) ? undefined : [made];
  },
});
process.stdout.write("begun\n");
for (let outcome = "working"; outcome !== "clear"; ) {
  outcome = await reseal({
    ...{ database, parts: [part], what: "index", keyId: vault.indexKeyId, settledAt: "2026-01-01T00:00:00Z" },
    ...{ now: () => Temporal.Now.instant().toString(), sliceMs: 50 },
  });
}
await database.close();
