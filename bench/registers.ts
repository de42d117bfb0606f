/**
 * The population register against plain COPY and plain SELECT in the same run: import into an empty register and into a live
 * one, point reads, name search. Run alone: `node bench/registers.ts`. DATABASE_URL names a server to measure; without it a
 * durable PostgreSQL is started in a temporary folder. ZHENGTONG_BENCH_PERSONS sets the size (default 1,000,000).
 */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { cite, LICENSING_LAW } from "#kernel/contract/citation";
import { register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { clusterAccount } from "#kernel/database/cluster/account";
import { findBinaries } from "#kernel/database/cluster/binaries";
import { initialiseCluster, startCluster } from "#kernel/database/cluster/cluster";
import { CLUSTER_SETTINGS } from "#kernel/database/cluster/settings";
import { openDatabase } from "#kernel/database/database";
import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import { migrate } from "#kernel/database/migrations";
import type { Database } from "#kernel/database/sql";
import { ensureRegister } from "#kernel/registers/ensure-register";
import type { ImportRow } from "#kernel/registers/import-entries";
import { openRegister } from "#kernel/registers/register-store";
import type { Act } from "#kernel/system/act";
import { openVault } from "#kernel/vault/vault";
import { text } from "#lib/language/text";

/** One measured figure with what it is to be compared with. */
export interface RegisterFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: "/s" | "ms" | "×";
  /** At least (for rates and ratios) or at most (for times). */
  readonly goal?: number;
}

const DEFAULT_PERSONS = 1_000_000;
const LIVE_SHARE = 10;
/** Every so many rows of the live import are there already. */
const DUPLICATE_EVERY = 20;
const READERS = 16;
const READ_MS = 4_000;
const ROUNDS = 3;
const SEARCHES = 300;
const COPY_CHUNK_ROWS = 1_000;

const title = text("属性", "Attribute");

/** As the population room declares a person. */
const PERSON = register({
  title: text("人口基础信息", "Persons"),
  schema: z.object({
    name: field(z.string().trim().min(1).max(100), { title, lookup: "name" }),
    documentKind: z.enum(["resident-identity", "passport"]),
    documentNumber: field(z.string().min(1).max(40), { title, sensitive: true, lookup: "unique" }),
    sex: z.enum(["male", "female"]),
    birthDate: field(z.iso.date(), { title, sensitive: true }),
    nationality: z.string().regex(/^[A-Z]{3}$/),
    division: z.string().regex(/^\d{6}$/),
    address: field(z.string().trim().min(1).max(200), { title, sensitive: true }),
    mobile: field(z.string().max(20).optional(), { title, sensitive: true }),
    household: field(z.uuid().optional(), { title, lookup: "exact" }),
    lifeStatus: z.enum(["alive", "deceased"]),
  }),
  subject: { kind: "person", by: "key" },
  legalBasis: [cite(LICENSING_LAW, "第一条")],
  retention: "permanent",
});

const SURNAMES = [
  ..."王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙陶贺毛郝顾龚邵万覃武钱戴严莫孔向常",
];
const GIVEN = [
  ..."伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍红建文志海波斌宇浩凯鑫鹏飞雪梅琳慧颖佳欣怡雨晨阳梓轩涵博思远家豪俊子睿一诺诗琪嘉乐天佑国庆春秋冬夏生水木火土金银山川江河云月星辰龙凤虎鹤松竹柏青蓝紫白堃犇喆昇翀暘𬀩",
];

interface Person {
  readonly name: string;
  readonly documentNumber: string;
  readonly birthDate: string;
  readonly address: string;
}

/** Surnames as frequent as they are: the first ones stand for most people. */
function person(at: number): Person {
  const spread = (at * 2_654_435_761) % 4_294_967_296;
  const surname = SURNAMES[Math.floor((spread / 4_294_967_296) ** 2 * SURNAMES.length)] ?? "王";
  const first = GIVEN[(spread >>> 3) % GIVEN.length] ?? "";
  const second = at % 5 === 0 ? "" : (GIVEN[(spread >>> 11) % GIVEN.length] ?? "");
  const birthDate = new Date(Date.UTC(1940, 0, 1 + (at % 30_000))).toISOString().slice(0, 10);
  return {
    name: surname + first + second,
    documentNumber: `990102${String(at).padStart(11, "0")}X`,
    birthDate,
    address: `清源县中山路${at % 977}号${at % 41}单元${at % 1_009}室`,
  };
}

