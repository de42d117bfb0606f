import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { readPem } from "#lib/asn1/pem";
import { readRequest } from "#lib/certificate/request";
import { utf8 } from "#lib/crypto/bytes";
import { publicKeyFromSpki } from "#lib/crypto/keys";
import { INTERNATIONAL_CHOICE, type SuiteChoice, verifyWith } from "#lib/crypto/purposes";
import { sm2PublicKeyFromSpki } from "#lib/crypto/sm2/key-files";
import { isSignedBy } from "#lib/directory/part";
import { openFileKeys } from "./file-key-store.ts";
import { openNodeKeys } from "./membership-keys.ts";

const folder = await mkdtemp(join(tmpdir(), "zhengtong-node-keys-"));
after(() => rm(folder, { recursive: true }));

/** What counts as compromised. */
const lost = new Set<string>();
const fingerprintOf = (info: Uint8Array) => createHash("sha256").update(info).digest("hex");

async function open(suites: SuiteChoice = INTERNATIONAL_CHOICE) {
  const { store, secrets } = await openFileKeys(folder);
  return openNodeKeys({ store, folder, secrets, suites, compromised: async () => new Set(lost) });
}

describe("the keys of a node among nodes", () => {
  test("are the same after another opening", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    assert.equal((await one.tlsKey()).privateKey, (await other.tlsKey()).privateKey);
    assert.equal((await one.messageSigner()).id, (await other.messageSigner()).id);
    assert.equal((await one.noteSigner("county")).verifierKey, (await other.noteSigner("county")).verifierKey);
  });

  test("ask for a certificate of the connection's key", async () => {
    const { request, privateKey } = await (await open()).tlsKey();
    const read = readRequest(readPem(await request("county.example"))[0]?.der ?? new Uint8Array());
    assert.deepEqual(
      read?.known.alternativeNames.map((name) => name.kind === "dns" && name.value),
      ["county.example"],
    );
    assert.equal(createPrivateKey(privateKey).asymmetricKeyDetails?.namedCurve, "prime256v1");
  });

  test("sign messages in the node's suite", async () => {
    const message = utf8("消息");
    for (const suite of ["international", "national"] as const) {
      const signer = await (await open({ suite, postQuantum: false })).messageSigner();
      assert.equal(signer.suite, suite);
      const key = suite === "national" ? sm2PublicKeyFromSpki(signer.publicKey) : publicKeyFromSpki(signer.publicKey);
      const signature = await signer.sign(message);
      assert.equal(signature.length, 64);
      assert.ok(verifyWith([suite], { key, message, signature }));
    }
  });

  test("of messages: another signs from the moment on at which one counts as compromised, in every process", async () => {
    const [one, other] = [await open(), await open()];
    const before = await one.messageSigner();
    assert.equal((await other.messageSigner()).id, before.id);
    lost.add(fingerprintOf(before.publicKey));
    await Promise.all([one.compromised(), other.compromised()]);
    const after = await one.messageSigner();
    assert.notEqual(after.id, before.id);
    assert.equal((await other.messageSigner()).id, after.id);
    assert.equal((await (await open()).messageSigner()).id, after.id, "and after a restart");
  });

  test("of connections: one that is compromised is replaced where no certificate holds on to it", async () => {
    const before = (await (await open()).tlsKey()).privateKey;
    lost.add(fingerprintOf(new Uint8Array(createPublicKey(before).export({ format: "der", type: "spki" }))));
    const [one, other] = [await open(), await open()];
    const after = (await one.tlsKey()).privateKey;
    assert.notEqual(after, before);
    assert.equal((await other.tlsKey()).privateKey, after);
    assert.equal((await one.tlsKey()).privateKey, after);
  });

  test("sign notes with a key of each suite", async () => {
    const { verifierKey, furtherKeys = [], sign } = await (await open()).noteSigner("county");
    const note = `说明\n\n${await sign("说明\n")}`;
    assert.equal(furtherKeys.length, 1);
    assert.ok(isSignedBy(note, [verifierKey, ...furtherKeys]));
  });

  test("do not open when their file was changed", async () => {
    const path = join(folder, "node-tls.sealed");
    const sealed = await readFile(path);
    await writeFile(path, sealed.with(20, (sealed[20] ?? 0) ^ 1));
    await assert.rejects(async () => (await open()).tlsKey(), { code: "ERR_TRUST_KEY_FILE" });
    await writeFile(path, sealed);
  });
});
