/**
 * The cryptographic suites against the `openssl` command in the same run: SM2 signatures (sign, verify with a known
 * key and with a new one) and SM2 encryption, ECDSA P-256, Ed25519, Ed25519 with ML-DSA-65, SM3, SM4-GCM and
 * AES-256-GCM. One core. CPU time per operation is steadier than a rate on a shared machine and is printed beside it.
 * Run alone: `node bench/crypto.ts`.
 */
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { hybrid, hybridFromSeed, hybridPublicKeyOf } from "#lib/crypto/hybrid";
import { international } from "#lib/crypto/international";
import { ed25519FromSeed, privateKeyFromPkcs8, publicKeyOf } from "#lib/crypto/keys";
import { national } from "#lib/crypto/national";
import { sm2Decrypt, sm2Encrypt } from "#lib/crypto/sm2/encryption";
import { generateSm2Key, prepareSm2Key } from "#lib/crypto/sm2/keys";
import type { CryptoSuite, SignatureSuite, SigningKey, VerifyingKey } from "#lib/crypto/suite";

/** One measured figure. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "/s" | "µs" | "×" | "MiB/s";
  readonly goal?: number;
}

const ROUNDS = 3;
const ROUND_MS = 700;
const OPENSSL_SECONDS = "1";
const MESSAGE = randomBytes(200);
const BULK = randomBytes(64 * 1024);

interface Measured {
  /** In a second of the clock. */
  readonly rate: number;
  /** Of CPU time, for one operation. */
  readonly cpuUs: number;
}

/** How often something is done in a second, and its CPU time: the round in which it took the least. */
function measure(work: () => void): Measured {
  const rounds: Measured[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    let done = 0;
    for (; performance.now() - start < (round < 0 ? ROUND_MS / 4 : ROUND_MS); done++) work();
    const { user, system } = process.cpuUsage(cpu);
    if (round >= 0) rounds.push({ rate: (done * 1_000) / (performance.now() - start), cpuUs: (user + system) / done });
  }
  return rounds.sort((one, other) => other.rate - one.rate)[0] as Measured;
}