function* rows(from: number, to: number, take: (at: number) => number = (at) => at): Generator<ImportRow> {
  for (let at = from; at < to; at++) {
    const value = {
      ...person(take(at)),
      documentKind: "resident-identity",
      sex: at % 2 === 0 ? "male" : "female",
      nationality: "CHN",
      division: "990102",
      mobile: `199${String(at % 100_000_000).padStart(8, "0")}`,
      lifeStatus: "alive",
    };
    yield { value };
  }
}

/** The same facts in clear text, one column each, through text COPY into a table with a primary key and nothing else. */
async function plainCopy(database: Database, persons: number): Promise<number> {
  await database.execute("DROP TABLE IF EXISTS public.bench_person");
  await database.execute(
    "CREATE TABLE public.bench_person (id bigint PRIMARY KEY, name text, number text, birth date, address text, data jsonb)",
  );
  function* lines(): Generator<string> {
    let chunk: string[] = [];
    for (let at = 0; at < persons; at++) {
      const { name, documentNumber, birthDate, address } = person(at);
      const data = `{"sex":"male","nationality":"CHN","division":"990102","lifeStatus":"alive"}`;
      chunk.push(`${at}\t${name}\t${documentNumber}\t${birthDate}\t${address}\t${data}\n`);
      if (chunk.length < COPY_CHUNK_ROWS) continue;
      yield chunk.join("");
      chunk = [];
    }
    yield chunk.join("");
  }
  const begun = performance.now();
  await database.copyFrom("COPY public.bench_person FROM STDIN", lines());
  return persons / ((performance.now() - begun) / 1_000);
}

const ACT: Omit<Act, "id"> = {
  principal: { kind: "node", room: "bench" },
  purpose: "register-keeping",
  legalBasis: [cite(LICENSING_LAW, "第一条")],
  zone: "extranet",
  language: "zh",
  at: "2026-01-31T00:00:00.000Z",
};

