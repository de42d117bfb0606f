import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { testDatabase } from "#kernel/database/testing";
import { runCommandLine } from "../../src/node/command-line.ts";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { Visitor, wordsOf } from "../../src/node/demo/visitor.ts";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { ROOT, startProcess } from "../harness/node-process.ts";

const PASSWORD = "lake and bamboo 2026";
const AUTHORITY = "澄江县政务服务管理局";
const FIRST = {
  name: AUTHORITY,
  division: "990102",
  code: "990102-zwfw",
  address: "澄江县县前街1号",
  phone: "0999-990-2000",
  reconsideration: "澄江县人民政府",
  court: "澄江县人民法院",
  administrator: "秦守二",
} as const;
const REGULATOR = "990102-scjg";

let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: string;
let passphrase: string;
let settings: Readonly<Record<string, string>>;

before(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), "zhengtong-empty-"));
  passphrase = join(folder, "passphrase");
  await writeFile(passphrase, "three gorges, one river\n", { mode: 0o600 });
  settings = {
    ZHENGTONG_KEYS_PASSPHRASE_FILE: passphrase,
    ZHENGTONG_DATA: join(folder, "data"),
    ZHENGTONG_PORT: String(await freePort()),
    DATABASE_URL: database.url,
  };
});
after(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command to its end: in this process, or in one of its own where it reads what is typed. */
async function run(args: readonly string[], input?: string): Promise<Ended> {
  if (input !== undefined) return runApart(args, input);
  const written = { out: "", err: "" };
  const into = (which: "out" | "err") =>
    new Writable({
      write(chunk, _encoding, done) {
        written[which] += String(chunk);
        done();
      },
    });
  const [stdout, stderr] = [into("out"), into("err")];
  const code = await runCommandLine(args, {
    ...{ stdout, stderr, folder, environment: settings },
    print: (line) => void stdout.write(`${line}\n`),
    report: ({ zh, en }) => void stderr.write(`${zh}  ${en}\n`),
  });
  return { code, ...written };
}

async function runApart(args: readonly string[], input: string, environment = settings): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, "src/node/main.ts"), ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...environment },
  });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: code as number, out, err };
}

const initArguments = [
  "init",
  "--password-stdin",
  ...Object.entries(FIRST).flatMap(([name, value]) => [`--${name}`, value]),
];

test("init asks for what is missing and makes an empty node once", async () => {
  const bare = await run(["init", "--name", AUTHORITY], "");
  assert.equal(bare.code, EXIT_CODES.USAGE);
  assert.match(bare.err, /--division.*--court/);
  const weak = await run(initArguments, "1234567890\n");
  assert.equal(weak.code, EXIT_CODES.FAILED);
  assert.match(weak.err, /密码/);
  const { ZHENGTONG_KEYS_PASSPHRASE_FILE: _, ...open } = settings;
  const bareKeys = await runApart(initArguments, `${PASSWORD}\n`, { ...open, ZHENGTONG_DATA: join(folder, "bare") });
  assert.equal(bareKeys.code, EXIT_CODES.PASSPHRASE, bareKeys.err);
  assert.match(bareKeys.err, /不是演示节点[\s\S]*ZHENGTONG_KEYS_PASSPHRASE_FILE[\s\S]*no demonstration/);
  const made = await run(initArguments, `${PASSWORD}\n`);
  assert.equal(made.code, EXIT_CODES.OK, made.err);
  assert.match(made.out, /admin/);
  assert.ok(!made.out.includes(PASSWORD) && !made.err.includes(PASSWORD));
  assert.equal((await run(initArguments, `${PASSWORD}\n`)).code, EXIT_CODES.FAILED);
  const keys = await run(["keys", "list"]);
  for (const label of ["node-key", "ledger/checkpoint"])
    assert.match(keys.out, new RegExp(`^${label} .*Active`, "m"), `${label}, before the first start`);
});

