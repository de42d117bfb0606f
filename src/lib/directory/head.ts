/**
 * The head of a part, as it is signed:
 *
 *     zhengtong-directory/1
 *     division 990000
 *     version 12
 *     previous <SHA-256 of the head before, hex> | none
 *     issued 2026-11-28T00:00:00Z
 *     until 2026-12-28T00:00:00Z
 *     document <SHA-256 of the document, hex>
 *     key <C2SP verifier key>
 *     …
 *
 * It is short, so that a node that has the newest version learns so without the document, and one that was away for
 * long gets the chain of all versions between without their documents.
 */
import { z } from "zod";
import { sha256Hex } from "#lib/crypto/digest";
import { VerifierKeys } from "./document.ts";
import type { PartHead } from "./entries.ts";

const FORMAT = "zhengtong-directory/1";
const NONE = "none";
const HEX = /^[0-9a-f]{64}$/;
/** Seconds, UTC, in one spelling: texts compare as the instants do. */
const Instant = z.iso.datetime({ precision: 0 });

const Head = z
  .object({
    division: z.string().regex(/^\d{6}$/),
    version: z.int().min(1),
    previous: z.string().regex(HEX).optional(),
    issued: Instant,
    until: Instant,
    document: z.string().regex(HEX),
    keys: VerifierKeys,
  })
  .refine(({ version, previous }) => (version === 1) === (previous === undefined))
  .refine(({ issued, until }) => issued < until);

const LINES =
  /^zhengtong-directory\/1\ndivision (?<division>\d{6})\nversion (?<version>[1-9]\d{0,14})\nprevious (?<previous>none|[0-9a-f]{64})\nissued (?<issued>\S{20})\nuntil (?<until>\S{20})\ndocument (?<document>[0-9a-f]{64})\n(?<keys>(?:key \S+\n)+)$/;

/** The text that is signed. @throws {RangeError} where the head breaks a rule */
export function formatHead(head: PartHead): string {
  if (!Head.safeParse(head).success) throw new RangeError(`no head of a part: ${JSON.stringify(head)}`);
  const { division, version, previous = NONE, issued, until, document, keys } = head;
  const lines = [
    FORMAT,
    `division ${division}`,
    `version ${version}`,
    `previous ${previous}`,
    `issued ${issued}`,
    `until ${until}`,
    `document ${document}`,
    ...keys.map((key) => `key ${key}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** Reads a head; undefined where it is malformed. */
export function parseHead(text: string): PartHead | undefined {
  const found = LINES.exec(text)?.groups;
  if (found === undefined) return undefined;
  const { previous, version, keys = "", ...rest } = found;
  const parsed = Head.safeParse({
    ...rest,
    version: Number(version),
    previous: previous === NONE ? undefined : previous,
    keys: keys
      .slice(0, -1)
      .split("\n")
      .map((line) => line.slice("key ".length)),
  });
  return parsed.data;
}

/** By which the next version names this one. */
export function headDigest(text: string): string {
  return sha256Hex(text);
}
