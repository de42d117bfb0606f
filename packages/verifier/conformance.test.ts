import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readCertificates } from "./src/certificate.ts";
import { parseLogKey } from "./src/checkpoint.ts";
import type { Jwk } from "./src/crypto.ts";
import { verifyFile, verifyLicenceNumber } from "./src/verify-file.ts";

const FOLDER = join(import.meta.dirname, "../../conformance/vectors");

interface Case {
  readonly file?: string;
  readonly number?: string;
  readonly why: string;
  readonly expect: string;
  readonly code: string;
  readonly roots?: readonly string[];
  readonly jwk?: Jwk;
  readonly logKey?: string;
  readonly checkpoint?: string;
  readonly at: string;
}

function bytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FOLDER, file)));
}

const { cases } = JSON.parse(readFileSync(join(FOLDER, "cases.json"), "utf8")) as { readonly cases: readonly Case[] };

describe("conformance: the good is accepted, each bad one is refused for its own reason", () => {
  test("there are good and bad cases of every kind", () => {
    for (const kind of ["receipt", "checkpoint", "consistency", "export", "pdf", "licence"]) {
      for (const expected of ["valid", "invalid"]) {
        const found = cases.filter((one) => one.file?.startsWith(`${kind}/`) && one.expect === expected);
        assert.ok(found.length > 0, `${kind}: ${expected}`);
      }
    }
  });

  for (const one of cases) {
    test(`${one.file ?? one.number}: ${one.why}`, async () => {
      const trust = {
        roots: (one.roots ?? []).flatMap((file) => [...readCertificates(bytes(file))]),
        atMs: Date.parse(one.at),
        jwk: one.jwk,
        logKey: one.logKey === undefined ? undefined : parseLogKey(one.logKey),
        keptCheckpoint: one.checkpoint,
      };
      const report =
        one.file === undefined ? await verifyLicenceNumber(one.number ?? "") : await verifyFile(bytes(one.file), trust);
      assert.equal(report.verdict, one.expect, JSON.stringify(report.findings));
      assert.ok(
        report.findings.some(({ code }) => code === one.code),
        `${one.code} in ${JSON.stringify(report.findings)}`,
      );
      if (report.verdict === "invalid") assert.deepEqual(report.facts, {}, "what is not valid must not be quoted");
    });
  }
});

describe("the command", () => {
  const root = join(FOLDER, "certificates/root.pem");
  const run = (...args: readonly string[]): { code: number | null; out: string; err: string } => {
    const command = join(import.meta.dirname, "verify.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--no-warnings", command, ...args], {
      encoding: "utf8",
    });
    return { code: status, out: stdout, err: stderr };
  };
  const at = ["--at", "2026-06-01T00:00:00Z"];

  test("says in both languages what it found, or in one", () => {
    const good = run(join(FOLDER, "pdf/good.pdf"), "--root", root, ...at);
    assert.equal(good.code, 0);
    assert.match(good.out, /有效 {2}Valid/);
    const english = run(join(FOLDER, "pdf/bad-appended.pdf"), "--root", root, "--lang", "en", ...at);
    assert.equal(english.code, 1);
    assert.match(english.out, /Not valid/);
    assert.doesNotMatch(english.out, /无效/);
  });

  test("exits 1 when one of several is not valid, 3 when nothing anchors it, 2 when it cannot read", () => {
    const good = join(FOLDER, "licence/good.txt");
    assert.equal(run(good, join(FOLDER, "licence/bad-changed.txt"), "--root", root, ...at).code, 1);
    assert.equal(run(good, ...at).code, 3);
    assert.equal(run(join(FOLDER, "there-is-no-such-file")).code, 2);
    assert.equal(run().code, 2);
    assert.equal(run(good, "--at", "yesterday").code, 2);
    assert.equal(run("--help").code, 0);
  });

  test("prints JSON for programs", () => {
    const { out, code } = run("JY13301080111719", "--json");
    assert.equal(code, 0);
    const [report] = JSON.parse(out) as readonly { readonly verdict: string }[];
    assert.equal(report?.verdict, "valid");
  });
});