test("its administrator makes authorities, posts and officials in the workbench; the API describes itself", async () => {
  // As behind a proxy that ends TLS.
  const environment = { ...settings, ZHENGTONG_PUBLIC_URL: "https://zw.chengjiang.example" };
  const node = startProcess(["src/node/main.ts", "start"], { environment });
  try {
    await node.said(/政通已就绪/);
    assert.doesNotMatch(node.output(), /演示县|演示登录/, "no demonstration");
    const address = `http://127.0.0.1:${settings["ZHENGTONG_PORT"]}`;
    const admin = new Visitor(address);
    await admin.open("/sign-in");
    await admin.submit(/^\/sign-in$/, { signInName: "admin", password: PASSWORD });
    const visited = await fetch(`${address}/sign-in`);
    assert.match(
      visited.headers.getSetCookie().join(),
      /^__Host-zt_visit=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    assert.match(visited.headers.get("strict-transport-security") ?? "", /max-age=31536000/);
    await admin.open("/workbench/operations");
    await admin.follow(/directory\/createAuthority$/);
    const both = (name: string, zh: string) => ({ [`${name}-zh`]: zh, [`${name}-en`]: zh });
    const made = await admin.submit(/createAuthority$/, {
      code: REGULATOR,
      ...both("name", "澄江县市场监督管理局"),
      division: "990102",
      kind: "market-regulation",
      ...both("reconsideration", "澄江县人民政府"),
      ...both("court", "澄江县人民法院"),
      address: "澄江县文昌路2号",
      phone: "0999-990-2315",
    });
    assert.match(wordsOf(made.text), /已办理并记录/);
    const described = await fetch(`${address}/api/openapi.json`);
    const api = (await described.json()) as { readonly openapi: string; readonly paths: object };
    assert.match(api.openapi, /^3\.1\./);
    assert.ok("/api/directory/v1/createAuthority" in api.paths);
    const again = await fetch(described.url, { headers: { "if-none-match": described.headers.get("etag") ?? "" } });
    assert.equal(again.status, 304);
    const hosted = await run(["host", "quality", REGULATOR]);
    assert.equal(hosted.code, EXIT_CODES.OK, hosted.err);
  } finally {
    node.child.kill("SIGTERM");
    await node.ended;
  }
  assert.match((await run(["host"])).out, /quality {2}990102-scjg {2}澄江县市场监督管理局/);
  assert.equal((await run(["host", "quality", "nowhere"])).code, EXIT_CODES.USAGE);
});

test("its suites were settled when it was made", async () => {
  const before = settings;
  settings = { ...settings, ZHENGTONG_SUITES: "international" };
  const other = await run(["host"]);
  settings = before;
  assert.equal(other.code, EXIT_CODES.CONFIGURATION);
  assert.match(other.err, /national; ZHENGTONG_SUITES: international/);
});

test("registers go out and come in as files, all or nothing", async () => {
  const csv = join(folder, "division.csv");
  await writeFile(csv, "code,name\r\n990177,新区\r\n990178,旧区\r\n");
  assert.match((await run(["register", "import", "directory.division", csv])).err, /已导入 2 条/);
  const faulty = await run(
    ["register", "import", "directory.division", "-"],
    '{"code":"990179","name":"甲"}\n{"code":"x","name":"乙"}\n',
  );
  assert.equal(faulty.code, EXIT_CODES.FAILED);
  assert.match(faulty.out, /^2: code /m);
  const exported = await run(["register", "export", "directory.division"]);
  const lines = exported.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly _key: string; readonly name: string });
  assert.deepEqual(lines.map(({ name }) => name).sort(), ["新区", "旧区"].sort(), "the faulty file left nothing");
  const history = await run(["register", "history", "directory.division", lines[0]?._key ?? ""]);
  assert.equal((JSON.parse(history.out) as { readonly key: string }).key, lines[0]?._key);
  assert.equal((await run(["register", "export", "no.such"])).code, EXIT_CODES.USAGE);
});

