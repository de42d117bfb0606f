/** docs/guides/run-a-province.md, done as it says: two real nodes, its own commands, and officials at a browser. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { testDatabase } from "#kernel/database/testing";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { Visitor, wordsOf } from "../../src/node/demo/visitor.ts";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { type NodeProcess, ROOT, startProcess } from "../harness/node-process.ts";

const GUIDE = new URL("../../docs/guides/run-a-province.md", import.meta.url);
const PASSWORD = "lake and bamboo 2026";

/** Those that still run: a test that fails leaves none behind. */
const commands = new Set<ChildProcess>();
let guide: string;
let base: string;
let collector: ReturnType<typeof createServer>;
const spans: string[] = [];
let endpoint: string;

/** A command of the guide by its beginning, as a shell would take it. */
function commandOf(beginning: string): string {
  const blocks = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) =>
    block.replaceAll("\\\n", " "),
  );
  const found = blocks
    .flatMap((block) => block.split("\n"))
    .find((line) => line.startsWith(`npx zhengtong ${beginning}`));
  assert.ok(found, `the guide has no command ${beginning}`);
  return found.replace(/ #.*$/, "").trim();
}

interface Node {
  readonly settings: Readonly<Record<string, string>>;
  readonly site: string;
  readonly exchange: string;
  readonly folder: string;
  running: NodeProcess | undefined;
  close(): Promise<void>;
}

async function makeNode(name: string): Promise<Node> {
  const database = await testDatabase();
  const [port, exchangePort] = [await freePort(), await freePort()];
  const folder = join(base, name);
  const site = `http://127.0.0.1:${port}`;
  const settings = {
    ZHENGTONG_DATA: folder,
    DATABASE_URL: database.url,
    ZHENGTONG_PORT: String(port),
    ZHENGTONG_PUBLIC_URL: site,
    ZHENGTONG_KEYS_PASSPHRASE_FILE: join(base, "passphrase"),
    ZHENGTONG_EXCHANGE_HOST: "127.0.0.1",
    ZHENGTONG_EXCHANGE_PORT: String(exchangePort),
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  };
  const node: Node = {
    ...{ settings, site, folder, exchange: `https://127.0.0.1:${exchangePort}`, running: undefined },
    async close() {
      node.running?.child.kill("SIGTERM");
      await node.running?.ended;
      await database.close();
    },
  };
  return node;
}

/** Runs a command of the guide to its end on a node, with the addresses of this machine. */
async function run(node: Node, command: string, input = "") {
  const words = inPlace(command)
    .replace(/^npx zhengtong /, "")
    .split(/\s+/);
  const child = spawn(process.execPath, [join(ROOT, "src/node/main.ts"), ...words], {
    cwd: base,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TZ: "UTC", ...node.settings },
  });
  commands.add(child);
  child.once("close", () => commands.delete(child));
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: code as number, out, err };
}

let province: Node;
let city: Node;

function inPlace(command: string): string {
  return command
    .replaceAll("https://10.9.0.1:8443", province.exchange)
    .replaceAll("https://10.9.1.1:8443", city.exchange)
    .replaceAll("https://yunling.example", province.site)
    .replaceAll("https://qinghe.example", city.site);
}

async function start(node: Node): Promise<NodeProcess> {
  node.running?.child.kill("SIGTERM");
  await node.running?.ended;
  node.running = startProcess(["src/node/main.ts", "start"], { environment: node.settings });
  await node.running.said(/政通已就绪/);
  return node.running;
}

async function init(node: Node, division: string, name: string) {
  const made = await run(
    node,
    `init --password-stdin --name ${name}政务服务管理局 --division ${division} --address 样本路1号 --phone 0999-990-0001 --reconsideration ${name}人民政府 --court ${name}人民法院 --administrator 秦守二`,
    `${PASSWORD}\n`,
  );
  assert.equal(made.code, EXIT_CODES.OK, made.err);
}

async function visitor(node: Node, signInName: string): Promise<Visitor> {
  const one = new Visitor(node.site);
  await one.open("/sign-in");
  await one.submit(/^\/sign-in$/, { signInName, password: PASSWORD });
  return one;
}

