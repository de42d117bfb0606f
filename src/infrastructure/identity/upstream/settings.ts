/** How another identity platform is plugged in: a file that the operator writes, read at the start. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { Fault } from "#kernel/errors/fault";
import "../faults.ts";

const FILE_MAX_CHARACTERS = 16_384;
const Claim = z.string().regex(/^[A-Za-z0-9_.:/-]{1,100}$/);

const Settings = z.strictObject({
  /** Its issuer identifier (OpenID Connect Discovery §4). */
  issuer: z.url().max(500),
  clientId: z.string().min(1).max(200),
  /** A file with the secret and nothing else; relative to this one. */
  clientSecretFile: z.string().min(1).max(500),
  /** How it is called on the sign-in page. */
  title: z.strictObject({ zh: z.string().min(1).max(60), en: z.string().min(1).max(60) }),
  /** What to ask for beside `openid`. */
  scopes: z
    .array(z.string().regex(/^[\x21-\x7e]{1,100}$/))
    .max(20)
    .default([]),
  /** In which claims it says who it is. */
  claims: z.strictObject({ name: Claim, identityNumber: Claim }),
  /** What its values of `acr` are worth here; any other is a first level. */
  assurance: z.record(z.string().min(1).max(200), z.union([z.literal(1), z.literal(2), z.literal(3)])).default({}),
});

export interface UpstreamSettings extends z.output<typeof Settings> {
  readonly clientSecret: string;
}

/** @throws {Fault} ERR_IDENTITY_UPSTREAM when the file or its secret cannot be read or says something else */
export async function readUpstreamSettings(path: string): Promise<UpstreamSettings> {
  try {
    const text = await readFile(path, "utf8");
    if (text.length > FILE_MAX_CHARACTERS) throw new RangeError("the file is too long");
    const settings = Settings.parse(JSON.parse(text));
    const secret = (await readFile(resolve(dirname(path), settings.clientSecretFile), "utf8")).trim();
    if (secret === "") throw new RangeError("the secret is empty");
    if (!isReachedSafely(new URL(settings.issuer))) throw new RangeError("an issuer is reached by https");
    return { ...settings, clientSecret: secret };
  } catch (cause) {
    throw new Fault("ERR_IDENTITY_UPSTREAM", { message: path, cause });
  }
}

/** In the clear on this very machine alone, for trying it out. */
export function isReachedSafely({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || isLoopback(hostname);
}

export function isLoopback(hostname: string): boolean {
  return hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
}
