/** Seals a table anew, as the node's job does, until it is killed or done: the program that `resealing-killed.test.ts` starts. */
import { openDatabase } from "#kernel/database/database";
import { reseal } from "#kernel/resealing/resealing";
import { sealedRows, vaultOf } from "./resealing-table.ts";

const [url = "", seconds = "0"] = process.argv.slice(2);
const database = await openDatabase({ url, poolSize: 2 });
const vault = vaultOf("new");
process.stdout.write("begun\n");
for (let outcome = "working"; outcome !== "clear"; ) {
  outcome = await reseal({
    ...{ database, parts: [sealedRows(vault)], keyId: vault.keyId, settledAt: "2026-01-01T00:00:00Z" },
    ...{ now: () => Temporal.Now.instant().toString(), sliceMs: 50 + Number(seconds) },
  });
}
await database.close();
process.stdout.write("clear\n");
