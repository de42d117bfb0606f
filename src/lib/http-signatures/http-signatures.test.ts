import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fromBase64 } from "../crypto/base64url.ts";
import { utf8 } from "../crypto/bytes.ts";
import { international } from "../crypto/international.ts";
import {
  ed25519FromSeed,
  P256_GENERATION_BYTES,
  p256FromRandomness,
  publicKeyFromJwk,
  publicKeyFromSpki,
  publicKeyOf,
} from "../crypto/keys.ts";
import { national } from "../crypto/national.ts";
import { generateSm2Key, SM2_GENERATION_BYTES } from "../crypto/sm2/keys.ts";
import type { SigningKey, VerifyingKey } from "../crypto/suite.ts";
import { checkContentDigest, contentDigest } from "./content-digest.ts";
import { prepareSignature, type SignatureDemands, type SignatureName, verifyMessage } from "./http-signature.ts";
import { component, type RequestMessage, type ResponseMessage, signatureBase } from "./signature-base.ts";
import { readDictionary } from "./structured-fields.ts";

let drawn = 0;
/** Other ones at each call, the same in each run. */
const bytes = (size: number) => new Uint8Array(size).fill(++drawn);

const VECTORS = join(
  process.env["ZHENGTONG_VECTORS"] ?? join(import.meta.dirname, "../../../../shared/vectors"),
  "http-message-signatures",
);

/** The request of RFC 9421 appendix B.2. */
const REQUEST: RequestMessage = {
  method: "POST",
  url: "https://example.com/foo?param=Value&Pet=dog",
  fields: {
    date: "Tue, 20 Apr 2021 02:07:55 GMT",
    "content-type": "application/json",
    "content-digest":
      "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
    "content-length": "18",
  },
};

/** RFC 9421 appendix B.1.4. */
const RFC_KEY = publicKeyFromSpki(
  fromBase64("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=") ?? new Uint8Array(),
);

const demands = (key: VerifyingKey, more: Partial<SignatureDemands> = {}): SignatureDemands => ({
  tag: "test",
  components: [],
  nowSeconds: 1_618_884_500,
  toleranceSeconds: 60,
  lifetimeSeconds: 300,
  keyOf: () => key,
  ...more,
});

test("the signature of RFC 9421 appendix B.2.6 is that of its base", () => {
  const input =
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"';
  const covered = readDictionary(input)?.get("sig-b26");
  assert.ok(covered && "items" in covered);
  const signature = fromBase64(
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
  );
  assert.ok(signature);
  const message = utf8(signatureBase(REQUEST, covered));
  assert.ok(international.verify({ key: RFC_KEY, message, signature }));
});

