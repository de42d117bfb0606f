/** Has a node's key open and makes keys under it until it is killed, or renews it: the program that `renewal-killed.test.ts` starts. */
import { openDatabase } from "#kernel/database/database";
import { INTERNATIONAL_CHOICE } from "#lib/crypto/purposes";
import { openDataKeys } from "../../src/infrastructure/trust/keys/data-keys.ts";
import { openFileKeys } from "../../src/infrastructure/trust/keys/file-key-store.ts";
import { holdNodeKey } from "../../src/infrastructure/trust/keys/key-processes.ts";
import { renewNodeKey } from "../../src/infrastructure/trust/keys/renewal.ts";

const [does = "", url = "", folder = "", passphrase = ""] = process.argv.slice(2);
const AT = "2026-11-18T02:00:00.000Z";
const opening = { passphrase: async () => passphrase };
const suites = INTERNATIONAL_CHOICE;
const database = await openDatabase({ url, poolSize: 2 });
const say = (line: string) => process.stdout.write(`${line}\n`);

if (does === "renew") {
  say("begun");
  const renewed = await renewNodeKey({ folder, ...opening, database, suites, at: AT, record: async () => undefined });
  await database.close();
  say(`renewed beside ${renewed.processes}`);
} else {
  const { store, secrets, nodeKey } = await openFileKeys(folder, opening);
  await openDataKeys({ database, secrets, suites, at: AT, follow: () => nodeKey.follow() });
  const fail = (error: unknown) => {
    say(`FAULT ${error instanceof Error ? error.stack : String(error)}`);
    process.exit(1);
  };
  await holdNodeKey({ database, nodeKey, onFault: fail });
  say("begun");
  try {
    for (let count = 0; ; count += 1) {
      const label = `made/${process.pid}-${count}`;
      const { info } = await store.ensureKey(label, "ed25519");
      await database.execute("INSERT INTO public.made (label, info) VALUES ($1, $2)", [label, Buffer.from(info)]);
      // What another process made opens here, whichever of both keys was in use when it was made.
      const [other] = await database.query<{ label: string; info: Buffer }>(
        "SELECT label, info FROM public.made ORDER BY random() LIMIT 1",
      );
      const found = other && (await store.findKey(other.label));
      if (!found || !other.info.equals(found.info)) throw new Error(`${other?.label} is another key`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } catch (error) {
    fail(error);
  }
}
