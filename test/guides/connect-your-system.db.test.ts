import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { EDGE_CERTIFICATE_FILE } from "../../src/node/edge.ts";
import type { RawClient } from "../adversarial/raw-client.ts";
import { type TargetNode, targetNode } from "../adversarial/target-node.ts";
import { Browser } from "./browser.ts";

const ROOT = join(import.meta.dirname, "../..");
const CLIENT = "ZT/COM/91990101MA0000001X/orders";
const SERVICE = "ZT/GOV/990101-scjg/legal-entities/v1";
/** What a command of the guide may take at most. */
const STEP_TIMEOUT_MS = 60_000;

const missing = ["curl", "openssl", "bash"].filter((program) => spawnSync(program, ["--version"]).error);
const skip = missing.length > 0 ? `not installed: ${missing.join(", ")}` : false;

let node: TargetNode;
let folder = "";
let guide = "";
let provider: ChildProcess | undefined;
const [shop] = generateCounty().organizations;
const CODE = shop?.value.creditCode ?? "";
/** One that nothing else here is about. */
const last = generateCounty().organizations.findLast(({ value }) => value.status === "active");
/** What the guide's commands are told beside the addresses. */
const environment: Record<string, string> = {};

/** A file that the guide tells to write. */
function part(name: string): string {
  const found = new RegExp(`^\`\`\`\\S+ ${name.replace(".", "\\.")}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(guide)?.[1];
  assert.ok(found, `the guide has ${name}`);
  return found;
}

/** The node answers in this very process: what asks it runs beside. */
async function run(program: string, args: readonly string[]): Promise<string> {
  const addresses = { EDGE: `https://localhost:${node.node.edge?.port}`, PLATFORM: node.address };
  const env = { ...process.env, ...environment, ...addresses, CODE };
  const child = spawn(program, args, { cwd: folder, env, timeout: STEP_TIMEOUT_MS });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (part: string) => {
      said[stream] += part;
    });
  }
  const [code] = await once(child, "close");
  assert.equal(code, 0, `${program} ${args.join(" ")}: ${said.stdout}${said.stderr}`);
  return said.stdout;
}

async function written(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, name), "utf8"));
}

/** Signs in as an official of the demonstration county. */
async function official(signInName: string): Promise<RawClient> {
  const workbench = new Browser().at(node.address);
  await workbench.signIn(signInName);
  return workbench;
}

let registrar: RawClient;
let decider: RawClient;
let keeper: RawClient;

