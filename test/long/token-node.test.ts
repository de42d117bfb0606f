/** A whole node whose keys a PKCS #11 token holds (SoftHSM2): begun in it, moved into it, its key renewed; `doctor` looks at it. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { testDatabase } from "#kernel/database/testing";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { ROOT, startProcess } from "../harness/node-process.ts";

const MODULE = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"].find(existsSync);
const skip = MODULE === undefined && "softhsm2 is not installed";
const PIN = "1234-5678";
const FIRST = {
  ...{ name: "澄江县政务服务管理局", division: "990102", code: "990102-zwfw", address: "澄江县县前街1号" },
  ...{ phone: "0999-990-2000", reconsideration: "澄江县人民政府", court: "澄江县人民法院", administrator: "秦守二" },
} as const;
const INIT = ["init", "--password-stdin", ...Object.entries(FIRST).flatMap(([name, value]) => [`--${name}`, value])];

describe("a node on a PKCS #11 token", { skip }, () => {
  let folder = "";
  let pin = "";
  let passphrase = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "zhengtong-token-node-"));
    await mkdir(join(folder, "tokens"));
    const configuration = join(folder, "softhsm2.conf");
    await writeFile(configuration, `directories.tokendir = ${join(folder, "tokens")}\nobjectstore.backend = file\n`);
    process.env["SOFTHSM2_CONF"] = configuration;
    for (const label of ["begun", "moved"])
      execFileSync("softhsm2-util", [
        ...["--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", PIN],
      ]);
    [pin, passphrase] = [join(folder, "pin"), join(folder, "passphrase")];
    await writeFile(pin, `${PIN}\n`, { mode: 0o600 });
    await writeFile(passphrase, "correct horse battery\n", { mode: 0o600 });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  type Settings = Readonly<Record<string, string>>;
  async function run(settings: Settings, args: readonly string[], input = "") {
    const { PATH = "", HOME = "", SOFTHSM2_CONF = "" } = process.env;
    const child = spawn(process.execPath, [join(ROOT, "src/node/main.ts"), ...args], {
      ...{ cwd: folder, env: { PATH, HOME, SOFTHSM2_CONF, ...settings } },
    });
    child.stdin.end(input);
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { code: code as number, said: `${out}${err}` };
  }

  /** The log's key, as a node that runs gives it, after something was done beside it. */
  async function answers(settings: Settings, beside: () => Promise<void> = async () => undefined): Promise<string> {
    const environment = { SOFTHSM2_CONF: process.env["SOFTHSM2_CONF"] ?? "", ...settings };
    const node = startProcess(["src/node/main.ts", "start"], { environment });
    try {
      await node.said(/政通已就绪/);
      await beside();
      const answer = await fetch(`http://127.0.0.1:${settings["ZHENGTONG_PORT"]}/log/key`);
      assert.equal(answer.status, 200);
      return await answer.text();
    } finally {
      node.child.kill("SIGTERM");
      await node.ended;
    }
  }

  async function place(name: string) {
    const database = await testDatabase();
    const port = String(await freePort());
    return {
      settings: { ZHENGTONG_DATA: join(folder, name), ZHENGTONG_PORT: port, DATABASE_URL: database.url },
      close: () => database.close(),
    };
  }
  const tokenSettings = (label: string) => ({
    ZHENGTONG_KEYS_TOKEN: `${MODULE}#${label}`,
    ZHENGTONG_KEYS_PASSPHRASE_FILE: pin,
  });

  test("begins in it, starts from it, and its key is renewed in it", async () => {
    const { settings: base, close } = await place("begun");
    const settings = { ...base, ...tokenSettings("begun") };
    try {
      const made = await run(settings, INIT, "lake and bamboo 2026\n");
      assert.equal(made.code, EXIT_CODES.OK, made.said);
      assert.match((await run(settings, ["keys"])).said, /PKCS #11/);
      const examined = await run(settings, ["doctor"]);
      assert.match(examined.said, /✓ 密码设备“begun”打开密钥/);
      const key = await answers(settings);
      const renew = async () => {
        const renewed = await run(settings, ["keys", "renew", "--reason", "演练"]);
        assert.equal(renewed.code, EXIT_CODES.OK, renewed.said);
      };
      await renew();
      assert.equal(await answers(settings, renew), key, "the log's key is the same, renewed beside it as well");
      assert.equal(await answers(settings), key, "and after a restart");
      const verified = await run(settings, ["ledger", "verify"]);
      assert.equal(verified.code, EXIT_CODES.OK, verified.said);
    } finally {
      await close();
    }
  });

  test("takes in a node that began under a passphrase", async () => {
    const { settings: base, close } = await place("moved");
    try {
      const under = { ...base, ZHENGTONG_KEYS_PASSPHRASE_FILE: passphrase };
      const made = await run(under, INIT, "lake and bamboo 2026\n");
      assert.equal(made.code, EXIT_CODES.OK, made.said);
      const key = await answers(under, async () => {
        const renewed = await run(under, ["keys", "renew", "--reason", "演练"]);
        assert.equal(renewed.code, EXIT_CODES.OK, renewed.said);
        assert.match(renewed.said, /every running process/);
      });
      const settings = { ...base, ...tokenSettings("moved") };
      assert.equal((await run(settings, ["keys", "into-token", "--old", pin])).code, EXIT_CODES.PASSPHRASE);
      const moved = await run(settings, ["keys", "into-token", "--old", passphrase]);
      assert.equal(moved.code, EXIT_CODES.OK, moved.said);
      assert.ok(!(await readdir(join(folder, "moved", "keys"))).includes("node-key.json"));
      assert.match((await run(settings, ["doctor"])).said, /✓ 密码设备“moved”打开密钥/);
      assert.equal(await answers(settings), key);
      assert.equal((await run(under, ["doctor"])).code, EXIT_CODES.FAILED, "the passphrase opens nothing any more");
    } finally {
      await close();
    }
  });
});
