import assert from "node:assert/strict";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { verifySigned } from "#lib/certificate/algorithms";
import { sha256Hex } from "#lib/crypto/digest";
import { defaultSuiteChoice } from "#lib/crypto/purposes";
import { readX509 } from "#lib/x509/certificate";
import { anchorOf, buildPath } from "#lib/x509/path-validation";
import { hasOpenssl, Openssl } from "#lib/x509/testing/openssl";
import { fromPem } from "../../src/infrastructure/trust/certificates/authority-files.ts";
import { openHierarchy } from "../../src/infrastructure/trust/certificates/hierarchy.ts";
import { openFileKeys } from "../../src/infrastructure/trust/keys/file-key-store.ts";
import { runCommandLine } from "../../src/node/command-line.ts";

const PASSPHRASE = "three gorges, one river";
const GUIDE = new URL("../../docs/guides/root-ceremony.md", import.meta.url);

/** The commands of the guide's `sh` blocks, a block each, their words as a shell would take them. */
async function guideBlocks(): Promise<readonly (readonly string[][])[]> {
  const guide = await readFile(GUIDE, "utf8");
  return [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) =>
    block
      .replaceAll("\\\n", " ")
      .trim()
      .split("\n")
      .map((line) => line.replace(/^npx zhengtong /, "").split(/\s+/)),
  );
}

