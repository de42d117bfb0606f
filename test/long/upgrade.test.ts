/** `zhengtong upgrade`: a node gives its place to the next build while somebody keeps asking, and nobody is refused. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { testDatabase } from "#kernel/database/testing";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { Visitor } from "../../src/node/demo/visitor.ts";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { type NodeProcess, ROOT, startProcess } from "../harness/node-process.ts";

let base: string;
let next: string;
let database: Awaited<ReturnType<typeof testDatabase>>;
let settings: Readonly<Record<string, string>>;
let site: string;
let running: NodeProcess;

/** A checkout of the next build: a version, and a migration that the code of this one knows nothing of. */
async function nextBuild(name: string, migration: string): Promise<string> {
  const folder = join(base, name);
  for (const part of ["src", "packages", "contracts", "zhengtong.mjs", "package-lock.json"]) {
    await cp(join(ROOT, part), join(folder, part), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const described = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { version: string };
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...described, version: `9.0.0-${name}` }));
  const migrations = join(folder, "src/infrastructure/identity/migrations");
  const last = (await readdir(migrations)).filter((file) => file.endsWith(".sql")).length;
  await writeFile(join(migrations, `${String(last + 1).padStart(4, "0")}-next.sql`), migration);
  return folder;
}

before(async () => {
  base = await mkdtemp(join(tmpdir(), "zhengtong-upgrade-"));
  database = await testDatabase();
  const port = await freePort();
  site = `http://127.0.0.1:${port}`;
  settings = {
    ...{ ZHENGTONG_DATA: join(base, "data"), DATABASE_URL: database.url, ZHENGTONG_PORT: String(port) },
    ZHENGTONG_EXCHANGE_PORT: String(await freePort()),
  };
  next = await nextBuild("next", "ALTER TABLE identity.session ADD COLUMN of_the_next_build text;\n");
  running = startProcess(["zhengtong.mjs", "start"], { environment: settings });
  await running.said(/政通已就绪/);
});
after(async () => {
  running.child.kill("SIGTERM");
  await running.ended;
  await database.close();
  await rm(base, { recursive: true, force: true });
});

async function upgrade(from: string): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(process.execPath, [join(from, "src/node/main.ts"), "upgrade"], {
    cwd: from,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TZ: "UTC", ...settings },
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: code as number, output: out + err };
}

/** Asks again and again over connections that stay open, as a browser does, and over new ones. */
function asking(agent: Agent | false) {
  const outcomes: string[] = [];
  let isOver = false;
  const one = () =>
    new Promise<string>((resolve) => {
      request(`${site}/services`, { agent, timeout: 120_000 }, (response) => {
        response.resume().once("end", () => resolve(String(response.statusCode)));
        response.once("error", (error) => resolve(`answer ${String(error)}`));
      })
        .once("error", (error) => resolve(String(error)))
        .end();
    });
  const done = (async () => {
    while (!isOver) outcomes.push(await one());
    if (agent !== false) agent.destroy();
  })();
  return {
    outcomes,
    async stop() {
      isOver = true;
      await done;
    },
  };
}

test("a running client sees no refused request while the next build takes over, signed in or not", async () => {
  const visitor = new Visitor(site);
  await visitor.open("/sign-in");
  await visitor.submit(/^\/sign-in$/, { signInName: "registrar", password: DEMONSTRATION_PASSWORD });
  const clients = [asking(new Agent({ keepAlive: true })), asking(new Agent({ keepAlive: true })), asking(false)];
  const before = running.pid;
  const { code, output } = await upgrade(next);
  for (const client of clients) await client.stop();
  assert.equal(code, EXIT_CODES.OK, `${output}\n${running.output()}`);
  const outcomes = clients.flatMap((client) => client.outcomes);
  assert.deepEqual(new Set(outcomes), new Set(["200"]), running.output());
  assert.ok(outcomes.length > 10);
  assert.equal(running.pid, before, "the launcher is the same process: whoever started it sees no change");
  const columns = await database.database.query(
    "SELECT 1 FROM information_schema.columns WHERE table_schema = 'identity' AND column_name = 'of_the_next_build'",
  );
  assert.equal(columns.length, 1);
  const page = await visitor.open("/workbench");
  assert.equal(page.status, 200, "whoever was signed in still is");
  assert.match(running.output(), /正在移交给[\s\S]*已停止/);
  await running.said(/节点间交换|政通已就绪[\s\S]*政通已就绪/);
});

test("a build that does not start leaves everything as it is", async () => {
  const broken = await nextBuild("broken", "SELECT no_such_function();\n");
  const client = asking(false);
  const { code, output } = await upgrade(broken);
  await client.stop();
  assert.equal(code, EXIT_CODES.FAILED, output);
  assert.match(output, /照常运行/);
  assert.deepEqual(new Set(client.outcomes), new Set(["200"]));
  // The folder is still the old one's: nobody else starts on it.
  const second = startProcess(["src/node/main.ts", "start"], { environment: { ...settings, ZHENGTONG_PORT: "0" } });
  assert.equal(await second.ended, EXIT_CODES.DATA_FOLDER_IN_USE, second.output());
});

test("an embedded database is not handed over, and the command says what to do instead", async () => {
  const { DATABASE_URL: _, ...embedded } = settings;
  const command = startProcess(["src/node/main.ts", "upgrade"], { environment: embedded });
  assert.equal(await command.ended, EXIT_CODES.CONFIGURATION, command.output());
  assert.match(command.output(), /stop the node and start the new version/);
});