/** Fills in a form of the page of duties, and gives what the page that follows says. */
async function doDuty(who: Visitor, operation: string, given: Parameters<Visitor["submit"]>[1], query = "") {
  const [room = "", name = ""] = operation.split(".");
  await who.open(`/workbench/operations/${room}/${name}${query}`);
  const answer = await who.submit(new RegExp(`${name}$`), given);
  const words = wordsOf(answer.text);
  assert.match(words, /已办理并记录/, words);
  return { words, id: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/.exec(words)?.[0] ?? "" };
}

/** One more official with a post of these duties, and an account. */
async function official(admin: Visitor, node: Node, signInName: string, duties: readonly string[]) {
  const authority = await authorityOf(node);
  const post = await doDuty(admin, "directory.createPost", {
    ...{ "title-zh": signInName, "title-en": signInName, authority, duties },
  });
  const holder = await doDuty(admin, "directory.createOfficial", { name: "程知远", authority });
  await doDuty(admin, "directory.appoint", {
    official: holder.id,
    post: post.id,
    "from-year": "2026",
    "from-month": "1",
    "from-day": "1",
  });
  await doDuty(admin, "identity.createAccount", {
    ...{ signInName, password: PASSWORD, holderKind: "official", holder: holder.id },
  });
}

async function authorityOf(node: Node): Promise<string> {
  const listed = await run(node, "npx zhengtong register export directory.authority -");
  return (JSON.parse(listed.out.split("\n")[0] ?? "{}") as { readonly _key: string })._key;
}

