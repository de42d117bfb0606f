import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { mod11x10Holds } from "#lib/identifiers/mod-11-10";
import { verifyEvidence } from "../../src/node/demo/evidence.ts";
import { ROOT } from "../harness/node-process.ts";

interface Shown {
  readonly steps: readonly { readonly who: { readonly zh: string }; readonly what: object; readonly ms: number }[];
  readonly licenceNumber: string;
  readonly caseNumber: string;
  readonly files: Parameters<typeof verifyEvidence>[1];
  readonly checkpoint: string;
  readonly verified: readonly { readonly file: string; readonly verdict: string }[];
}

test("five people get a licence at browsers, and a verifier that knows no node finds everything valid", async (t) => {
  const out = await mkdtemp(join(tmpdir(), "zhengtong-demo-test-"));
  const nodes = join(out, "nodes");
  t.after(() => rm(out, { recursive: true, force: true }));
  await mkdir(nodes);
  // As root, PostgreSQL runs under an account of its own, which must be able to come here.
  for (const folder of [out, nodes]) await chmod(folder, 0o711);
  const shown = await runDemo(out, nodes);

  const people = new Set(shown.steps.map(({ who }) => who.zh));
  for (const role of ["经营者", "受理人员", "核查人员（一）", "核查人员（二）", "决定人员"]) {
    assert.ok(
      [...people].some((who) => who.startsWith(role)),
      role,
    );
  }
  assert.ok(shown.steps.every(({ ms }) => Number.isInteger(ms) && ms >= 0));
  assert.match(shown.licenceNumber, /^JY2990101\d{7}$/);
  assert.ok(mod11x10Holds(shown.licenceNumber.slice(2)));
  assert.match(shown.checkpoint, /^zhengtong-[0-9a-f]{16}\/ledger\n\d+\n/);
  const { licencePdf, credential, receipts } = shown.files;
  assert.equal((await readFile(licencePdf)).subarray(0, 5).toString("latin1"), "%PDF-");
  assert.ok(receipts.length >= 5, "receipts from submission to decision");
  assert.ok(shown.verified.every(({ verdict }) => verdict === "valid"));
  for (const file of [licencePdf, credential, ...receipts]) {
    assert.ok(
      shown.verified.some((verified) => verified.file === file),
      file,
    );
  }
  const left = await readdir(nodes, { recursive: true });
  // The programs of PostgreSQL may stay for the next node of this account.
  assert.deepEqual(
    left.filter((path) => /zhengtong-demo-node-|\bpostgresql\.conf$/.test(path)),
    [],
    "the temporary node is gone",
  );

  const bytes = await readFile(licencePdf);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(licencePdf, bytes);
  await assert.rejects(
    verifyEvidence(out, shown.files, shown.licenceNumber),
    /invalid/,
    "a changed licence is found out",
  );
});

/** @param nodes where the temporary node makes its data folder */
async function runDemo(out: string, nodes: string): Promise<Shown> {
  const child = spawn(process.execPath, [join(ROOT, "src/node/main.ts"), "demo", "--json", "--out", out], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TMPDIR: nodes },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.trim().split("\n").length, 1, "one JSON object, nothing else");
  return JSON.parse(stdout) as Shown;
}
