import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { SignedPart } from "../../src/lib/directory/entries.ts";
import { CENTRE, CITY, COUNTY, PROVINCE } from "../../src/node/country/plan.ts";
import { SeededRandom } from "../../src/node/demonstration/seeded-random.ts";
import { CountryLoad } from "../harness/country-load.ts";
import { FaultyCountry } from "../harness/faulty-country.ts";
import { ATTACKS, type Attack } from "../harness/hostile-peer.ts";

/**
 * The whole country under a thousand exchanges (commands, queries, messages, events) and, one after the other in an order that the seed
 * chooses, every fault of which it is promised that it costs nothing. After each: no acknowledged message lost, none applied twice, order
 * kept, every history linearizable, and the records of both sides agree.
 */

const SEED = Number(process.env["ZHENGTONG_SEED"] ?? Date.now() % 1_000_000);
const OPERATIONS = Number(process.env["ZHENGTONG_FAULT_OPERATIONS"] ?? 1_000);
/** Parts of the names of those that are wanted, with commas between them; all where absent. */
const ONLY = (process.env["ZHENGTONG_FAULT"] ?? "").split(",");
const LOG_LINES = 30;
const ON_LOOPBACK = process.env["ZHENGTONG_FAULT_NETWORK"] === "loopback";
const WHOLE_MS = 25 * 60_000;
/** How long a fault lasts: longer than the nodes of this test wait for an answer. */
const LASTS_MS = 7_000;
const SHORT_MS = 2_000;
/** What the province still writes in all the troubles that come after a full disk, and more. */
const SPARE_MEBIBYTES = 256;

/** Exchanges of each pair that the stand-alone verifier judges at the end. */
const PROVED = 40;

const folder = await mkdtemp(join(tmpdir(), "zhengtong-country-faults-"));
let faulty: FaultyCountry;
let load: CountryLoad;
before(async () => {
  faulty = await FaultyCountry.start({ onLoopback: ON_LOOPBACK });
  load = new CountryLoad(faulty, `country ${SEED}`);
});
after(async () => {
  load.end();
  await faulty.close();
  await rm(folder, { recursive: true, force: true });
});

interface TroubleContext {
  /** Says why a fault could not be had here. */
  readonly without: (why: string) => void;
}
type Trouble = (context: TroubleContext) => Promise<void>;

const killed =
  (code: string): Trouble =>
  async () => {
    await faulty.kill(code);
    await sleep(500);
    await faulty.restart(code);
  };
const parted =
  (one: string, other: string): Trouble =>
  async () => {
    await faulty.cut(one, other);
    await sleep(LASTS_MS);
    await faulty.heal(one, other);
  };
const spoilt =
  (code: string, state: { readonly delayMs?: number; readonly lossPerThousand?: number }): Trouble =>
  async () => {
    await faulty.spoil(code, state);
    await sleep(LASTS_MS);
    await faulty.spoil(code, {});
  };
const offBy =
  (code: string, minutes: number): Trouble =>
  async () => {
    await faulty.country.node(code).askFurther("setClock", { offsetMs: minutes * 60_000 });
    await sleep(SHORT_MS);
    await faulty.country.node(code).askFurther("setClock", { offsetMs: 0 });
  };

const diskFull: Trouble = async ({ without }) => {
  const why = await faulty.moveToSmallDisk(PROVINCE.code, SPARE_MEBIBYTES);
  if (why !== undefined) return without(why);
  const giveBack = await faulty.fillSmallDisk();
  await sleep(LASTS_MS);
  await giveBack();
};

/** The county's certificate is in wrong hands: it has another one, two officials of the city strike the first, and whoever has that gets nothing for it. */
const certificateStruck: Trouble = async () => {
  const { country } = faulty;
  const county = country.node(COUNTY.code);
  const chain = (await county.askFurther("renewCertificate", {})) as string;
  const certificate = new X509Certificate(chain).fingerprint256.replaceAll(":", "").toLowerCase();
  const atCity = (as: string, operation: string, input: object) =>
    country.node(CITY.code).ask("act", { as, room: "directory", operation, input });
  const wanted = { node: COUNTY.code, certificate, reason: "私钥可能泄露" };
  const { id } = (await atCity("admin", "proposeCertificateStrike", wanted)) as { readonly id: string };
  await atCity("admin2", "decideDirectoryChange", { id, decision: "approve", reason: "同意" });
  await country.node(CITY.code).ask("look", {});
  await country.node(PROVINCE.code).ask("look", {});
  const value = "attack with a struck certificate";
  const told = await attack({ kind: "struck-certificate", to: PROVINCE.code, page: "attack", value, chain }, county);
  assert.doesNotMatch(told.join(), /^204/, "a struck certificate still opens the door");
};