before(async () => {
  guide = await readFile(GUIDE, "utf8");
  base = await mkdtemp(join(tmpdir(), "zhengtong-province-"));
  await writeFile(join(base, "passphrase"), "three gorges, one river\n", { mode: 0o600 });
  collector = createServer((request, response) => {
    void text(request).then((body) => {
      spans.push(body);
      response.end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  [province, city] = [await makeNode("yunling"), await makeNode("qinghe")];
});
after(async () => {
  for (const command of commands) command.kill("SIGKILL");
  await Promise.all([province.close(), city.close()]);
  collector.close();
  await rm(base, { recursive: true, force: true });
});

test("the top founds the directory, beside itself, and is a member as of its next start", async () => {
  await init(province, "990000", "云岭省");
  await start(province);
  const alone = await run(province, commandOf("node status"));
  assert.match(alone.err, /不属于任何节点目录/);
  const admin = await visitor(province, "admin");
  await official(admin, province, "approver", ["directory.approve", "directory.delegate"]);
  const founded = await run(province, commandOf("node found"));
  assert.equal(founded.code, EXIT_CODES.OK, founded.err);
  await start(province);
  const status = await run(province, commandOf("node status"));
  assert.equal(status.code, EXIT_CODES.OK, status.err);
  assert.match(status.out, /^yunling {2}000000 {2}extranet/m);
  const again = await run(province, commandOf("node found"));
  assert.equal(again.code, EXIT_CODES.FAILED);
  assert.doesNotMatch(again.err, /^ {4}at /m, "words, and no trace of the program");
});

test("another node asks to join, two officials let it in, and both list each other", async () => {
  await init(city, "990100", "清河市");
  const wrong = await run(city, commandOf("node join").replace("https://yunling.example", "http://127.0.0.1:9"));
  assert.equal(wrong.code, EXIT_CODES.FAILED);
  assert.doesNotMatch(wrong.err, /^ {4}at /m);
  const first = await run(city, `${commandOf("node join")} --wait 0.02`);
  assert.equal(first.code, EXIT_CODES.FAILED);
  assert.match(first.err, /再次运行/);
  const [, shortCode = ""] = /short code: (\S+)/.exec(first.out) ?? [];
  assert.notEqual(shortCode, "");
  const waiting = run(city, commandOf("node join"));
  const administrator = await visitor(province, "admin");
  await administrator.open("/workbench/nodes/joining");
  const compare = await administrator.follow(/proposeJoining/);
  assert.match(wordsOf(compare.text), /核对/);
  await administrator.submit(/proposeJoining$/, { shortCode, reason: "已用电话核对" });
  const approver = await visitor(province, "approver");
  await approver.open("/workbench/nodes/joining");
  await approver.follow(/decideJoining/);
  await approver.submit(/decideJoining$/, { decision: "approve", reason: "同意加入" });
  const joined = await waiting;
  assert.equal(joined.code, EXIT_CODES.OK, joined.err);
  assert.match(joined.out, new RegExp(shortCode), "the same request, the same code");
  await start(city);
  for (const node of [province, city]) {
    const listed = await run(node, commandOf("node list"));
    assert.match(listed.out, /^yunling {2}000000[\s\S]*^ {4}population 000000/m, listed.err);
    assert.match(listed.out, /^qinghe {2}990100[\s\S]*^ {4}legal-entities 990100/m);
  }
  assert.equal((await run(city, commandOf("node status"))).code, EXIT_CODES.OK);
});

test("an operation of a room that the province keeps is called from the city, and its course told by both; spans of both are one trace", async () => {
  const admin = await visitor(city, "admin");
  await official(admin, city, "clerk", ["population.read", "directory.delegate"]);
  await writeFile(join(base, "question.json"), JSON.stringify({ name: "堃犇喆" }));
  await writeFile(join(base, "password"), PASSWORD, { mode: 0o600 });
  const denied = await run(city, commandOf("exchange call").replace("clerk", "admin"));
  assert.equal(denied.code, EXIT_CODES.REFUSED, denied.err);
  const called = await run(city, commandOf("exchange call"));
  assert.equal(called.code, EXIT_CODES.OK, called.out + called.err);
  const answer = JSON.parse(called.out) as { readonly act: string; readonly node: string; readonly value: object };
  assert.deepEqual([answer.node, answer.value], ["yunling", { items: [] }]);
  const traced = await run(city, commandOf("exchange trace").replace("ACT", answer.act));
  assert.equal(traced.code, EXIT_CODES.OK, traced.out + traced.err);
  const steps = traced.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly node: string; readonly kind: string; readonly direction?: string });
  const shown = new Set(steps.map(({ node, kind, direction }) => `${node} ${direction ?? kind}`));
  for (const one of ["qinghe calls-out", "yunling calls-in", "yunling answers-out", "qinghe answers-in"]) {
    assert.ok(shown.has(one), `${one}: ${[...shown]}`);
  }
  assert.ok(shown.has("qinghe entry") && shown.has("yunling entry"));
  const [, trace = ""] = /调用链编号 ([0-9a-f]{32})/.exec(traced.err) ?? [];
  const byTrace = await run(city, commandOf("exchange trace").replace("ACT", trace));
  assert.equal(byTrace.code, EXIT_CODES.OK, byTrace.err);
  const endsAt = Date.now() + 60_000;
  const nodesOf = () =>
    new Set(
      spans
        .filter((body) => body.includes(trace))
        .map((body) => /"service.instance.id"[^}]*?"stringValue":"([^"]+)"/.exec(body)?.[1]),
    );
  while (nodesOf().size < 2 && Date.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual(nodesOf(), new Set(["qinghe", "yunling"]));
  assert.ok(!spans.join().includes("堃犇喆"));

  province.running?.child.kill("SIGTERM");
  await province.running?.ended;
  province.running = undefined;
  const away = await run(city, commandOf("exchange call"));
  assert.equal(away.code, EXIT_CODES.UNAVAILABLE, away.out + away.err);
  const alone = await run(city, commandOf("exchange trace").replace("ACT", answer.act));
  assert.match(alone.err, /yunling 没有答复/);
  await start(province);
});

test("a node asks to leave; the node above proposes and decides it", async () => {
  const asked = await run(city, commandOf("node leave"));
  assert.equal(asked.code, EXIT_CODES.OK, asked.err);
  const administrator = await visitor(province, "admin");
  await doDuty(administrator, "directory.proposeNodeLeave", { node: "qinghe", reason: "并入云岭省节点" });
  const approver = await visitor(province, "approver");
  await approver.open("/workbench/nodes");
  await approver.follow(/decideDirectoryChange/);
  await approver.submit(/decideDirectoryChange$/, { decision: "approve", reason: "同意" });
  const listed = await run(province, commandOf("node list"));
  assert.match(listed.out, /^qinghe {2}990100 {2}extranet {2}left/m, listed.out);
});