test("the digests of RFC 9530 and of RFC 9421 are those of their content", () => {
  const content = utf8('{"hello": "world"}');
  assert.equal(contentDigest(content), "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
  assert.ok(checkContentDigest(String(REQUEST.fields["content-digest"]), content));
  assert.ok(!checkContentDigest(String(REQUEST.fields["content-digest"]), utf8('{"hello": "world!"}')));
  const both = contentDigest(content, "sha-256", "sm3");
  assert.ok(checkContentDigest(both, content, "sm3"));
  assert.ok(!checkContentDigest(contentDigest(content), content, "sm3"));
  for (const odd of ["", "md5=:AAAA:", "sha-256", "sha-256=X48", "sha-256=(:X48E:)", "sha-256=:X48E:, sha-256=?0"]) {
    assert.ok(!checkContentDigest(odd, content), odd);
  }
});

interface AgentVector {
  readonly key: { readonly kty: string; readonly x?: string };
  readonly target_url: string;
  readonly created_ms: number;
  readonly signature: string;
  readonly signature_input: string;
  readonly signature_agent?: string;
}

test("the vectors of web bot auth verify, and not when one character is another", {
  skip: existsSync(VECTORS) ? false : "shared/vectors/http-message-signatures is not here",
}, () => {
  let verified = 0;
  for (const name of ["web_bot_auth_architecture_v1.json", "web_bot_auth_architecture_v2.json"]) {
    const vectors = JSON.parse(readFileSync(join(VECTORS, name), "utf8")) as readonly AgentVector[];
    for (const { key, ...vector } of vectors) {
      const message = (url: string): RequestMessage => ({
        method: "GET",
        url,
        fields: {
          signature: vector.signature,
          "signature-input": vector.signature_input,
          "signature-agent": vector.signature_agent,
        },
      });
      const about = { tag: "web-bot-auth", nowSeconds: vector.created_ms / 1000, lifetimeSeconds: 3600 };
      if (key.kty !== "OKP") {
        // RSA is not ours to speak: it is told apart, and not taken for a bad signature.
        assert.equal(verifyMessage(message(vector.target_url), demands(RFC_KEY, about)), "algorithm");
        continue;
      }
      const ours = publicKeyFromJwk({ kty: "OKP", crv: "Ed25519", x: key.x ?? "" });
      const found = verifyMessage(message(vector.target_url), demands(ours, about));
      assert.ok(typeof found === "object", JSON.stringify(found));
      assert.equal(verifyMessage(message("https://examples.com/"), demands(ours, about)), "signature");
      verified += 1;
    }
  }
  assert.ok(verified >= 2);
});

function signed(key: SigningKey, algorithm: SignatureName, message: RequestMessage | ResponseMessage) {
  const prepared = prepareSignature(message, {
    label: "zt",
    components: [
      ...("method" in message ? [component("@method"), component("@path")] : [component("@status")]),
      component("content-digest"),
    ],
    parameters: { created: 1_618_884_473, expires: 1_618_884_533, nonce: "n", keyId: "k", algorithm, tag: "test" },
  });
  const suite = key.algorithm === "SM2" ? national : international;
  const fields = prepared.fields(suite.sign({ key, message: prepared.base }));
  return { ...message, fields: { ...message.fields, ...fields } };
}

const needed = [component("content-digest")];

test("each algorithm signs and verifies requests and responses; nothing that was changed verifies", () => {
  const sm2 = generateSm2Key(bytes(SM2_GENERATION_BYTES));
  const keys: readonly (readonly [SigningKey, VerifyingKey, SignatureName])[] = [
    ...[ed25519FromSeed(bytes(32))].map((key) => [key, publicKeyOf(key), "ed25519"] as const),
    ...[p256FromRandomness(bytes(P256_GENERATION_BYTES))].map(
      (key) => [key, publicKeyOf(key), "ecdsa-p256-sha256"] as const,
    ),
    [sm2, sm2.publicKey, "zhengtong-sm2-sm3"],
  ];
  for (const [key, ours, algorithm] of keys) {
    for (const plain of [REQUEST, { status: 200, fields: { "content-digest": contentDigest(bytes(8)) } }]) {
      const message = signed(key, algorithm, plain);
      const found = verifyMessage(message, demands(ours, { components: needed }));
      assert.ok(typeof found === "object", `${algorithm} ${JSON.stringify(found)}`);
      assert.deepEqual(found.parameters.algorithm, algorithm);
      const altered = { ...message, fields: { ...message.fields, "content-digest": contentDigest(utf8("other")) } };
      assert.equal(verifyMessage(altered, demands(ours)), "signature");
      const [other] = keys.filter(([candidate]) => candidate !== key);
      assert.equal(verifyMessage(message, demands(other?.[1] as VerifyingKey)), "signature");
    }
  }
});

test("time, coverage and label are held", () => {
  const key = ed25519FromSeed(bytes(32));
  const message = signed(key, "ed25519", REQUEST);
  const judge = (more: Partial<SignatureDemands>) => verifyMessage(message, demands(publicKeyOf(key), more));
  assert.equal(judge({ nowSeconds: 1_618_884_473 - 61 }), "time");
  assert.equal(typeof judge({ nowSeconds: 1_618_884_473 - 60 }), "object");
  assert.equal(typeof judge({ nowSeconds: 1_618_884_533 + 60 }), "object");
  assert.equal(judge({ nowSeconds: 1_618_884_533 + 61 }), "time");
  assert.equal(judge({ lifetimeSeconds: 1, nowSeconds: 1_618_884_473 + 62 }), "time");
  assert.equal(judge({ components: [component("@authority")] }), "components");
  assert.equal(judge({ tag: "other" }), "missing");
  assert.equal(judge({ keyOf: () => undefined }), "key-unknown");
});

test("what a stranger writes into the fields is told apart, and never thrown", () => {
  const key = ed25519FromSeed(bytes(32));
  const good = signed(key, "ed25519", REQUEST);
  const input = String(good.fields["signature-input"]);
  const odd: readonly (readonly [Record<string, string>, string])[] = [
    [{ "signature-input": "" }, "missing"],
    [{ "signature-input": "zt=(" }, "malformed"],
    [{ "signature-input": input.repeat(2) }, "malformed"],
    [{ "signature-input": `${input}, b${input.slice(2)}` }, "missing"],
    [{ "signature-input": "(".repeat(40_000) }, "malformed"],
    [{ "signature-input": input.replace("ed25519", "none") }, "algorithm"],
    [{ "signature-input": input.replace("created=", "created=-") }, "time"],
    [{ "signature-input": input.replace('"@path"', '"@path" "@path"') }, "components"],
    [{ "signature-input": input.replace('"@path"', '"@signature-params"') }, "components"],
    [{ "signature-input": input.replace('"@path"', '"__proto__"') }, "components"],
    [{ "signature-input": input.replace('"@path"', '"constructor"') }, "components"],
    [{ "signature-input": input.replace('"@path"', '"@path";tr') }, "components"],
    [{ "signature-input": input.replace('"@path"', '"@path";req') }, "components"],
    [{ "signature-input": input.replace('"@path"', '"@query-param";name="x"') }, "components"],
    [{ signature: "zt=:AAAA:" }, "signature"],
    [{ signature: "zt=::" }, "signature"],
    [{ signature: "zt=(:AAAA:)" }, "malformed"],
    [{ signature: 'zt="text"' }, "malformed"],
    [{ signature: "other=:AAAA:" }, "missing"],
  ];
  for (const [fields, problem] of odd) {
    const message = { ...good, fields: { ...good.fields, ...fields } };
    assert.equal(verifyMessage(message, demands(publicKeyOf(key))), problem, JSON.stringify(fields).slice(0, 200));
  }
});

test("an answer can name what it answers", () => {
  const response: ResponseMessage = { status: 200, fields: { a: "1" }, request: REQUEST };
  const req = new Map([["req", { kind: "boolean", value: true } as const]]);
  const covered = { items: [component("@status"), component("content-digest", req)], parameters: new Map() };
  assert.equal(
    signatureBase(response, covered),
    `"@status": 200\n"content-digest";req: ${REQUEST.fields["content-digest"]}\n"@signature-params": ("@status" "content-digest";req)`,
  );
});