/** Measures on a database that may be filled. Rates are medians of interleaved rounds, imports are measured once. */
export async function benchRegisters(database: Database, persons: number): Promise<readonly RegisterFigure[]> {
  await migrate(database, [
    { scope: "register", folder: new URL("../src/kernel/registers/migrations", import.meta.url).pathname },
  ]);
  const room = "bench";
  const name = `person_${Date.now().toString(36)}`;
  const vault = openVault({ masterKey: () => new Uint8Array(32).fill(1) });
  const store = openRegister({ room, name, declaration: PERSON, vault });
  await database.transaction(async (tx) => void (await ensureRegister(tx, room, name, PERSON)));
  const keys: string[] = [];
  let acts = 0;
  const nextAct = (): Act => ({ ...ACT, id: `act ${++acts}` });
  const bring = async (some: Iterable<ImportRow>, duplicates: "refuse" | "skip"): Promise<number> => {
    const begun = performance.now();
    const report = await database.transaction(
      (tx) =>
        store.importEntries({ tx, act: nextAct(), authority: "bench" }, some, {
          duplicates,
          subject: (id) => void keys.push(id),
        }),
      { retries: 0, timeoutMs: LONG_TRANSACTION_TIMEOUT_MS },
    );
    return (report.imported + report.skipped) / ((performance.now() - begun) / 1_000);
  };
  const copy = await plainCopy(database, persons);
  const empty = await bring(rows(0, persons), "refuse");
  const live = await bring(
    rows(persons, persons + Math.ceil(persons / LIVE_SHARE), (at) => (at % DUPLICATE_EVERY === 0 ? at - persons : at)),
    "skip",
  );
  await database.execute(`VACUUM ANALYZE "${room}"."${name}"`);
  const handle = () =>
    store.handle({
      reader: () => database,
      writer: () => Promise.reject(new Error("only reads are measured")),
      act: nextAct(),
      authority: "bench",
      note: () => undefined,
    });
  const reads = { kernel: [] as number[], plain: [] as number[] };
  for (let round = -1; round < ROUNDS; round++) {
    const plain = await rate(() =>
      database.query("SELECT * FROM public.bench_person WHERE id = $1", [Math.floor(Math.random() * persons)]),
    );
    const kernel = await rate(async () => {
      const found = await handle().get(keys[Math.floor(Math.random() * keys.length)] ?? "");
      if (found === undefined) throw new Error("a person is missing");
    });
    if (round < 0) continue; // the first one warms up
    reads.plain.push(plain);
    reads.kernel.push(kernel);
  }
  const waits = await searches((input) => handle().search(input, { limit: 50 }), persons);
  return [
    { name: "import into an empty register", value: empty, unit: "/s", goal: 30_000 },
    { name: "  plain COPY in clear text, primary key alone", value: copy, unit: "/s" },
    { name: "  import ÷ plain COPY", value: empty / copy, unit: "×" },
    { name: "import into a live register, 1 in 20 a duplicate", value: live, unit: "/s", goal: 15_000 },
    { name: "point read through the handle", value: median(reads.kernel), unit: "/s", goal: 3_000 },
    { name: "  plain SELECT by primary key", value: median(reads.plain), unit: "/s" },
    { name: "  read ÷ plain SELECT", value: median(reads.kernel) / median(reads.plain), unit: "×" },
    { name: "name search, p50", value: quantile(waits, 0.5), unit: "ms" },
    { name: "name search, p95", value: quantile(waits, 0.95), unit: "ms", goal: 150 },
    { name: "name search, slowest", value: quantile(waits, 1), unit: "ms" },
  ];
}

/** What people type: whole names, given names, surnames alone, parts. One after the other, each on a cold page. */
async function searches(search: (input: string) => Promise<unknown>, persons: number): Promise<readonly number[]> {
  const waits: number[] = [];
  for (let each = 0; each < SEARCHES; each++) {
    const whole = [...person(Math.floor(Math.random() * persons)).name];
    const input = [whole, whole.slice(0, 2), whole.slice(-2), whole.slice(0, 1)][each % 4]?.join("") ?? "";
    const begun = performance.now();
    await search(input);
    waits.push(performance.now() - begun);
  }
  return waits;
}

async function rate(work: () => Promise<unknown>): Promise<number> {
  let done = 0;
  const begun = performance.now();
  const until = begun + READ_MS;
  const reader = async () => {
    while (performance.now() < until) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return done / ((performance.now() - begun) / 1_000);
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** A database that keeps what it says it kept: fsync on, as a node has it. */
async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const url = process.env["DATABASE_URL"];
  if (url !== undefined) return await use(url, work);
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-bench-"));
  await chmod(folder, 0o711);
  const account = await clusterAccount();
  const binaries = await findBinaries(account, join(folder, "binaries"));
  const place = { account, folder: join(folder, "cluster"), binaries };
  await initialiseCluster(place, randomBytes(16).toString("hex"));
  const cluster = await startCluster(place, { settings: CLUSTER_SETTINGS });
  try {
    return await use(cluster.url("postgres"), work);
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function use<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ url, poolSize: READERS, applicationName: "bench" });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

if (import.meta.main) {
  const persons = Number(process.env["ZHENGTONG_BENCH_PERSONS"] ?? DEFAULT_PERSONS);
  for (const { name, value, unit, goal } of await withDatabase((database) => benchRegisters(database, persons))) {
    const target = goal === undefined ? "" : `   goal ${unit === "ms" ? "≤" : "≥"} ${goal} ${unit}`;
    console.log(`${name.padEnd(50)} ${value.toFixed(unit === "/s" ? 0 : 2).padStart(9)} ${unit}${target}`);
  }
}
