import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { hybrid, hybridFromRaw } from "../src/lib/crypto/hybrid.ts";
import { KeyFormatError } from "../src/lib/crypto/key-format-error.ts";
import { sm2Decrypt } from "../src/lib/crypto/sm2/encryption.ts";
import { sm2PrivateKey, sm2PublicKey } from "../src/lib/crypto/sm2/keys.ts";
import { sm2Verify } from "../src/lib/crypto/sm2/signature.ts";
import { openSuiteNote, parseSuiteVerifierKey } from "../src/lib/merkle/suite-note.ts";

interface Case {
  readonly why: string;
  readonly expect: "valid" | "invalid";
}

interface SignatureCase extends Case {
  readonly point: string;
  readonly identity: string;
  readonly message: string;
  readonly encoding: "raw" | "der";
  readonly signature: string;
}

interface EncryptionCase extends Case {
  readonly privateKey: string;
  readonly encoding: "raw" | "der";
  readonly ciphertext: string;
  readonly plaintext?: string;
}

interface HybridCase extends Case {
  readonly key: string;
  readonly message: string;
  readonly signature: string;
}

interface NoteCase extends Case {
  readonly note: string;
  readonly keys: readonly string[];
}

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);

/** Holds a reading to each case of a file, of which there are some. */
function each<T extends Case>(file: string, isValid: (one: T) => boolean): void {
  const content = readFileSync(join(import.meta.dirname, "suites", file), "utf8");
  const { cases } = JSON.parse(content) as { readonly cases: readonly T[] };
  assert.ok(cases.some(({ expect }) => expect === "valid") && cases.some(({ expect }) => expect === "invalid"));
  for (const one of cases) assert.equal(isValid(one), one.expect === "valid", `${file}: ${one.why}`);
}

describe("vectors of the suites", () => {
  test("SM2 signatures", () => {
    each<SignatureCase>("sm2-signature.json", ({ point, message, identity, signature, encoding }) => {
      try {
        const key = sm2PublicKey(hex(point));
        const input = { message: hex(message), identity: hex(identity), signature: hex(signature) };
        return sm2Verify({ key, ...input, encoding });
      } catch (error) {
        if (error instanceof KeyFormatError) return false;
        throw error;
      }
    });
  });

  test("SM2 encryption", () => {
    each<EncryptionCase>("sm2-encryption.json", ({ privateKey, ciphertext, encoding, plaintext, why }) => {
      const decrypted = sm2Decrypt({ key: sm2PrivateKey(hex(privateKey)), ciphertext: hex(ciphertext), encoding });
      assert.equal(decrypted?.toHex(), plaintext, why);
      return decrypted !== undefined;
    });
  });

  test("Ed25519 with ML-DSA-65", () => {
    each<HybridCase>("hybrid.json", ({ key, message, signature }) =>
      hybrid.verify({ key: hybridFromRaw(hex(key)), message: hex(message), signature: hex(signature) }),
    );
  });

  test("notes", () => {
    each<NoteCase>("notes.json", ({ note, keys }) => {
      const verifiers = keys.map((line) => parseSuiteVerifierKey(line) ?? assert.fail(line));
      return openSuiteNote(note, verifiers) !== undefined;
    });
  });
});
