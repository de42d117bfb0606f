/**
 * Certificates: paths of three (root, issuer, holder; P-256) read and validated whole, status answers (question read, answer signed) and
 * time stamps, on one core and without database or network. Peers of the same run: `openssl verify` over many certificates in one process, and
 * the `openssl speed` figure for the one signature that each answer and stamp has. Run alone: `node bench/trust.ts`.
 */
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePem } from "#lib/asn1/pem";
import { verifySigned } from "#lib/certificate/algorithms";
import { issueX509 } from "#lib/certificate/certificate";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
} from "#lib/certificate/extensions";
import { writeName } from "#lib/certificate/name";
import { international } from "#lib/crypto/international";
import { type PrivateKey, privateKeyFromPkcs8, publicKeyOf } from "#lib/crypto/keys";
import { DIGEST_OID, isOfIssuer, writeCertificateId } from "#lib/revocation/certificate-id";
import { readStatusRequest, writeStatusRequest } from "#lib/revocation/status-request";
import { writeStatusAnswer, writeStatusPart } from "#lib/revocation/write-status-answer";
import { readStampRequest, writeStampRequest } from "#lib/time-stamp/request";
import { TIME_STAMPING_USE } from "#lib/time-stamp/token";
import { writeStampAnswer, writeToken } from "#lib/time-stamp/write-token";
import { readX509 } from "#lib/x509/certificate";
import { anchorOf, validatePath } from "#lib/x509/path-validation";

const ROUNDS = 3;
const ROUND_MS = 700;
const HOLDERS = 200;
const HOUR_MS = 3_600_000;
const POLICY = "2.25.1.5";
const NOT_BEFORE = Temporal.Instant.from("2026-01-01T00:00:00Z");
const NOT_AFTER = Temporal.Instant.from("2056-01-01T00:00:00Z");
const AT_MS = NOT_BEFORE.epochMilliseconds + HOUR_MS;

interface Party {
  readonly key: PrivateKey;
  readonly name: Uint8Array;
}

function party(commonName: string): Party {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKeyFromPkcs8(privateKey.export({ format: "der", type: "pkcs8" }));
  return { key, name: writeName({ country: "CN", commonName }) };
}

const sign = (key: PrivateKey) => (message: Uint8Array) => international.sign({ key, message, encoding: "der" });

function issue(issuer: Party, holder: Party, serial: number, isAuthority: boolean): Promise<Uint8Array> {
  const publicKey = publicKeyOf(holder.key);
  return issueX509(
    {
      serial: Uint8Array.of(0x40, serial >> 8, serial & 0xff),
      algorithm: "ES256",
      issuer: issuer.name,
      subject: holder.name,
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      publicKey,
      extensions: [
        subjectKeyIdentifier(keyIdentifier(publicKey)),
        authorityKeyIdentifier(keyIdentifier(publicKeyOf(issuer.key))),
        keyUsage(isAuthority ? ["keyCertSign", "crlSign"] : ["digitalSignature"]),
        ...(isAuthority ? [basicConstraints(true)] : [extendedKeyUsage([TIME_STAMPING_USE], true)]),
      ],
    },
    sign(issuer.key),
  );
}

interface Measured {
  /** In a second of the clock. */
  readonly rate: number;
  /** Of CPU time, for one operation. */
  readonly cpuUs: number;
}

async function measure(work: () => unknown): Promise<Measured> {
  let best: Measured = { rate: 0, cpuUs: Number.POSITIVE_INFINITY };
  for (let round = -1; round < ROUNDS; round++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    let done = 0;
    for (; performance.now() - start < (round < 0 ? ROUND_MS / 4 : ROUND_MS); done++) await work();
    const { user, system } = process.cpuUsage(cpu);
    const measured = { rate: done / ((performance.now() - start) / 1000), cpuUs: (user + system) / done };
    if (round >= 0 && measured.cpuUs < best.cpuUs) best = measured;
  }
  return best;
}

function print(name: string, value: number, unit: string, goal?: number): void {
  const digits = value < 10 ? 2 : 0;
  const shown = value.toLocaleString("en", { maximumFractionDigits: digits });
  const wanted = goal === undefined ? "" : `  goal ≥ ${goal.toLocaleString("en")} ${unit}`;
  console.log(`${name.padEnd(54)}  ${shown} ${unit}${wanted}`);
}

