/** A certification body that is not ours: RSA keys, its certificates' status over HTTP (OCSP), and time stamps by the `openssl` command. */
import { createServer, type IncomingMessage } from "node:http";
import { TAG, writeDer, writeOid } from "#lib/asn1/der";
import { extendedKeyUsage, keyUsage, type NewExtension } from "#lib/certificate/extensions";
import { writeRsaScheme } from "#lib/certificate/rsa";
import { utf8 } from "#lib/crypto/bytes";
import type { Revocation } from "#lib/revocation/reason";
import { readStatusRequest } from "#lib/revocation/status-request";
import { BASIC_ANSWER, writeStatusPart } from "#lib/revocation/write-status-answer";
import { type Imprint, readStampRequest } from "#lib/time-stamp/request";
import { answerWithOpenssl } from "#lib/time-stamp/testing/openssl-stamps";
import { TIME_STAMPING_USE } from "#lib/time-stamp/token";
import { readX509 } from "#lib/x509/certificate";
import { EXTENSION } from "#lib/x509/extensions";
import type { Openssl } from "#lib/x509/testing/openssl";
import { PKCS1_SHA256, RsaAuthority, type RsaPair, rsaPair, rsaSign } from "#lib/x509/testing/rsa-authority";

const OCSP_ACCESS = "1.3.6.1.5.5.7.48.1";
const URI = 0x86;
const DAY_MS = 86_400_000;
const YEAR_HOURS = 8_760;

export interface OutsideAuthority {
  /** DER. */
  readonly root: Uint8Array;
  readonly issuer: Uint8Array;
  /** Where it stamps. */
  readonly stampUrl: string;
  /** A certificate (DER) that names a use. */
  certify(commonName: string, info: Uint8Array, use: string): Uint8Array;
  revoke(certificate: Uint8Array, revocation: Revocation): void;
  /** Whether it answers at all. */
  answers: boolean;
  close(): Promise<void>;
}

/** @param nowMs of its answers */
export async function outsideAuthority({
  openssl,
  nowMs,
}: {
  readonly openssl: Openssl | undefined;
  readonly nowMs: () => number;
}): Promise<OutsideAuthority> {
  const start = Temporal.Instant.fromEpochMilliseconds(Math.floor(nowMs() / 1_000) * 1_000);
  const validity = { notBefore: start.subtract({ hours: 24 }), notAfter: start.add({ hours: YEAR_HOURS }) };
  const accessTo = (path: string): NewExtension => {
    const place = writeDer(TAG.sequence, writeOid(OCSP_ACCESS), writeDer(URI, utf8(`${address}${path}`)));
    return { id: EXTENSION.authorityInfoAccess, critical: false, value: writeDer(TAG.sequence, place) };
  };
  const server = createServer(async (request, response) => {
    const body = await bytesOf(request);
    if (!authority.answers) response.writeHead(503).end();
    else response.end(request.url === "/stamp" ? stamp(body) : status(body, request.url === "/root" ? root : issuer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const address = `http://127.0.0.1:${typeof bound === "object" && bound ? bound.port : 0}`;
  const scheme = { padding: "pkcs1", digest: "sha384" } as const;
  const root = new RsaAuthority("外部根（样本）", scheme, rsaPair(), undefined, validity);
  const below = { ...validity, extensions: [accessTo("/root")] };
  const issuer = new RsaAuthority("外部印章机构（样本）", PKCS1_SHA256, rsaPair(), root, below);
  const stampPair: RsaPair = rsaPair();
  const revoked = new Map<string, Revocation>();
  let serial = 0x20;

  const certificateOf = (commonName: string, info: Uint8Array, extensions: readonly NewExtension[]) =>
    issuer.issue({
      ...{ commonName, info, serial: serial++, ...validity },
      extensions: [...extensions, accessTo("/issuer")],
    });
  const status = (request: Uint8Array, by: RsaAuthority): Uint8Array => {
    const certificates = readStatusRequest(request).certificates.map((id) => ({
      id,
      status: revoked.get(id.serial) ?? ("good" as const),
    }));
    const atMs = nowMs();
    const times = { producedAtMs: atMs, thisUpdateMs: atMs, nextUpdateMs: atMs + DAY_MS };
    const responder = readX509(by.certificate).subject.raw;
    const part = writeStatusPart({ ...times, responder, certificates, nonce: undefined });
    const signature = writeDer(TAG.bitString, Uint8Array.of(0), rsaSign(by.pair.key, by.scheme, part));
    const basic = writeDer(TAG.sequence, part, writeRsaScheme(by.scheme), signature);
    const typed = writeDer(TAG.sequence, writeOid(BASIC_ANSWER), writeDer(TAG.octetString, basic));
    return writeDer(TAG.sequence, writeDer(0x0a, Uint8Array.of(0)), writeDer(0xa0, typed));
  };
  let stamping: Uint8Array | undefined;
  const stamp = (request: Uint8Array): Uint8Array => {
    const asked = readStampRequest(request, "");
    if (typeof asked === "string" || openssl === undefined) throw new Error(String(asked));
    stamping ??= certificateOf("外部时间戳（样本）", stampPair.info, [
      keyUsage(["digitalSignature"]),
      extendedKeyUsage([TIME_STAMPING_USE], true),
    ]);
    const certificates = [stamping, issuer.certificate, root.certificate] as const;
    return answerWithOpenssl({ openssl, key: stampPair.key, certificates }, asked.imprint satisfies Imprint, {
      query: request,
      digest: "sha512",
    });
  };

  const authority: OutsideAuthority = {
    ...{ root: root.certificate, issuer: issuer.certificate, stampUrl: `${address}/stamp`, answers: true },
    certify: (commonName, info, use) =>
      certificateOf(commonName, info, [keyUsage(["digitalSignature"]), extendedKeyUsage([use])]),
    revoke: (certificate, revocation) => void revoked.set(readX509(certificate).serial, revocation),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return authority;
}

async function bytesOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return new Uint8Array(Buffer.concat(parts));
}
