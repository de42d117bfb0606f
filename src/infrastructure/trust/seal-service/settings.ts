/** How another body's seal service is plugged in: a file that the operator writes, read at the start (docs/guides/seal-service.md). */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { Fault } from "#kernel/errors/fault";
import type { CertificateSuite } from "../certificates/purposes.ts";
import "../faults.ts";

const FILE_MAX_CHARACTERS = 65_536;
const SEALS_MAX = 500;
const TIMEOUT_DEFAULT_MS = 10_000;
const TIMEOUT_MAX_MS = 60_000;
const File = z.string().min(1).max(500);

const Settings = z.strictObject({
  /** The base of the API, as far as its version: `https://seals.example/csc/v2`. */
  url: z.url({ protocol: /^https$/ }).max(500),
  /** Where tokens are given; default: `oauth2/token` below the base. */
  tokenUrl: z
    .url({ protocol: /^https$/ })
    .max(500)
    .optional(),
  clientId: z.string().min(1).max(200),
  /** A file with the secret and nothing else; relative to this one, as the others. */
  clientSecretFile: File,
  /** Certificates (PEM) that its TLS must lead to; absent: those of the system. */
  caFile: File.optional(),
  /** Of one question and its answer. */
  timeoutMs: z.int().min(1).max(TIMEOUT_MAX_MS).default(TIMEOUT_DEFAULT_MS),
  seals: z
    .array(
      z.strictObject({
        /** The key of the authority in its register. */
        authority: z.string().min(1).max(100),
        seal: z.enum(["licensing", "authority"]),
        /** What it signs: PDF, SD-JWT and, where no national one is kept, detached seals; or detached seals with SM2. */
        suite: z.enum(["international", "national"]).default("international"),
        credential: z.string().min(1).max(200),
        /** A file with the PIN of the credential, where it asks for one. */
        pinFile: File.optional(),
      }),
    )
    .min(1)
    .max(SEALS_MAX),
});

/** A seal whose key the service keeps. */
export interface KeptSeal {
  readonly authority: string;
  readonly seal: "licensing" | "authority";
  readonly suite: CertificateSuite;
  readonly credential: string;
  readonly pin?: string;
}

export interface SealServiceSettings {
  readonly url: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly ca?: string;
  readonly timeoutMs: number;
  readonly seals: readonly KeptSeal[];
}

/** @throws {Fault} ERR_TRUST_SEAL_SETTINGS when the file, or one that it names, cannot be read or says something else */
export async function readSealServiceSettings(path: string): Promise<SealServiceSettings> {
  try {
    const text = await readFile(path, "utf8");
    if (text.length > FILE_MAX_CHARACTERS) throw new RangeError("the file is too long");
    const { clientSecretFile, caFile, seals, ...said } = Settings.parse(JSON.parse(text));
    const places = seals.map(({ authority, seal, suite }) => `${authority} ${seal} ${suite}`);
    if (new Set(places).size < places.length) throw new RangeError("a seal stands twice");
    const secretIn = async (file: string): Promise<string> => {
      const secret = (await readFile(resolve(dirname(path), file), "utf8")).trim();
      if (secret === "") throw new RangeError(`${file} is empty`);
      return secret;
    };
    const url = said.url.replace(/\/+$/, "");
    return {
      url,
      tokenUrl: said.tokenUrl ?? `${url}/oauth2/token`,
      ...{ clientId: said.clientId, timeoutMs: said.timeoutMs },
      clientSecret: await secretIn(clientSecretFile),
      ...(caFile !== undefined && { ca: await secretIn(caFile) }),
      seals: await Promise.all(
        seals.map(async ({ pinFile, ...seal }) =>
          pinFile === undefined ? seal : { ...seal, pin: await secretIn(pinFile) },
        ),
      ),
    };
  } catch (cause) {
    throw new Fault("ERR_TRUST_SEAL_SETTINGS", { message: path, cause });
  }
}
