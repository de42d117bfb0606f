import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { ed25519FromSeed, type Jwk, publicKeyFromJwk, publicKeyOf } from "#lib/crypto/keys";
import { suiteOfKey, verifyWith } from "#lib/crypto/purposes";
import { generateSm2Key } from "#lib/crypto/sm2/keys";
import type { SigningKey, VerifyingKey } from "#lib/crypto/suite";
import { JWS_SM2, type JwsAlgorithm, type JwsSigner, verifyJws, writeDetachedJws, writeJws } from "./jws.ts";

const TYPE = "example+jws";
const PAYLOAD = utf8('{"决定":"准予许可"}');
const checkWith = (key: VerifyingKey) => (message: Uint8Array, signature: Uint8Array) =>
  verifyWith(["international", "national"], { key, message, signature });
const signerOf = (key: SigningKey, algorithm: JwsAlgorithm): JwsSigner => ({
  algorithm,
  sign: async (message) => suiteOfKey(key).sign({ key, message }),
});
const ed25519 = ed25519FromSeed(new Uint8Array(32).fill(7));
const sm2 = generateSm2Key(new Uint8Array(48).fill(3));

test("reads the example of RFC 8037 appendix A.4, but for its missing type", async () => {
  const jwk: Jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
  const token =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  const [head, body, tail] = token.split(".");
  const check = checkWith(publicKeyFromJwk(jwk));
  assert.ok(check(utf8(`${head}.${body}`), new Uint8Array(Buffer.from(tail ?? "", "base64url"))));
  assert.equal(await verifyJws(token, { type: TYPE, verify: check }), undefined);
});

for (const [name, key, publicKey, algorithm] of [
  ["Ed25519", ed25519, publicKeyOf(ed25519), "EdDSA"],
  ["SM2", sm2, sm2.publicKey, JWS_SM2],
] as const) {
  const verify = checkWith(publicKey);

  test(`${name}: what was signed is read, compact and detached, and neither passes as the other`, async () => {
    const compact = await writeJws(PAYLOAD, TYPE, signerOf(key, algorithm));
    const detached = await writeDetachedJws(PAYLOAD, TYPE, signerOf(key, algorithm));
    assert.deepEqual((await verifyJws(compact, { type: TYPE, verify }))?.payload, PAYLOAD);
    assert.equal((await verifyJws(detached, { type: TYPE, verify, payload: PAYLOAD }))?.header.alg, algorithm);
    assert.equal(await verifyJws(compact, { type: TYPE, verify, payload: PAYLOAD }), undefined);
    assert.equal(await verifyJws(detached, { type: TYPE, verify }), undefined);
    assert.equal(await verifyJws(compact, { type: "other+jws", verify }), undefined);
    assert.equal(await verifyJws(detached, { type: TYPE, verify, payload: utf8("x") }), undefined);
    const [head, , tail] = compact.split(".");
    assert.equal(await verifyJws(`${head}..${tail}`, { type: TYPE, verify, payload: PAYLOAD }), undefined);
  });

  test(`${name}: no change of a character passes`, async () => {
    const token = await writeJws(PAYLOAD, TYPE, signerOf(key, algorithm));
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(..."ABab09-_.="), async (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        fc.pre(changed !== token);
        assert.equal(await verifyJws(changed, { type: TYPE, verify }), undefined);
      }),
      { numRuns: 60 },
    );
  });
}

test("a header that is not understood is refused, whatever it signs", async () => {
  const verify = checkWith(publicKeyOf(ed25519));
  const forge = (header: unknown): string => {
    const input = `${toBase64url(utf8(JSON.stringify(header)))}.${toBase64url(PAYLOAD)}`;
    return `${input}.${toBase64url(suiteOfKey(ed25519).sign({ key: ed25519, message: utf8(input) }))}`;
  };
  assert.ok(await verifyJws(forge({ alg: "EdDSA", typ: TYPE }), { type: TYPE, verify }));
  for (const header of [
    { alg: "none", typ: TYPE },
    { alg: "HS256", typ: TYPE },
    { alg: "EdDSA", typ: TYPE, jwk: {} },
    { alg: "EdDSA", typ: TYPE, jku: "https://a.example" },
    { alg: "EdDSA", typ: TYPE, crit: ["exp"], exp: 1 },
    { alg: "EdDSA", typ: TYPE, b64: true },
    { alg: "EdDSA", typ: TYPE, x5c: ["!"] },
    { alg: "EdDSA" },
    [],
    null,
  ])
    assert.equal(await verifyJws(forge(header), { type: TYPE, verify }), undefined, JSON.stringify(header));
});