const root = party("root");
const issuer = party("issuer");
const rootDer = await issue(root, root, 1, true);
const issuerDer = await issue(root, issuer, 2, true);
const holders: Uint8Array[] = [];
const holder = party("holder");
for (let serial = 0; serial < HOLDERS; serial++) holders.push(await issue(issuer, holder, 3 + serial, false));
const anchor = anchorOf(readX509(rootDer));

let turn = 0;
const paths = await measure(() => {
  const path = [readX509(issuerDer), readX509(holders[turn++ % HOLDERS] ?? issuerDer)];
  const options = { anchor, atMs: AT_MS, verify: verifySigned, extendedKeyUse: TIME_STAMPING_USE };
  if (!validatePath(path, options).valid) throw new Error("a path that must be valid");
});
print("path validation, read and judged", paths.rate, "/s", 1_000);
print("path validation, CPU", paths.cpuUs, "µs");

const identified = { name: issuer.name, publicKeyInfo: readX509(issuerDer).publicKeyInfo };
const [firstHolder = issuerDer] = holders;
const { serial } = readX509(firstHolder);
const question = writeStatusRequest([writeCertificateId(identified, serial, DIGEST_OID.sha256)], new Uint8Array(16));
const answers = await measure(() => {
  const { certificates, nonce } = readStatusRequest(question);
  const told = certificates.map((id) => ({
    id,
    status: isOfIssuer(id, identified) ? ("good" as const) : ("unknown" as const),
  }));
  const times = { producedAtMs: AT_MS, thisUpdateMs: AT_MS, nextUpdateMs: AT_MS + HOUR_MS };
  const part = writeStatusPart({ responder: holder.name, ...times, certificates: told, nonce });
  const signature = sign(holder.key)(part);
  return writeStatusAnswer({ part, algorithm: "ES256", signature, certificates: [firstHolder] });
});
print("status answers, with nonce", answers.rate, "/s", 2_000);
print("status answers, CPU", answers.cpuUs, "µs");

const digest = new Uint8Array(createHash("sha256").update("x").digest());
const stampQuestion = writeStampRequest({ algorithm: DIGEST_OID.sha256, digest }, Uint8Array.of(1));
const stamps = await measure(async () => {
  const request = readStampRequest(stampQuestion, POLICY);
  if (typeof request === "string") throw new Error(request);
  const { imprint, nonce } = request;
  const content = { policy: POLICY, imprint, serial: Uint8Array.of(7), atMs: AT_MS, accuracySeconds: 1, nonce };
  const signer = {
    algorithm: "ES256",
    certificate: firstHolder,
    issuers: [issuerDer],
    sign: sign(holder.key),
  } as const;
  return writeStampAnswer(await writeToken(content, signer, { withCertificates: true }));
});
print("time stamps", stamps.rate, "/s");
print("time stamps, CPU", stamps.cpuUs, "µs");

const folder = mkdtempSync(join(tmpdir(), "zhengtong-bench-"));
try {
  const file = (name: string, ...ders: readonly Uint8Array[]) => {
    writeFileSync(join(folder, name), ders.map((der) => writePem({ label: "CERTIFICATE", der })).join(""));
    return join(folder, name);
  };
  const trusted = ["-CAfile", file("root", rootDer), "-untrusted", file("issuer", issuerDer)];
  const files = holders.map((der, at) => file(`holder-${at}`, der));
  const verify = (some: readonly string[]) => {
    const start = performance.now();
    execFileSync("openssl", ["verify", "-x509_strict", "-attime", String(AT_MS / 1000), ...trusted, ...some]);
    return performance.now() - start;
  };
  // What starting the command costs is taken off.
  const best = (some: readonly string[]) => Math.min(...Array.from({ length: ROUNDS }, () => verify(some)));
  const theirs = ((files.length - 1) * 1000) / (best(files) - best(files.slice(0, 1)));
  print("openssl verify, the same paths from files", theirs, "/s");
  print("path validation, times openssl", paths.rate / theirs, "×");
  const speed = execFileSync("openssl", ["speed", "-seconds", "1", "-mr", "ecdsap256"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const signatures = Number(/^\+F\d*:\d+:256:([\d.]+):/m.exec(speed.toString())?.[1]);
  if (signatures > 0) {
    print("openssl speed, P-256 signatures", signatures, "/s");
    print("status answers, times that", answers.rate / signatures, "×");
  }
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  console.log("the openssl command is not installed: no peer to compare with");
} finally {
  rmSync(folder, { recursive: true });
}
