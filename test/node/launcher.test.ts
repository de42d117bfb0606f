import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { ROOT } from "../harness/node-process.ts";

/**
 * The launcher in a checkout of its own: its `npm` is a script that does what the real one does to the folder, and its command line
 * one that tells what it was called with.
 */
let checkout: string;
let calls: string;
const lockfile = (version: string) =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: {
      "": { name: "zhengtong" },
      "node_modules/thing": { version },
      "node_modules/other-platform": { version: "1.0.0", optional: true },
      "node_modules/tool": { version: "1.0.0", dev: true },
    },
  });

before(async () => {
  checkout = await mkdtemp(join(tmpdir(), "zhengtong-launcher-"));
  calls = join(checkout, "npm-calls");
  await copyFile(join(ROOT, "zhengtong.mjs"), join(checkout, "zhengtong.mjs"));
  await mkdir(join(checkout, "src/node"), { recursive: true });
  const settings = "src/node/process-settings.json";
  await copyFile(join(ROOT, settings), join(checkout, settings));
  await writeFile(join(checkout, "package.json"), '{ "type": "module" }');
  await writeFile(join(checkout, "package-lock.json"), lockfile("1.0.0"));
  await writeFile(
    join(checkout, "src/node/main.ts"),
    `const [command, ...args]: string[] = process.argv.slice(2);
     if (command === "wait") {
       process.on("SIGTERM", () => process.exit(7));
       console.log("waiting");
       setInterval(() => undefined, 1000);
     } else {
       console.log(JSON.stringify([command, ...args]));
       process.exitCode = Number(args[0] ?? 0);
     }`,
  );
  await mkdir(join(checkout, "bin"));
  await writeFile(
    join(checkout, "bin/npm"),
    `#!/bin/sh
     echo "$1" >> "${calls}"
     test -e "${checkout}/npm-fails" && exit 1
     mkdir -p node_modules && node -e '
       const lock = JSON.parse(require("fs").readFileSync("package-lock.json", "utf8"));
       delete lock.packages[""];
       delete lock.packages["node_modules/other-platform"];
       require("fs").writeFileSync("node_modules/.package-lock.json", JSON.stringify(lock))'
     mkdir -p "node_modules/node-${process.platform}-${process.arch}/bin"
     ln -sf "${process.execPath}" "node_modules/node-${process.platform}-${process.arch}/bin/node"`,
  );
  await chmod(join(checkout, "bin/npm"), 0o755);
});
after(() => rm(checkout, { recursive: true }));

const environment = () => ({
  PATH: [join(checkout, "bin"), dirname(process.execPath), "/usr/bin:/bin"].join(delimiter),
});

function launch(...args: readonly string[]): SpawnSyncReturns<string> {
  const options = { cwd: tmpdir(), encoding: "utf8", env: environment() } as const;
  return spawnSync(process.execPath, [join(checkout, "zhengtong.mjs"), ...args], options);
}

async function npmCalls(): Promise<number> {
  return (await readFile(calls, "utf8").catch(() => "")).split("\n").length - 1;
}

describe("the launcher", { skip: process.platform === "win32" && "its npm is a shell script" }, () => {
  test("installs once, says so on stderr, and hands over with arguments and exit code", async () => {
    const first = launch("demo", "0", "--json");
    assert.equal(first.stdout, '["demo","0","--json"]\n');
    assert.match(first.stderr, /正在安装依赖.*\n.*Installing the dependencies/);
    assert.equal(first.status, 0);
    const second = launch("demo", "14");
    assert.equal(second.status, 14);
    assert.equal(second.stderr, "");
    assert.equal(await npmCalls(), 1);
  });

  test("takes what npm installed before it for installed, other platforms' variants aside", async () => {
    await rm(join(checkout, "node_modules/.zhengtong-installed"));
    assert.equal(launch("start").status, 0);
    assert.equal(await npmCalls(), 1);
  });

  test("installs again when the lock file asks for another version, or for tools that were left out", async () => {
    await writeFile(join(checkout, "package-lock.json"), lockfile("2.0.0"));
    assert.equal(launch("start").status, 0);
    assert.equal(await npmCalls(), 2);
    const record = join(checkout, "node_modules/.package-lock.json");
    const installed = JSON.parse(await readFile(record, "utf8"));
    delete installed.packages["node_modules/tool"];
    await writeFile(record, JSON.stringify(installed));
    await rm(join(checkout, "node_modules/.zhengtong-installed"));
    assert.equal(launch("start").status, 0);
    assert.equal(await npmCalls(), 2);
    await rm(join(checkout, "node_modules/.zhengtong-installed"));
    assert.equal(launch("test").status, 0);
    assert.equal(await npmCalls(), 3);
  });

  test("says in both languages that the installation failed, with its own exit code", async () => {
    await rm(join(checkout, "node_modules"), { recursive: true });
    await writeFile(join(checkout, "npm-fails"), "");
    const failed = launch("start");
    await rm(join(checkout, "npm-fails"));
    assert.equal(failed.status, EXIT_CODES.RUNTIME);
    assert.match(failed.stderr, /依赖安装失败.*\n.*could not be installed/);
    assert.equal(launch("start").status, 0);
  });

  test("can be called through a link, as npx does", async () => {
    await symlink(join(checkout, "zhengtong.mjs"), join(checkout, "bin/zhengtong"));
    const options = { encoding: "utf8", env: environment() } as const;
    assert.equal(spawnSync(process.execPath, [join(checkout, "bin/zhengtong"), "help"], options).stdout, '["help"]\n');
  });

  test("passes signals on, and ends as its command ends", async () => {
    const child = spawn(process.execPath, [join(checkout, "zhengtong.mjs"), "wait"], { env: environment() });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    assert.equal(code, 7);
  });

  test("refuses an older Node by name", () => {
    const older = `Object.defineProperty(process.versions, "node", { value: "18.20.0" });
      Object.defineProperty(process, "version", { value: "v18.20.0" }); await import(${JSON.stringify(join(checkout, "zhengtong.mjs"))});`;
    const refused = spawnSync(process.execPath, ["--input-type=module", "--eval", older], { encoding: "utf8" });
    assert.equal(refused.status, EXIT_CODES.RUNTIME);
    assert.match(refused.stderr, /v18\.20\.0/);
  });
});
