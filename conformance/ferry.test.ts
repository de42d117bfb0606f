/** The node's own reading of packages and receipts is held to the vectors. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Card, readCard } from "../src/infrastructure/network/card.ts";
import { readManifest } from "../src/infrastructure/network/manifest.ts";
import { provideNetworkPorts } from "../src/infrastructure/network/ports.ts";
import { verifiedRelease } from "../src/infrastructure/network/release.ts";
import { OFFICIAL_POLICY } from "../src/infrastructure/trust/certificates/profiles.ts";
import { fromBase64 } from "../src/lib/crypto/base64url.ts";
import { concatBytes, fromUtf8 } from "../src/lib/crypto/bytes.ts";
import { sha256Hex } from "../src/lib/crypto/digest.ts";
import { INTERNATIONAL_CHOICE } from "../src/lib/crypto/purposes.ts";
import { openFor } from "../src/lib/crypto/recipient.ts";
import { ContainerError, headBinding, readContainer } from "../src/lib/ferry/container.ts";
import { readReceipt } from "../src/lib/ferry/receipt.ts";
import { findParts, joinParts, PartsMissing } from "../src/node/ferry/part-files.ts";

interface Package {
  readonly why: string;
  readonly expect: string;
  readonly parts: readonly number[];
  readonly node?: string;
  readonly isKnown?: boolean;
  readonly received?: { readonly sequence: number; readonly digest: string | null };
}

const vectors = JSON.parse(await readFile(join(import.meta.dirname, "vectors/ferry.json"), "utf8"));
const { receiver, files } = vectors as {
  readonly receiver: { readonly node: string; readonly zone: "intranet"; readonly suite: "international"; readonly seed: string };
  readonly files: readonly string[];
};
const seed = Uint8Array.fromHex(receiver.seed);
const sender = cardOf(vectors.sender.card);
const folder = await mkdtemp(join(tmpdir(), "zhengtong-vectors-"));
after(() => rm(folder, { recursive: true }));
provideNetworkPorts({
  ...{ node: { code: receiver.node, name: "样本" }, suites: INTERNATIONAL_CHOICE, roots: [], officialPolicy: OFFICIAL_POLICY },
  signer: { signAs: () => Promise.reject(new Error("nothing is signed here")) },
  contractOf: () => undefined,
});

function cardOf(text: string): Card {
  const card = readCard(text);
  assert.ok(card);
  return card;
}

/** What docs/protocols/ferry.md has a receiver do, in its order. */
async function outcomeOf(one: Package, place: number): Promise<string> {
  const paths = one.parts.map((at, part) => [join(folder, `${place}-${part}.ztferry`), fromBase64(files[at] ?? "")] as const);
  for (const [path, bytes] of paths) await writeFile(path, bytes ?? new Uint8Array(0));
  const [parts] = await findParts(paths.map(([path]) => path));
  assert.ok(parts);
  const joined = joinParts(parts);
  try {
    const { head, wrapped, open } = await readContainer(joined);
    const { id, from, to, sequence } = parts.head;
    if (head.id !== id || head.from !== from || head.to !== to || head.sequence !== sequence) return "altered";
    if (head.to !== (one.node ?? receiver.node)) return "not-for-us";
    if (one.isKnown === false || head.from !== sender.node) return "unknown-sender";
    const { sequence: last, digest: before } = one.received ?? { sequence: 0, digest: null };
    if (head.sequence <= last) return "replayed";
    if (head.sequence !== last + 1) return "out-of-order";
    const keys = openFor({ suite: receiver.suite, seed }, { wrapped, info: headBinding(head) });
    if (keys === undefined) return "altered";
    const opened = await open(keys);
    const manifest = sha256Hex(opened.manifest);
    const release = await verifiedRelease(opened.releases, { id: head.id, manifest, card: sender });
    if (release === undefined) return "not-released";
    if (release.sequence !== head.sequence || release.previous !== before) return "out-of-order";
    const zones = { from: sender.zone, to: receiver.zone };
    const read = readManifest(fromUtf8(opened.manifest), { head, zones, contractOf: () => undefined });
    if (typeof read === "string") return read;
    for (const { bytes, digest } of read.items) {
      const content: Uint8Array[] = [];
      for await (const part of opened.item(bytes)) content.push(part);
      if (sha256Hex(concatBytes(...content)) !== digest) return "altered";
    }
    await opened.end();
    return "accepted";
  } catch (error) {
    if (error instanceof PartsMissing) return "incomplete";
    if (error instanceof ContainerError) return error.code === "incomplete" ? "incomplete" : "altered";
    throw error;
  } finally {
    await joined.return();
  }
}

test("packages come to what the vectors say", async () => {
  const packages = vectors.packages as readonly Package[];
  assert.ok(packages.length > 10);
  for (const [place, one] of packages.entries()) assert.equal(await outcomeOf(one, place), one.expect, one.why);
});

test("receipts say what the vectors say", () => {
  const { receipt: key } = cardOf(vectors.receiver.card);
  for (const { why, expect, line, text, from = sender.node } of vectors.receipts) {
    const read = readReceipt(text, { link: { from, to: receiver.node }, key });
    const said = typeof read === "string" ? read : "line" in read ? "mistyped" : read.outcome;
    assert.equal(said, expect, why);
    if (expect === "mistyped") assert.equal(typeof read === "object" && "line" in read && read.line, line, why);
  }
});
