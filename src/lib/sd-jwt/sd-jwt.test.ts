import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { international } from "#lib/crypto/international";
import { ed25519FromSeed, type Jwk, jwkOf, publicKeyFromJwk, publicKeyOf } from "#lib/crypto/keys";
import { makeDisclosure, parseDisclosure } from "./disclosure.ts";
import { Disclosable, disclosable, issueSdJwt, signJwt, type TokenSigner } from "./issue.ts";
import {
  bindPresentation,
  presentSdJwt,
  TokenError,
  type TokenFault,
  type VerifyOptions,
  verifyCredential,
  verifySdJwt,
} from "./verify.ts";

const key = ed25519FromSeed(new Uint8Array(32).fill(1));
const holderKey = ed25519FromSeed(new Uint8Array(32).fill(2));
const signerOf = (privateKey: typeof key): TokenSigner => ({
  algorithm: "EdDSA",
  sign: async (message) => international.sign({ key: privateKey, message }),
});
const options: VerifyOptions = {
  verify: (message, signature) => international.verify({ key: publicKeyOf(key), message, signature }),
  nowSeconds: 1_800_000_000,
};
function salts(): () => Uint8Array {
  let count = 0;
  return () => new Uint8Array(16).fill(++count);
}
const refused = (fault: TokenFault) => (error: unknown) => error instanceof TokenError && error.fault === fault;

function licence(claims: Record<string, unknown> = {}): Promise<string> {
  return issueSdJwt({
    claims: {
      iss: "https://scjg.example",
      vct: "https://zhengtong.example/food-business-licence",
      number: "JY19901010000012",
      holder: disclosable("堃记小吃店"),
      address: { county: "清源县", street: disclosable("文昌街 1 号") },
      items: ["热食类", disclosable("冷食类")],
      cnf: { jwk: jwkOf(publicKeyOf(holderKey)) },
      ...claims,
    },
    signer: signerOf(key),
    salt: salts(),
  });
}