test("the ledger is verified, also against a checkpoint that was kept; what was tampered with is named", async () => {
  const kept = join(folder, "checkpoint.txt");
  await writeFile(kept, (await run(["ledger", "checkpoint"])).out);
  assert.match(await readFile(kept, "utf8"), /^zhengtong-[0-9a-f]{16}\/ledger\n/);
  const whole = await run(["ledger", "verify", "--checkpoint", kept]);
  assert.equal(whole.code, EXIT_CODES.OK, whole.out + whole.err);
  const verified = await run(["verify", kept]);
  assert.equal(verified.code, EXIT_CODES.OK, verified.out);
  await run(["ledger", "export", join(folder, "log.jsonl")]);
  assert.equal((await run(["verify", join(folder, "log.jsonl")])).code, EXIT_CODES.OK);

  const [entry] = await database.database.query<{ id: number }>("SELECT min(id) AS id FROM ledger.entry");
  await database.database.transaction(async (tx) => {
    await tx.execute("SET LOCAL session_replication_role = replica");
    await tx.execute("UPDATE ledger.entry SET leaf = leaf || '\\x20' WHERE id = $1", [entry?.id]);
    await tx.execute(`UPDATE directory.official SET data = jsonb_set(data, '{name}', '"他人"')`);
  });
  const tampered = await run(["ledger", "verify"]);
  assert.equal(tampered.code, EXIT_CODES.FAILED);
  assert.match(tampered.out, new RegExp(`^ledger\\.entry ${entry?.id} `, "m"));
  assert.match(tampered.out, /^directory\.official /m);
});

test("its data keys are listed and rotated from the command line", async () => {
  const listed = await run(["keys", "list"]);
  assert.match(
    listed.out,
    /national[\s\S]*^k[0-9a-f]{12} {2}加密数据 Seals data {2}national {2}使用中 Active {2}→ \d{4}-/m,
    listed.err,
  );
  assert.equal((await run(["keys", "rotate"])).code, EXIT_CODES.USAGE);
  const rotated = await run(["keys", "rotate", "--reason", "例行轮换"]);
  assert.equal(rotated.code, EXIT_CODES.OK, rotated.err);
  assert.match((await run(["keys", "list"])).out, /待启用 Pre-active/);
  const again = await run(["keys", "rotate", "--reason", "例行轮换"]);
  assert.equal(again.code, EXIT_CODES.FAILED);
  assert.match(again.err, /cannot be rotated again yet/);
});

test("without its passphrase it neither starts nor passes the doctor", async () => {
  assert.match((await run(["doctor"])).out, /^✓ .*cryptographic suites: national \(national\)/m);
  const { ZHENGTONG_KEYS_PASSPHRASE_FILE: _, ...open } = settings;
  settings = open;
  const closed = await run(["doctor"]);
  assert.equal(closed.code, EXIT_CODES.FAILED);
  assert.match(closed.out, /^✗ .*ERR_TRUST_PASSPHRASE/m);
  const refused = startProcess(["src/node/main.ts", "start"], { environment: settings });
  assert.equal(await refused.ended, EXIT_CODES.PASSPHRASE, refused.output());
  settings = { ...settings, ZHENGTONG_KEYS_PASSPHRASE_FILE: passphrase };
  const opened = await run(["doctor"]);
  assert.match(opened.out, /^✓ 密钥可以打开/m);
  const node = startProcess(["src/node/main.ts", "start"], { environment: settings });
  try {
    await node.said(/政通已就绪/);
    const address = `http://127.0.0.1:${settings["ZHENGTONG_PORT"]}`;
    const [key = "", keys = ""] = await Promise.all(
      ["key", "keys"].map(async (name) => (await fetch(`${address}/log/${name}`)).text()),
    );
    assert.equal(key.split("\n").length, 2);
    // The log's own, and beside it those of the national and the hybrid suite.
    assert.ok(keys.startsWith(key) && keys.split("\n").length === 4, keys);
  } finally {
    node.child.kill("SIGTERM");
    await node.ended;
  }
});