/** Proposes on one official's screen, decides on the other's. */
async function registered(
  kind: string,
  form: Record<string, string>,
  send?: () => Promise<{ readonly text: string }>,
): Promise<void> {
  const page = await registrar.open(`/workbench/systems/new/${kind}`);
  const done = await (send ?? (() => registrar.fill(page, /systems\/new/, form)))();
  assert.match(done.text, /待审批|Waits for a decision/, done.text.replaceAll(/<[^>]+>/g, " ").slice(0, 2_000));
  const list = await decider.open("/workbench/systems");
  for (const [, id] of list.text.matchAll(/href="\/workbench\/systems\/([0-9a-f-]{36})"/g)) {
    const one = await decider.open(`/workbench/systems/${id}`);
    const decided = await decider.fill(one, /systems\//, { do: "decide", decision: "approved", reason: "材料齐全" });
    assert.match(decided.text, /执行中|In force/);
  }
}

/** Within the time of a look: approvals reach the edge by a notification. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const endsAt = Date.now() + STEP_TIMEOUT_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < endsAt, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), "zhengtong-connect-"));
  guide = await readFile(join(ROOT, "docs/guides/connect-your-system.md"), "utf8");
  node = await targetNode({ edge: { host: "127.0.0.1", port: 0, name: "localhost" } });
  await copyFile(join(node.dataFolder, EDGE_CERTIFICATE_FILE), join(folder, "edge.crt"));
  registrar = await official("registrar");
  decider = await official("head");
  keeper = await official("rights");
});
after(async () => {
  provider?.kill();
  registrar?.close();
  decider?.close();
  keeper?.close();
  await node?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("curl: a key, a registration by two officials, and the calls of the guide", { skip }, async () => {
  await run("bash", ["-euc", part("key.sh")]);
  const certificate = await readFile(join(folder, "client.crt"), "utf8");
  await registered("system", {
    ...{
      memberClass: "COM",
      memberCode: "91990101MA0000001X",
      subsystem: "orders",
      nameZh: "订单系统",
      nameEn: "Orders",
    },
    ...{ contact: "0999-990-0100", certificate, perMinute: "600", reason: "接入企业信息核验" },
  });
  await registered("right", {
    ...{ client: CLIENT, service: SERVICE, endpoints: "findByCode", purpose: "verification", reason: "核验供货企业" },
    ...{ lawZh: "优化营商环境条例", lawEn: "Regulation on Optimizing the Business Environment", article: "第三十七条" },
    ...{ "untilDay-year": "2099", "untilDay-month": "1", "untilDay-day": "1" },
  });
  const curl = [
    "-s",
    "--cacert",
    "edge.crt",
    "--cert",
    "client.crt",
    "--key",
    "client.key",
    "-H",
    `X-Road-Client: ${CLIENT}`,
  ];
  await until("the right is in force", async () =>
    (
      await run("curl", [
        ...curl,
        `https://localhost:${node.node.edge?.port}/r1/${SERVICE.replace(/v1$/, "allowedMethods")}`,
      ])
    ).includes("findByCode"),
  );
  await run("bash", ["-euc", part("call.sh")]);
  const clients = (await written("clients.json")) as { member: { id: { subsystem_code?: string } }[] };
  assert.ok(clients.member.some(({ id }) => id.subsystem_code === "orders"));
  const allowed = (await written("allowed.json")) as { service: { endpoint_list: unknown[] }[] };
  assert.equal(allowed.service[0]?.endpoint_list.length, 2);
  assert.ok(JSON.stringify(await written("openapi.json")).includes("/findByCode"));
  assert.equal(((await written("answer.json")) as { name: string }).name, shop?.value.name);
  assert.match(await readFile(join(folder, "answer-headers.txt"), "utf8"), /x-road-request-hash: \S{86}==/i);
  assert.equal(((await written("refused.json")) as { type: string }).type, "Server.ServerProxy.AccessDenied");
});

test("curl: told of what changed, by who admitted it", { skip }, async () => {
  const page = await keeper.open("/workbench/operations/events/admit");
  const may = { mayPublish: "no", maySubscribe: "yes", mayManage: "no" };
  const member = { room: "zhengtong/ROOM/here/legal-entities", member: CLIENT, ...may };
  const admitted = await keeper.fill(page, /events\/admit/, member);
  environment["TOKEN"] = /(?:令牌|Token)[^<]*(?:<[^>]*>\s*)+([A-Za-z0-9_-]{43})</.exec(admitted.text)?.[1] ?? "";
  for (const name of ["told.sh", "subscribe.sh", "pull.sh"]) await writeFile(join(folder, name), part(name));
  await run("bash", ["-eu", "subscribe.sh"]);
  const type = (await written("type.json")) as { schema: { properties: object } };
  assert.deepEqual(
    new Set(Object.keys(type.schema.properties)),
    new Set(["organization", "creditCode", "what", "attributes"]),
  );
  const ending = await registrar.open("/workbench/operations/legal-entities/endOrganization");
  const today = Temporal.Now.plainDateISO("Asia/Shanghai");
  const ended = await registrar.fill(ending, /endOrganization/, {
    ...{ id: last?.key ?? "", how: "deregistered", reason: "申请注销" },
    ...{ "on-year": String(today.year), "on-month": String(today.month), "on-day": String(today.day) },
  });
  assert.match(ended.text, /已办理并记录|on the record/);
  const taken = async () => {
    await run("bash", ["-eu", "pull.sh"]);
    return readFile(join(folder, "taken.jsonl"), "utf8").catch(() => "");
  };
  await until("the event is in its window", async () => (await taken()) !== "");
  const { id, publisherId, ...told } = JSON.parse(await taken());
  assert.ok(id);
  assert.equal(publisherId.applicationCode, "legal-entities");
  const { key: organization, value } = last ?? {};
  assert.deepEqual(told.event, {
    ...{ organization, creditCode: value?.creditCode, what: "ended", attributes: ["status"] },
  });
});

test("Python: the same call", {
  skip: skip || (spawnSync("python3", ["--version"]).error ? "Python is not installed" : false),
}, async () => {
  await writeFile(join(folder, "client.py"), part("client.py"));
  assert.equal(await run("python3", ["client.py"]), `200 ${shop?.value.name}\n`);
});

test("Java: the same call", {
  skip: skip || (spawnSync("java", ["--version"]).error ? "Java is not installed" : false),
}, async () => {
  await writeFile(join(folder, "Client.java"), part("Client.java"));
  const [, keys = ""] = /`(openssl pkcs12 [^`]+)`/.exec(guide) ?? [];
  await run("bash", ["-euc", keys]);
  assert.match(await run("java", ["-Dfile.encoding=UTF-8", "Client.java"]), /^200 \{/);
});

test("Python: a service that is offered, called by who may", {
  skip: skip || (spawnSync("python3", ["--version"]).error ? "Python is not installed" : false),
}, async () => {
  await writeFile(join(folder, "provider.py"), part("provider.py"));
  provider = spawn("python3", ["provider.py"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  assert.ok(provider.stdout);
  const [address] = await once(provider.stdout, "data");
  const boundary = "zt-guide-boundary";
  const certificate = await readFile(join(folder, "client.crt"), "utf8");
  const page = await registrar.open("/workbench/systems/new/provider");
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? "";
  const fields = {
    ...{
      csrf: hidden("csrf"),
      key: hidden("key"),
      client: CLIENT,
      serviceCode: "orders",
      nameZh: "订单查询",
      nameEn: "Orders",
    },
    ...{ baseUrl: String(address).trim(), certificate, reason: "提供订单查询" },
  };
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="document"; filename="orders.yaml"\r\nContent-Type: application/yaml\r\n\r\n${part("orders.yaml")}\r\n--${boundary}--\r\n`;
  await registered("provider", {}, async () => {
    const sent = await registrar.send("/workbench/systems/new/provider", {
      method: "POST",
      headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
      body: `${parts.join("")}${file}`,
    });
    return sent.status === 303 ? registrar.open(String(sent.headers.location)) : sent;
  });
  await registered("right", {
    ...{
      client: CLIENT,
      service: `${CLIENT}/orders`,
      endpoints: "GET /orders/{id}",
      purpose: "verification",
      reason: "x",
    },
    ...{ lawZh: "优化营商环境条例", lawEn: "Regulation on Optimizing the Business Environment", article: "第三十七条" },
    ...{ "untilDay-year": "2099", "untilDay-month": "1", "untilDay-day": "1" },
  });
  const curl = [
    "-s",
    "--cacert",
    "edge.crt",
    "--cert",
    "client.crt",
    "--key",
    "client.key",
    "-H",
    `X-Road-Client: ${CLIENT}`,
  ];
  const order = (number: string) =>
    run("curl", [...curl, `https://localhost:${node.node.edge?.port}/r1/${CLIENT}/orders/orders/${number}`]);
  await until("the right is in force", async () => (await order("42")) === '{"id": 42, "state": "open"}');
  assert.equal(await order("7"), '{"error": "no such order"}', "an error of the provider is its own");
  assert.match(await order("x"), /Client\.BadRequest/);
});
