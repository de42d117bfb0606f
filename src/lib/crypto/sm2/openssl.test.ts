import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { readPem, writePem } from "#lib/asn1/pem";
import { utf8 } from "../bytes.ts";
import { decryptSm2Key, encryptSm2Key } from "./encrypted-key.ts";
import { sm2Decrypt, sm2Encrypt } from "./encryption.ts";
import {
  sm2PrivateKeyFromPem,
  sm2PrivateKeyFromPkcs8,
  sm2PrivateKeyFromSec1,
  sm2PrivateKeyPem,
  sm2PublicKeyFromPem,
  sm2PublicKeyPem,
  sm2Sec1Of,
  sm2SpkiOf,
} from "./key-files.ts";
import { generateSm2Key, type Sm2PrivateKey, sm2SecretBytes } from "./keys.ts";
import { sm2Sign, sm2Verify } from "./signature.ts";

const IDENTITY = "distid:1234567812345678";

/** Why these tests cannot run here, or false. */
function reasonToSkip(): string | false {
  try {
    const curves = execFileSync("openssl", ["ecparam", "-list_curves"], { encoding: "utf8", stdio: "pipe" });
    return curves.includes("SM2") ? false : "this openssl has no SM2";
  } catch {
    return "openssl is not installed";
  }
}

describe("SM2 with the openssl command", { skip: reasonToSkip() }, () => {
  let folder = "";
  const path = (name: string): string => join(folder, name);
  const put = (name: string, content: string | Uint8Array): string => {
    writeFileSync(path(name), content);
    return path(name);
  };
  const openssl = (...parts: string[]): Buffer => execFileSync("openssl", parts, { stdio: "pipe" });
  const refuses = (...parts: string[]): void => {
    assert.throws(
      () => openssl(...parts),
      (error: { status?: number }) => (error.status ?? 0) > 0,
    );
  };
  const messages = ["", "政通人和", "x".repeat(5_000)].map(utf8);
  const ours = generateSm2Key(new Uint8Array(48).fill(5));
  let theirs: Sm2PrivateKey;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "zhengtong-sm2-"));
    put("ours.pem", sm2PrivateKeyPem(ours));
    put("ours.pub.pem", sm2PublicKeyPem(ours.publicKey));
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", path("theirs.pem"));
    openssl("pkey", "-in", path("theirs.pem"), "-pubout", "-out", path("theirs.pub.pem"));
    theirs = sm2PrivateKeyFromPem(readFileSync(path("theirs.pem"), "utf8"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("keys are read there and here", () => {
    assert.deepEqual(sm2PublicKeyFromPem(readFileSync(path("theirs.pub.pem"), "utf8")), theirs.publicKey);
    // SEC 1, both ways; what openssl writes again is what we wrote.
    openssl(
      "ec",
      "-in",
      put("sec1.pem", writePem({ label: "EC PRIVATE KEY", der: sm2Sec1Of(ours) })),
      "-outform",
      "DER",
      "-out",
      path("sec1.der"),
    );
    assert.deepEqual(sm2SecretBytes(sm2PrivateKeyFromSec1(readFileSync(path("sec1.der")))), sm2SecretBytes(ours));
    assert.deepEqual(
      openssl("pkey", "-in", path("ours.pem"), "-pubout", "-outform", "DER"),
      Buffer.from(sm2SpkiOf(ours.publicKey)),
    );
    openssl("pkey", "-in", path("ours.pem"), "-check");
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", path("sec1.pem"), "-outform", "DER", "-out", path("pkcs8.der"));
    assert.deepEqual(sm2SecretBytes(sm2PrivateKeyFromPkcs8(readFileSync(path("pkcs8.der")))), sm2SecretBytes(ours));
  });

  test("encrypted keys are opened there and here", () => {
    const passphrase = utf8("secret");
    const pem = encryptSm2Key({
      key: ours,
      passphrase,
      randomness: new Uint8Array(32),
      derivation: "sha256",
      iterations: 2_048,
    });
    const opened = openssl("pkcs8", "-in", put("encrypted.pem", pem), "-passin", "pass:secret");
    assert.deepEqual(sm2SecretBytes(sm2PrivateKeyFromPem(opened.toString())), sm2SecretBytes(ours));
    const written = openssl(
      "pkcs8",
      "-topk8",
      "-v2",
      "sm4-cbc",
      "-v2prf",
      "hmacWithSHA256",
      "-in",
      path("ours.pem"),
      "-passout",
      "pass:secret",
    );
    const read = decryptSm2Key(written.toString(), passphrase);
    assert.ok(read);
    assert.deepEqual(sm2SecretBytes(read), sm2SecretBytes(ours));
  });

  test("signatures made here verify there", () => {
    for (const message of messages) {
      put("message", message);
      put("signature", sm2Sign({ key: ours, message, encoding: "der", randomness: new Uint8Array(32) }));
      const verify = (name: string) => ["-verify", name, "-signature", path("signature"), path("message")];
      openssl("dgst", "-sm3", "-sigopt", IDENTITY, ...verify(path("ours.pub.pem")));
      refuses("dgst", "-sm3", "-sigopt", IDENTITY, ...verify(path("theirs.pub.pem")));
      refuses("dgst", "-sm3", "-sigopt", "distid:other", ...verify(path("ours.pub.pem")));
      if (message.length === 0) continue; // pkeyutl of OpenSSL 3.0 takes no empty message
      const input = ["-in", path("message"), "-sigfile", path("signature"), "-pubin", "-inkey", path("ours.pub.pem")];
      openssl("pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pkeyopt", IDENTITY, ...input);
    }
  });

  test("signatures made there verify here", () => {
    for (const message of messages) {
      put("message", message);
      const signature = openssl("dgst", "-sm3", "-sigopt", IDENTITY, "-sign", path("theirs.pem"), path("message"));
      assert.ok(sm2Verify({ key: theirs.publicKey, message, signature, encoding: "der" }));
      assert.ok(!sm2Verify({ key: ours.publicKey, message, signature, encoding: "der" }));
      assert.ok(!sm2Verify({ key: theirs.publicKey, message: utf8("other"), signature, encoding: "der" }));
      const named = openssl("dgst", "-sm3", "-sigopt", "distid:other", "-sign", path("theirs.pem"), path("message"));
      assert.ok(
        sm2Verify({ key: theirs.publicKey, message, signature: named, encoding: "der", identity: utf8("other") }),
      );
    }
  });

  test("what is encrypted here is decrypted there, and the other way", () => {
    for (const plaintext of [utf8("k"), utf8("政通人和"), new Uint8Array(300).fill(7)]) {
      put(
        "sealed",
        sm2Encrypt({ key: theirs.publicKey, plaintext, randomness: new Uint8Array(32).fill(plaintext.length) }),
      );
      assert.deepEqual(
        openssl("pkeyutl", "-decrypt", "-inkey", path("theirs.pem"), "-in", path("sealed")),
        Buffer.from(plaintext),
      );
      put("plain", plaintext);
      const ciphertext = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", path("ours.pub.pem"), "-in", path("plain"));
      assert.deepEqual(sm2Decrypt({ key: ours, ciphertext }), plaintext);
      assert.equal(sm2Decrypt({ key: theirs, ciphertext }), undefined);
    }
  });

  test("PEM is written alike", () => {
    const [block] = readPem(readFileSync(path("theirs.pub.pem"), "utf8"));
    assert.ok(block);
    assert.equal(writePem(block), readFileSync(path("theirs.pub.pem"), "utf8"));
  });
});