describe("SD-JWT", () => {
  test("the digest of a disclosure (RFC 9901 §4.2.3, the family name example)", () => {
    const encoded = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
    const disclosure = parseDisclosure(encoded);
    assert.equal(disclosure?.name, "family_name");
    assert.equal(disclosure?.value, "Möbius");
    assert.equal(disclosure?.digest, "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
  });

  test("shows all, or what the holder chose", async () => {
    const token = await licence();
    const whole = await verifyCredential(token, options);
    assert.deepEqual(whole.claims["address"], { county: "清源县", street: "文昌街 1 号" });
    assert.deepEqual(whole.claims["items"], ["热食类", "冷食类"]);
    const part = await verifyCredential(
      presentSdJwt(token, ({ name }) => name === "holder"),
      options,
    );
    assert.equal(part.claims["holder"], "堃记小吃店");
    assert.deepEqual(part.claims["address"], { county: "清源县" });
    assert.deepEqual(part.claims["items"], ["热食类"]);
    assert.equal(part.claims["_sd_alg"], undefined);
  });

  test("refuses a changed payload, another key and another algorithm", async () => {
    const token = await licence();
    const [head, body, rest] = token.split(".") as [string, string, string];
    const changed = new TextDecoder().decode(fromBase64url(body)).replace("JY19901010000012", "JY19901010000013");
    await assert.rejects(verifySdJwt(`${head}.${toBase64url(utf8(changed))}.${rest}`, options), refused("signature"));
    await assert.rejects(verifySdJwt(token, { ...options, verify: () => false }), refused("signature"));
    const none = toBase64url(utf8('{"alg":"none","typ":"dc+sd-jwt"}'));
    await assert.rejects(verifySdJwt(`${none}.${body}.${rest}`, options), refused("signature"));
  });

  test("refuses disclosures that were not signed, twice given or malformed", async () => {
    const token = await licence();
    const foreign = makeDisclosure(new Uint8Array(16), "甲级", "grade").encoded;
    await assert.rejects(verifySdJwt(`${token}${foreign}~`, options), refused("disclosure"));
    const [, first] = token.split("~");
    await assert.rejects(verifySdJwt(`${token}${first}~`, options), refused("disclosure"));
    await assert.rejects(verifySdJwt(`${token}AAAA~`, options), refused("disclosure"));
  });

  test("refuses a disclosure that would overwrite a signed claim", async () => {
    const fake = makeDisclosure(new Uint8Array(16), "other", "number");
    const payload = { vct: "x", number: "JY1", _sd: [fake.digest] };
    const jwt = await signJwt({ alg: "EdDSA", typ: "dc+sd-jwt" }, payload, signerOf(key));
    await assert.rejects(verifySdJwt(`${jwt}~${fake.encoded}~`, options), refused("disclosure"));
    const twice = await signJwt({ alg: "EdDSA", typ: "dc+sd-jwt" }, { a: { _sd: ["x"] }, _sd: ["x"] }, signerOf(key));
    await assert.rejects(verifySdJwt(`${twice}~`, options), refused("disclosure"));
  });

  test("knows its times and types", async () => {
    await assert.rejects(verifySdJwt(await licence({ exp: 1_700_000_000 }), options), refused("expired"));
    await assert.rejects(verifySdJwt(await licence({ nbf: 1_900_000_000 }), options), refused("not-yet-valid"));
    await assert.rejects(verifySdJwt(await licence({ exp: "soon" }), options), refused("malformed"));
    const other = await issueSdJwt({ claims: {}, signer: signerOf(key), salt: salts(), type: "jwt" });
    await assert.rejects(verifySdJwt(other, options), refused("type"));
    await assert.rejects(
      verifyCredential(await licence({ exp: disclosable(1_900_000_000) }), options),
      refused("disclosure"),
    );
  });

  test("the holder's proof binds key, verifier and what is shown", async () => {
    const demand = {
      audience: "https://inspector.example",
      nonce: "n-1",
      verify: (jwk: unknown, message: Uint8Array, signature: Uint8Array) =>
        international.verify({ key: publicKeyFromJwk(jwk as Jwk), message, signature }),
    };
    const shown = presentSdJwt(await licence(), ({ name }) => name === "holder");
    const proof = {
      signer: signerOf(holderKey),
      audience: demand.audience,
      nonce: "n-1",
      nowSeconds: options.nowSeconds,
    };
    const bound = await bindPresentation(shown, proof);
    assert.equal((await verifyCredential(bound, { ...options, binding: demand })).claims["holder"], "堃记小吃店");
    for (const bad of [
      shown,
      await bindPresentation(shown, { ...proof, nonce: "n-2" }),
      await bindPresentation(shown, { ...proof, nowSeconds: options.nowSeconds - 3_600 }),
      await bindPresentation(shown, { ...proof, signer: signerOf(key) }),
      `${shown}${bound.slice(bound.lastIndexOf("~") + 1)}`.replace(/~[^~]+~/, "~"),
    ]) {
      await assert.rejects(verifyCredential(bad, { ...options, binding: demand }), refused("binding"));
    }
  });
});

const YAML_1_1 = { version: "1.1", logLevel: "silent" } as const;
const vectors = join(
  process.env["ZHENGTONG_VECTORS"] ?? join(import.meta.dirname, "../../../../shared/vectors"),
  "sd-jwt",
);

/** Reads the published YAML: the tag `!sd` marks what may be withheld. */
function readClaims(node: unknown): unknown {
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => {
        assert.ok(isScalar(key));
        const claim = readClaims(value);
        return [String(key.value), key.tag === "!sd" ? disclosable(claim) : claim];
      }),
    );
  }
  if (isSeq(node)) {
    return node.items.map((item) => ((item as Node).tag === "!sd" ? disclosable(readClaims(item)) : readClaims(item)));
  }
  if (!isScalar(node)) return null;
  // The tag keeps the reader from telling 42 and "42" apart: read plain scalars once more without it.
  return node.tag === "!sd" && node.type === "PLAIN" ? parseDocument(String(node.value), YAML_1_1).toJS() : node.value;
}

/** Which disclosures the holder shows, in the order in which issuing makes them: inner ones first. */
function choices(claims: unknown, wanted: unknown): boolean[] {
  if (typeof claims !== "object" || claims === null) return [];
  return Object.entries(claims).flatMap(([name, claim]: [string, unknown]) => {
    const wish = (wanted as Record<string, unknown> | undefined | null)?.[name];
    return claim instanceof Disclosable ? [...choices(claim.value, wish), Boolean(wish)] : choices(claim, wish);
  });
}

describe("SD-JWT published test cases", { skip: existsSync(vectors) ? false : `no vectors at ${vectors}` }, () => {
  for (const path of existsSync(vectors) ? globSync("*/specification.yml", { cwd: vectors }) : []) {
    test(dirname(path), async () => {
      const document = parseDocument(readFileSync(join(vectors, path), "utf8"), YAML_1_1);
      const plain = document.toJS() as { holder_disclosed_claims: unknown; expect_verified_user_claims: unknown };
      const claims = readClaims(document.get("user_claims")) as Record<string, unknown>;
      const token = await issueSdJwt({ claims, signer: signerOf(key), salt: salts() });
      const keep = choices(claims, plain.holder_disclosed_claims);
      assert.equal(token.split("~").length - 2, keep.length);
      const shown = presentSdJwt(token, () => keep.shift() === true);
      assert.deepEqual((await verifySdJwt(shown, options)).claims, plain.expect_verified_user_claims);
    });
  }
});
