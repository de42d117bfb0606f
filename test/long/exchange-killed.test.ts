import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { type TestDatabase, testDatabase } from "#kernel/database/testing";
import { migrateJobs } from "#kernel/jobs/jobs";
import { toBase64 } from "#lib/crypto/base64url";
import { ed25519FromSeed, publicKeyOf, spkiOf } from "#lib/crypto/keys";
import { nodeOf } from "#lib/directory/testing";
import { migrationSets } from "../../src/node/migration-sets.ts";
import { TEST_NOW } from "../../src/node/testing.ts";
import { Country, identityOf } from "../harness/exchange-nodes.ts";
import type { ProcessSettings } from "../harness/exchange-process.ts";
import { exchangeRecords } from "../harness/exchange-records.ts";
import { clerk, people, systems } from "../harness/exchange-rooms.ts";
import { exactlyOnce, matchedEvidence } from "../history/invariants.ts";

const EXCHANGES = 1_000;
const AT_ONCE = 25;
/** The answering node is killed whenever so many more were acknowledged. */
const KILLS_AT = [60, 250, 251, 500, 740, 990];
const TRIES = 400;

const PROGRAM = join(import.meta.dirname, "../harness/exchange-process.ts");
const SEED = new Uint8Array(32).fill(11);
let database: TestDatabase;
let country: Country;
let settings: ProcessSettings;
let child: ChildProcess;

async function start(): Promise<void> {
  child = fork(PROGRAM, [JSON.stringify(settings)]);
  await once(child, "message");
}

async function kill(): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

before(async () => {
  database = await testDatabase({ migrations: await migrationSets() });
  await migrateJobs(database.url);
  const identity = await identityOf("centre");
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  const keyId = "key";
  const publicKey = toBase64(spkiOf(publicKeyOf(ed25519FromSeed(SEED))));
  const centre = nodeOf("centre", "000000", {
    exchange: `https://127.0.0.1:${port}`,
    certificates: [identity.fingerprint],
    signingKeys: [{ id: keyId, suite: "international", publicKey }],
  });
  const hostings = [{ room: people.id, division: "000000", node: "centre" }];
  country = await Country.open(
    { code: "county", division: "990101", systems, hosts: ["births"], authorities: [1], callTimeoutMs: 5_000 },
    { outside: centre, hostings },
  );
  settings = {
    ...{ code: "centre", url: database.url, port, tls: identity.tls, seed: toBase64(SEED), keyId, now: TEST_NOW },
    nodes: country.entries,
    hostings: country.hostings,
  };
  await start();
});
after(async () => {
  await kill();
  await country.close();
  await database.close();
});

test("a node that is killed again and again in the middle of a thousand exchanges loses nothing acknowledged and does nothing twice", async () => {
  const county = country.node("county");
  const acknowledged = new Map<string, string>();
  let next = 0;
  const client = async () => {
    for (let n = next++; n < EXCHANGES; n = next++) {
      const name = `人${n}`;
      const front = county.as(people, clerk, { idempotencyKey: name });
      for (let tries = 0; ; tries++) {
        assert.ok(tries < TRIES, `${name} was never acknowledged`);
        const answer = await front.addPerson({ name, number: name });
        if (!isRefusal(answer)) {
          acknowledged.set(name, answer.id);
          break;
        }
        assert.equal(answer.code, "unavailable");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  const killer = async () => {
    for (const at of KILLS_AT) {
      while (acknowledged.size < at) await new Promise((resolve) => setTimeout(resolve, 5));
      await kill();
      await start();
    }
  };
  await Promise.all([killer(), ...Array.from({ length: AT_ONCE }, client)]);

  const rows = <Row extends object>(sql: string) => database.database.query<Row>(sql);
  const kept = await rows<{ id: string; name: string }>("SELECT key AS id, data->>'name' AS name FROM people.person");
  const asked = acknowledged.keys().toArray();
  assert.equal(asked.length, EXCHANGES);
  assert.deepEqual(exactlyOnce({ asked, acknowledged: asked, applied: kept.map(({ name }) => name) }), []);
  assert.deepEqual(new Map(kept.map(({ name, id }) => [name, id])), acknowledged);
  // Evidence: what either side kept, the other's agrees with.
  const ours = await exchangeRecords(county.kernel.database, "centre");
  const theirs = await exchangeRecords(database.database, "county");
  assert.deepEqual(matchedEvidence(ours, theirs), []);
});