/** What `openssl speed` says of an algorithm: signatures and verifications in a second. */
function opensslSpeed(algorithm: string): { readonly sign: number; readonly verify: number } | undefined {
  try {
    const output = execFileSync("openssl", ["speed", "-seconds", OPENSSL_SECONDS, "-mr", algorithm], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    // +F7:index:bits:name:signatures a second:verifications a second
    const fields = /^\+F\d+:\d+:\d+:.*$/m.exec(output)?.[0].split(":").slice(-2).map(Number) ?? [];
    const [sign, verify] = fields;
    return sign === undefined || verify === undefined ? undefined : { sign, verify };
  } catch {
    return undefined;
  }
}

interface SignaturePair {
  readonly name: string;
  readonly suite: SignatureSuite;
  readonly key: SigningKey;
  readonly publicKey: VerifyingKey;
  readonly openssl?: string;
  readonly goals?: { readonly sign: number; readonly verify: number };
}

function signatures({ name, suite, key, publicKey, openssl, goals }: SignaturePair): Figure[] {
  const peer = openssl === undefined ? undefined : opensslSpeed(openssl);
  const signature = suite.sign({ key, message: MESSAGE });
  const sign = measure(() => suite.sign({ key, message: MESSAGE, randomness: MESSAGE.subarray(0, 32) }));
  const verify = measure(() => {
    if (!suite.verify({ key: publicKey, message: MESSAGE, signature })) throw new Error("a signature does not verify");
  });
  return [
    ...rateOf(`${name} sign`, { ...sign, peer: peer?.sign, goal: goals?.sign }),
    ...rateOf(`${name} verify, known key`, { ...verify, peer: peer?.verify, goal: goals?.verify }),
  ];
}

function rateOf(
  name: string,
  { rate, cpuUs, peer, goal }: Measured & { readonly peer?: number | undefined; readonly goal?: number | undefined },
): Figure[] {
  return [
    { name, value: rate, unit: "/s", ...(goal === undefined ? {} : { goal }) },
    { name: `${name}: CPU each`, value: cpuUs, unit: "µs" },
    ...(peer === undefined
      ? []
      : ([
          { name: `${name}: openssl speed`, value: peer, unit: "/s" },
          { name: `${name}: against openssl`, value: rate / peer, unit: "×" },
        ] as const)),
  ];
}

/** Verifying with keys that were never met: each has no table of multiples yet. */
function newKeys(): Figure[] {
  const pairs = Array.from({ length: 400 }, () => {
    const key = generateSm2Key(randomBytes(48));
    return { key: key.publicKey, message: MESSAGE, signature: national.sign({ key, message: MESSAGE }) };
  });
  let next = 0;
  return rateOf(
    "SM2 verify, new key",
    measure(() => void national.verify(pairs[next++ % pairs.length] as (typeof pairs)[number])),
  );
}

function encryption(): Figure[] {
  const key = generateSm2Key(randomBytes(48));
  const plaintext = randomBytes(32);
  const randomness = randomBytes(32);
  const ciphertext = sm2Encrypt({ key: key.publicKey, plaintext, randomness });
  return [
    ...rateOf(
      "SM2 encrypt, 32 bytes",
      measure(() => void sm2Encrypt({ key: key.publicKey, plaintext, randomness })),
    ),
    ...rateOf(
      "SM2 decrypt, 32 bytes",
      measure(() => void sm2Decrypt({ key, ciphertext })),
    ),
  ];
}

function bulk(suite: CryptoSuite, names: { readonly digest: string; readonly seal: string }): Figure[] {
  const key = randomBytes(suite.sealKeyBytes);
  const nonce = randomBytes(suite.sealNonceBytes);
  const seal = (plaintext: Uint8Array) => suite.seal({ key, nonce, plaintext, associatedData: MESSAGE });
  const throughput = ({ rate }: Measured): number => (rate * BULK.length) / 2 ** 20;
  return [
    { name: `${names.digest}, 64 KiB`, value: throughput(measure(() => void suite.digest(BULK))), unit: "MiB/s" },
    { name: `${names.digest}, 200 bytes`, value: measure(() => void suite.digest(MESSAGE)).cpuUs, unit: "µs" },
    { name: `${names.seal} seal, 64 KiB`, value: throughput(measure(() => void seal(BULK))), unit: "MiB/s" },
    { name: `${names.seal} seal, 200 bytes`, value: measure(() => void seal(MESSAGE)).cpuUs, unit: "µs" },
  ];
}

/** All figures. */
export function benchCrypto(): readonly Figure[] {
  const sm2 = generateSm2Key(randomBytes(48));
  prepareSm2Key(sm2.publicKey);
  const ed25519 = ed25519FromSeed(randomBytes(32));
  const p256 = privateKeyFromPkcs8(
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "der", type: "pkcs8" }),
  );
  const both = hybridFromSeed(randomBytes(64));
  return [
    ...signatures({
      name: "SM2",
      suite: national,
      key: sm2,
      publicKey: sm2.publicKey,
      openssl: "sm2",
      goals: { sign: 1_500, verify: 800 },
    }),
    ...newKeys(),
    ...encryption(),
    ...signatures({
      name: "ECDSA P-256",
      suite: international,
      key: p256,
      publicKey: publicKeyOf(p256),
      openssl: "ecdsap256",
    }),
    ...signatures({
      name: "Ed25519",
      suite: international,
      key: ed25519,
      publicKey: publicKeyOf(ed25519),
      openssl: "ed25519",
    }),
    ...signatures({ name: "Ed25519+ML-DSA-65", suite: hybrid, key: both, publicKey: hybridPublicKeyOf(both) }),
    ...bulk(national, { digest: "SM3", seal: "SM4-GCM" }),
    ...bulk(international, { digest: "SHA-256", seal: "AES-256-GCM" }),
  ];
}

if (import.meta.main) {
  for (const { name, value, unit, goal } of benchCrypto()) {
    const target = goal === undefined ? "" : `   goal ≥ ${goal} ${unit}`;
    const digits = unit === "×" || (unit === "µs" && value < 100) ? 2 : 0;
    console.log(`${name.padEnd(50)} ${value.toFixed(digits).padStart(9)} ${unit}${target}`);
  }
}
