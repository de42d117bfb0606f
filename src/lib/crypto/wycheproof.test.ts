import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { hmacSm3 } from "./sm3.ts";
import { SM4_GCM_NONCE_MAX_BYTES, sm4CcmOpen, sm4CcmSeal, sm4GcmOpen, sm4GcmSeal } from "./sm4.ts";
import type { OpenInput, SealInput } from "./suite.ts";

const vectors = join(
  process.env["ZHENGTONG_VECTORS"] ?? join(import.meta.dirname, "../../../../shared/vectors"),
  "wycheproof",
);
const skip = existsSync(vectors) ? false : `no vectors at ${vectors}`;

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "invalid" | "acceptable";
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
  readonly iv?: string;
  readonly aad?: string;
  readonly ct?: string;
}

interface Group {
  /** In bits, as `ivSize`. */
  readonly tagSize: number;
  readonly ivSize?: number;
  readonly tests: readonly Case[];
}

function groupsOf(name: string): readonly Group[] {
  return (JSON.parse(readFileSync(join(vectors, name), "utf8")) as { testGroups: readonly Group[] }).testGroups;
}

const hex = (text = ""): Uint8Array => Uint8Array.fromHex(text);

describe("Wycheproof", { skip }, () => {
  test("HMAC-SM3", () => {
    let count = 0;
    for (const { tagSize, tests } of groupsOf("hmac_sm3_test.json")) {
      for (const { tcId, key, msg, tag, result } of tests) {
        const computed = hmacSm3(hex(key), hex(msg)).subarray(0, tagSize / 8);
        assert.equal(computed.toHex() === tag, result === "valid", `case ${tcId}`);
        count += 1;
      }
    }
    assert.equal(count, 174);
  });

  test("SM4-GCM", (context) => {
    const mode: Mode = { seal: (input) => sm4GcmSeal(input), open: (input) => sm4GcmOpen(input) };
    const groups = groupsOf("sm4_gcm_test.json");
    const taken = groups.filter(({ ivSize = 0 }) => ivSize / 8 <= SM4_GCM_NONCE_MAX_BYTES);
    assert.equal(checkAll("sm4_gcm_test.json", taken, mode), 103);
    // One case has a nonce of 257 bytes. It is refused, valid though it is.
    for (const { tests } of groups.filter((group) => !taken.includes(group))) {
      const [one] = tests;
      assert.throws(
        () => sm4GcmOpen({ key: hex(one?.key), nonce: hex(one?.iv), ciphertext: hex(), associatedData: hex() }),
        RangeError,
      );
      context.diagnostic(`not supported: a nonce of ${hex(one?.iv).length} bytes (case ${one?.tcId})`);
    }
  });

  test("SM4-CCM", () => {
    assert.equal(
      checkAll("sm4_ccm_test.json", groupsOf("sm4_ccm_test.json"), { seal: sm4CcmSeal, open: sm4CcmOpen }),
      184,
    );
  });
});

interface Mode {
  seal(input: SealInput, tagBytes: number): Uint8Array;
  open(input: OpenInput, tagBytes: number): Uint8Array | undefined;
}

/** A valid case seals to what is given and opens again; an invalid one does not open, be it for its sizes. */
function checkAll(name: string, groups: readonly Group[], mode: Mode): number {
  let count = 0;
  for (const { tagSize, tests } of groups) {
    for (const { tcId, result, ...one } of tests) {
      const common = { key: hex(one.key), nonce: hex(one.iv), associatedData: hex(one.aad) };
      const ciphertext = hex(`${one.ct}${one.tag}`);
      const opened = refusing(() => mode.open({ ...common, ciphertext }, tagSize / 8));
      if (result === "valid") {
        assert.deepEqual(opened, hex(one.msg), `${name} ${tcId}`);
        assert.deepEqual(
          Buffer.from(mode.seal({ ...common, plaintext: hex(one.msg) }, tagSize / 8)),
          Buffer.from(ciphertext),
        );
      } else assert.equal(opened, undefined, `${name} ${tcId}`);
      count += 1;
    }
  }
  return count;
}

function refusing(open: () => Uint8Array | undefined): Uint8Array | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
