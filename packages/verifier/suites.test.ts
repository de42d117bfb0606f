import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openCheckpoint, parseLogKey } from "./src/checkpoint.ts";
import { shake } from "./src/keccak.ts";
import { Refusal } from "./src/report.ts";
import { keyFromHybrid, keyFromSm2, verifies } from "./src/signature.ts";
import { sm3 } from "./src/sm3.ts";

const SUITES = join(import.meta.dirname, "../../conformance/suites");
/** What GM/T 0009 gives for whoever agreed on nothing else; the verifier knows no other. */
const DEFAULT_IDENTITY = Buffer.from("1234567812345678").toString("hex");

interface Case {
  readonly why: string;
  readonly expect: "valid" | "invalid";
}

function casesOf<T extends Case>(file: string): readonly T[] {
  const { cases } = JSON.parse(readFileSync(join(SUITES, file), "utf8")) as { readonly cases: readonly T[] };
  for (const expected of ["valid", "invalid"]) assert.ok(cases.some(({ expect }) => expect === expected));
  return cases;
}

const bytes = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, "hex"));
const sample = Uint8Array.from({ length: 600 }, (_, at) => (at * 197) & 0xff);

describe("digests of our own", () => {
  test("SM3 is SM3, at every length around its blocks and in parts", () => {
    for (let length = 0; length <= 300; length += 1) {
      const expected = createHash("sm3").update(sample.subarray(0, length)).digest("hex");
      const half = length >> 1;
      assert.equal(Buffer.from(sm3(sample.subarray(0, half), sample.subarray(half, length))).toString("hex"), expected);
    }
  });

  test("SHAKE is SHAKE, whatever goes in and however much is asked for", () => {
    for (const strength of [128, 256] as const) {
      for (let length = 0; length <= sample.length; length += 7) {
        const outputLength = 1 + length;
        const expected = createHash(`shake${strength}`, { outputLength }).update(sample.subarray(0, length));
        const sponge = shake(strength, sample.subarray(0, length));
        const squeezed = [sponge.squeeze(1), sponge.squeeze(outputLength - 1)];
        assert.equal(Buffer.concat(squeezed).toString("hex"), expected.digest("hex"), `${strength}: ${length}`);
      }
    }
  });
});

describe("signatures of the national and the hybrid suite", () => {
  test("SM2", async () => {
    const cases = casesOf<
      Case & { point: string; identity: string; message: string; encoding: "raw" | "der"; signature: string }
    >("sm2-signature.json");
    for (const { why, expect, point, identity, message, encoding, signature } of cases) {
      if (identity !== DEFAULT_IDENTITY) continue;
      const key = keyFromSm2(bytes(point));
      const holds = key !== undefined && (await verifies(key, bytes(message), bytes(signature), encoding));
      assert.equal(holds, expect === "valid", why);
    }
  });

  test("Ed25519 with ML-DSA-65", async () => {
    for (const { why, expect, key, message, signature } of casesOf<
      Case & { key: string; message: string; signature: string }
    >("hybrid.json")) {
      const read = keyFromHybrid(bytes(key)) ?? assert.fail(why);
      assert.equal(await verifies(read, bytes(message), bytes(signature), "raw"), expect === "valid", why);
    }
  });
});

describe("checkpoints with lines of several suites", () => {
  const cases = casesOf<Case & { note: string; keys: readonly string[] }>("notes.json");
  for (const { why, expect, note, keys } of cases) {
    test(why, async () => {
      const opened = openCheckpoint(note, parseLogKey(keys.join("\n")));
      if (expect === "valid") assert.equal((await opened).size, 7);
      else await assert.rejects(opened, Refusal);
    });
  }

  test("a key that was given and did not sign leaves it open, so that nobody takes a line off unseen", async () => {
    const [{ note, keys } = assert.fail()] = cases;
    const lines = note.trimEnd().split("\n");
    const opened = openCheckpoint(`${lines.slice(0, -1).join("\n")}\n`, parseLogKey(keys.join("\n")));
    await assert.rejects(
      opened,
      (error) => error instanceof Refusal && error.finding.code === "checkpoint-key-missing",
    );
  });
});