/** The province's directory is set back to before the county's certificates were struck, and somebody offers it the old part again. */
const directoryRolledBack: Trouble = async () => {
  const { code } = PROVINCE;
  const database = await faulty.database(code);
  const newest = async () => {
    const [row] = await database.query<SignedPart & { version: number }>(
      "SELECT note, document, version::int AS version FROM directory.part WHERE division = $1 ORDER BY version DESC LIMIT 1",
      [CITY.division],
    );
    assert.ok(row);
    return row;
  };
  const old = await newest();
  await faulty.country.node(COUNTY.code).askFurther("renewCertificate", {});
  for (let looks = 0; (await newest()).version === old.version; looks++) {
    assert.ok(looks < 20, "the new part never came");
    await faulty.country.node(code).ask("look", {});
  }
  const { version } = await newest();
  const told = (await faulty.country.node(code).askFurther("takePart", old)) as { refused?: string };
  assert.equal(told.refused, "contradiction", "an older part was taken");
  assert.equal((await newest()).version, version);
  await faulty.kill(code);
  await database.execute("DELETE FROM directory.part WHERE division = $1 AND version > $2", [
    CITY.division,
    old.version,
  ]);
  await database.execute("UPDATE directory.part SET document = $3 WHERE division = $1 AND version = $2", [
    CITY.division,
    old.version,
    old.document,
  ]);
  await faulty.restart(code);
  assert.equal((await newest()).version, version, "what others know better was fetched");
};

async function attack(wanted: Attack, node = faulty.country.node(CITY.code)): Promise<readonly string[]> {
  return (await node.askFurther("attackNode", wanted)) as readonly string[];
}

/** The city's node is in wrong hands, and turns on the province. */
const attacked: Trouble = async () => {
  const told = new Map<string, readonly string[]>();
  for (const kind of ATTACKS) {
    if (kind === "struck-certificate") continue;
    const value = `attack ${kind}`;
    // What was signed rightly and came once counts once.
    if (kind === "replay") load.expect(value);
    told.set(kind, await attack({ kind, to: PROVINCE.code, page: "attack", value }));
  }
  const [frame = "", ...replayed] = told.get("replay") ?? [];
  load.expectForged(frame);
  assert.deepEqual(replayed, ["204", "409 replayed", "409 replayed"]);
  assert.deepEqual(told.get("wrong-signature"), ["401 signature"]);
  assert.deepEqual(told.get("wrong-schema"), ["400 schema"]);
  assert.match(String(told.get("decompression-bomb")), /^(?:415 encoding|E[A-Z]+)$/);
  assert.match(String(told.get("huge-header")), /^(?:431|E[A-Z]+)$/);
  assert.deepEqual(new Set(told.get("slow-loris")), new Set(["let go"]));
};

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "the province is killed": killed(PROVINCE.code),
  "the city is killed": killed(CITY.code),
  "the county, which asks, is killed": killed(COUNTY.code),
  "the centre is killed": killed(CENTRE.code),
  "county and province are parted": parted(COUNTY.code, PROVINCE.code),
  "county and city are parted": parted(COUNTY.code, CITY.code),
  "city and province are parted": parted(CITY.code, PROVINCE.code),
  "province and centre are parted": parted(PROVINCE.code, CENTRE.code),
  "county and centre are parted": parted(COUNTY.code, CENTRE.code),
  "city and centre are parted": parted(CITY.code, CENTRE.code),
  "half a second of delay to the province": spoilt(PROVINCE.code, { delayMs: 500 }),
  "5 % loss to the province": spoilt(PROVINCE.code, { lossPerThousand: 50 }),
  "5 % loss to the city": spoilt(CITY.code, { lossPerThousand: 50 }),
  "the province's clock is ten minutes ahead": offBy(PROVINCE.code, 10),
  "the county's clock is ten minutes behind": offBy(COUNTY.code, -10),
  "the province's disk is full": diskFull,
  "the county's certificate is struck": certificateStruck,
  "the province's directory is rolled back": directoryRolledBack,
  "the city attacks the province": attacked,
};

test("a country in trouble: nothing acknowledged is lost, nothing happens twice, and both sides can prove it", {
  timeout: WHOLE_MS,
}, async (context) => {
  context.diagnostic(`ZHENGTONG_SEED=${SEED} chooses the same again; ZHENGTONG_FAULT_OPERATIONS=${OPERATIONS}`);
  context.diagnostic(faulty.words);
  const random = new SeededRandom(`troubles ${SEED}`);
  const order = Object.keys(TROUBLES)
    .filter((name) => ONLY.some((part) => name.includes(part)))
    .map((name) => ({ name, at: random.between(0, 1_000_000) }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ name }) => name);
  const each = Math.ceil(OPERATIONS / order.length);
  for (const name of order) {
    const beganMs = performance.now();
    const before = { acknowledged: load.acknowledged, tries: load.tries };
    let missing = "";
    const without = (why: string) => {
      missing = ` (not here: ${why})`;
    };
    try {
      await load.run(each, async () => await TROUBLES[name]?.({ without }));
      await load.settle();
    } catch (error) {
      for (const line of faulty.log.slice(-LOG_LINES)) context.diagnostic(line);
      throw error;
    }
    const seconds = Math.round((performance.now() - beganMs) / 1_000);
    const [acknowledged, tries] = [load.acknowledged - before.acknowledged, load.tries - before.tries];
    context.diagnostic(`${name}${missing}: ${acknowledged} acts acknowledged, ${tries} tries, ${seconds} s`);
    assert.deepEqual(await load.findings(), [], name);
  }
  const verified = await load.verify(folder, PROVED);
  context.diagnostic(`the stand-alone verifier accepts what both sides can prove of ${verified} exchanges`);
  assert.ok(verified > 0);
});