describe("the guide to a root ceremony", () => {
  let folder = "";
  let blocks: readonly (readonly string[][])[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "zhengtong-ceremony-"));
    await writeFile(join(folder, "passphrase"), PASSPHRASE, { mode: 0o600 });
    await writeFile(join(folder, "wang-fang.txt"), "三更灯火五更鸡 1860\n", { mode: 0o600 });
    blocks = await guideBlocks();
  });
  after(() => rm(folder, { recursive: true }));

  const path = (...parts: string[]) => join(folder, ...parts);

  async function run(words: readonly string[]) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const code = await runCommandLine(await expanded(words), {
      ...{ stdout, stderr, folder },
      environment: { ZHENGTONG_DATA: path("node"), ZHENGTONG_KEYS_PASSPHRASE_FILE: path("passphrase") },
      print: (line) => void stdout.write(`${line}\n`),
      report: ({ zh, en }) => void stderr.write(`${zh}  ${en}\n`),
    });
    stdout.end();
    stderr.end();
    return { code, stdout: await textOf(stdout), stderr: await textOf(stderr) };
  }

  /** What a shell would do: variables, and names with a star. */
  async function expanded(words: readonly string[]): Promise<readonly string[]> {
    const roots = { '"$ROOT"': "root.pem", '"$ROOT_SM2"': "root-sm2.pem" } as Record<string, string>;
    const lists = words.map(async (word) => {
      const root = roots[word];
      if (root !== undefined) return [sha256Hex(fromPem(await readFile(path("ceremony", root), "utf8")))];
      if (!word.endsWith("/*.pem")) return [word];
      return (await readdir(path(word.slice(0, -6)))).map((name) => `${word.slice(0, -6)}/${name}`);
    });
    return (await Promise.all(lists)).flat();
  }

  async function block(at: number) {
    for (const words of blocks[at] ?? assert.fail(`the guide has no block ${at}`)) {
      const { code, stderr } = await run(words);
      assert.equal(code, 0, `${words.join(" ")}\n${stderr}`);
    }
  }

  it("makes a root, of which no key stays, and a protocol that openssl verifies", async (test) => {
    await block(0);
    await block(1);
    for (const index of [1, 2, 3, 4, 5]) await copyFile(path("ceremony/shares", `${index}.txt`), path(`${index}.txt`));
    await rm(path("ceremony/shares"), { recursive: true });
    const protocol = await readFile(path("ceremony/protocol-0001.md"), "utf8");
    for (const word of ["李明", "孙伟", "审计局何鉴", "清源县"]) assert.ok(protocol.includes(word), word);
    if (!hasOpenssl()) return test.skip("openssl is not installed");
    const openssl = new Openssl();
    const key = openssl.file(openssl.bytes("x509", "-in", path("ceremony/root.pem"), "-noout", "-pubkey"));
    const { output } = openssl.run(
      ...["dgst", "-sha256", "-verify", key, "-signature", path("ceremony/protocol-0001.md.sig")],
      path("ceremony/protocol-0001.md"),
    );
    assert.match(output, /Verified OK/);
    openssl.close();
  });

  it("refuses shares that are too few, repeated, mistyped, without their passphrase or of another ceremony, by name", async () => {
    const trying = (...words: string[]) => run(["trust", "ceremony", "list", "--folder", "ceremony", ...words]);
    const share = (...names: string[]) => names.flatMap((name) => ["--share", name]);
    const other = ["--operator", "邻县", "--custodian", "甲", "--custodian", "乙", "--threshold", "2"];
    assert.equal((await run(["trust", "ceremony", "begin", "--folder", "other", ...other])).code, 0);
    const written = await readFile(path("3.txt"), "utf8");
    const [line = ""] = /^2: .*$/m.exec(written) ?? [];
    const digit = line[4] === "7" ? "8" : "7";
    await writeFile(path("3-wrong.txt"), written.replace(line, line.slice(0, 4) + digit + line.slice(5)));
    for (const [given, says] of [
      [share("1.txt", "4.txt"), "还差 1 份"],
      [share("1.txt", "4.txt", "1.txt"), "李明): 重复提供"],
      [share("1.txt", "3-wrong.txt", "4.txt"), "第 2 行有误"],
      [share("1.txt", "2.txt", "4.txt"), "王芳: 需要口令"],
      [share("1.txt", "4.txt", "other/shares/1.txt"), "第 3 份 no. 3 (1 李明): 属于另一次仪式"],
    ] as const) {
      const { code, stderr } = await trying(...given);
      assert.equal(code, 18, stderr);
      assert.ok(stderr.includes(says), stderr);
    }
    assert.equal((await readdir(path("ceremony"))).filter((name) => name.endsWith(".md")).length, 1);
  });

  it("certifies the authorities of a node, which issues below a root that it does not have", async (test) => {
    await block(2);
    const place = async () => {
      const { store } = await openFileKeys(path("node/keys"), { passphrase: async () => PASSPHRASE });
      const suites = defaultSuiteChoice({ demonstration: false });
      return { keys: store, folder: path("node/keys"), operator: "清源县", at: Temporal.Now.instant(), suites };
    };
    await assert.rejects(async () => openHierarchy(await place()), { code: "ERR_TRUST_AWAITING_ROOT" });
    await block(3);
    const issued = (await readdir(path("ceremony/issued"))).map((name) => `ceremony/issued/${name}`);
    const unconfirmed = await run(["trust", "issuer", "install", "ceremony/root.pem", ...issued]);
    assert.equal(unconfirmed.code, 1);
    assert.match(unconfirmed.stderr, /--fingerprint/);
    await block(4);
    const hierarchy = await openHierarchy(await place());
    // Whatever the clock says: after all that was signed just now.
    const at = Temporal.Now.instant().add({ seconds: 1 });
    assert.ok(hierarchy.authorities.filter(({ name }) => name.startsWith("root")).every(({ keyLabel }) => !keyLabel));
    assert.deepEqual(hierarchy.suitesOf("person"), ["national"]);
    assert.deepEqual(hierarchy.suitesOf("seal"), ["international", "national"]);
    const { info } = await (await place()).keys.ensureKey("test", "p256");
    const node = (hosts: readonly string[]) =>
      hierarchy.issue({ profile: "node", subject: { commonName: "node" }, publicKeyInfo: info, at, hosts });
    const roots = hierarchy.roots.map((der) => anchorOf(readX509(der)));
    const options = { anchors: roots, atMs: at.epochMilliseconds + 1_000, verify: verifySigned };
    const judge = async (der: Uint8Array) => {
      const certificate = readX509(der);
      const path = buildPath(certificate, hierarchy.chainOf(certificate).map(readX509), options);
      return path.valid ? "valid" : path.problem;
    };
    const good = await node(["a.qingyuan.example"]);
    assert.equal(await judge(good), "valid");
    assert.equal(await judge(await node(["a.qingyuan.example.evil.example"])), "name-not-permitted");
    const sm2 = await (await place()).keys.ensureKey("test-sm2", "sm2");
    const person = await hierarchy.issue({
      ...{ profile: "person", subject: { commonName: "堃犇喆" }, publicKeyInfo: sm2.info, at },
    });
    assert.equal(await judge(person), "valid");
    await block(5);
    assert.equal((await readdir(path("ceremony"))).filter((name) => name.endsWith(".md")).length, 4);
    if (!hasOpenssl()) return test.skip("openssl is not installed");
    const openssl = new Openssl();
    const rootOf = (name: string) => readX509(hierarchy.named(name)?.certificate.der ?? new Uint8Array());
    const crl = openssl.file(await readFile(path("ceremony/root.crl")));
    const verdict = openssl.verify(
      [rootOf("root"), ...hierarchy.chainOf(readX509(good)).map(readX509), readX509(good)],
      at.epochMilliseconds + 1_000,
    );
    assert.ok(verdict.isValid, verdict.output);
    const listed = openssl.run("crl", "-inform", "DER", "-in", crl, "-noout", "-CAfile", path("ceremony/root.pem"));
    assert.match(listed.output, /verify OK/);
    // The command knows SM2's identity for the certificate that it is asked about alone: it is asked about each.
    const [issuer = new Uint8Array()] = hierarchy.chainOf(readX509(person));
    for (const [above, below] of [
      [rootOf("root-sm2"), readX509(issuer)],
      [readX509(issuer), readX509(person)],
    ] as const) {
      const identity = ["-partial_chain", "-vfyopt", "distid:1234567812345678"];
      const step = openssl.verify([above, below], at.epochMilliseconds + 1_000, ...identity);
      assert.ok(step.isValid, step.output);
    }
    openssl.close();
  });
});
