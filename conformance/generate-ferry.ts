/**
 * Writes vectors/ferry.json: packages on their parts and receipts on paper, and the same with one thing wrong each. Needs PostgreSQL; new keys
 * each time: `node conformance/generate-ferry.ts`.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readCard } from "../src/infrastructure/network/card.ts";
import { SEALED_FOR } from "../src/infrastructure/network/ferry-keys.ts";
import { toBase64 } from "../src/lib/crypto/base64url.ts";
import { concatBytes, utf8 } from "../src/lib/crypto/bytes.ts";
import { RECIPIENT_RANDOMNESS_BYTES, RECIPIENT_SEED_BYTES, sealFor } from "../src/lib/crypto/recipient.ts";
import { type ContainerHead, headBinding, writeContainer } from "../src/lib/ferry/container.ts";
import { blockAt, type PackageRef, planParts, writeBlock, writePartHead } from "../src/lib/ferry/parts.ts";
import { parityOf } from "../src/lib/erasure-code/erasure-code.ts";
import { randomBytes } from "../src/kernel/random.ts";
import { answered } from "../test/rooms/answers.ts";
import { ferryNode, introduced, releasedPackage } from "../test/rooms/ferry-county.ts";

const MEDIA = { mediaBytes: 6_000, redundancyPercent: 50 };
const [county, inner] = [await ferryNode("qingyuan", "extranet"), await ferryNode("inner", "intranet")];
const partner = await introduced(county, inner);
await introduced(inner, county);
const [{ sealed } = { sealed: new Uint8Array(0) }] = await inner.node.kernel.database.query<{ sealed: Uint8Array }>(
  "SELECT sealed FROM network.ferry_key",
);
const seeds = inner.node.kernel.vault.open("room network", sealed, SEALED_FOR);

interface Body {
  readonly manifest: Uint8Array;
  readonly releases: readonly Uint8Array[];
  readonly items: readonly Uint8Array[];
}

async function bodyOf(id: string): Promise<Body & { readonly head: ContainerHead }> {
  const { from, to, sequence, manifest, releases, items } = answered(await county.machine().recordExport({ id }));
  return {
    head: { id, from, to, sequence, suite: "international" },
    ...{ manifest: utf8(manifest), releases: releases.map((token) => utf8(token)) },
    items: await Promise.all(items.map(({ digest }) => county.node.kernel.files.read(digest))),
  };
}

async function sealedBytes(head: ContainerHead, { manifest, releases, items }: Body): Promise<Uint8Array> {
  const recipient = readCard(answered(await inner.machine().ownCard({})).card)?.encryption;
  if (recipient === undefined) throw new RangeError("a card");
  const sealed = sealFor(recipient, { randomness: randomBytes(RECIPIENT_RANDOMNESS_BYTES), info: headBinding(head) });
  const parts: Uint8Array[] = [];
  async function* each() {
    yield* items;
  }
  for await (const part of writeContainer(head, sealed, { manifest, releases, items: each() })) parts.push(part);
  return concatBytes(...parts);
}

/** The parts as they lie on media. */
function divided(bytes: Uint8Array, { id, from, to, sequence }: PackageRef): Uint8Array[] {
  const plan = planParts(bytes.length, MEDIA);
  if (plan === undefined) throw new RangeError("too large");
  const parts = Array.from({ length: plan.data + plan.parity }, (_, part) => [
    writePartHead({ ...plan, id, from, to, sequence, part }),
  ]);
  for (let stripe = 0; stripe < plan.stripes; stripe++) {
    const data = Array.from({ length: plan.data }, (_, at) => {
      const block = new Uint8Array(plan.blockBytes);
      const start = (stripe * plan.data + at) * plan.blockBytes;
      block.set(bytes.subarray(start, start + plan.blockBytes));
      return block;
    });
    for (const [part, block] of [...data, ...parityOf(plan, data)].entries()) {
      parts[part]?.push(writeBlock({ id, part, stripe }, block));
    }
  }
  if (blockAt(plan, 0) !== parts[0]?.[0]?.length) throw new RangeError("the head's size");
  return parts.map((each) => concatBytes(...each));
}

const files: string[] = [];
function kept(parts: readonly Uint8Array[]): number[] {
  return parts.map((part) => {
    const text = toBase64(part);
    if (!files.includes(text)) files.push(text);
    return files.indexOf(text);
  });
}
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, place) => (place === at ? byte ^ 1 : byte));

const [firstId, secondId] = [
  await releasedPackage(county, partner, "清源县经济运行简报"),
  await releasedPackage(county, partner, "第二期"),
];
const [{ head, ...body }, second] = [await bodyOf(firstId), await bodyOf(secondId)];
const whole = await sealedBytes(head, body);
const parts = divided(whole, head);
const spare = parts.length - (planParts(whole.length, MEDIA)?.data ?? 0);
const other = (items: readonly Uint8Array[]) => items.map((item) => flipped(item, 0));
const [one] = body.releases as [Uint8Array];
const altered = await sealedBytes(head, { ...body, items: other(body.items) });
const twice = await sealedBytes(head, { ...body, releases: [one, one] });
const more = await sealedBytes(head, { ...body, items: [...body.items, utf8("x")] });

const packages = [
  { why: "a document, released by two officials", expect: "accepted", parts: kept(parts) },
  { why: "as many parts lost as are spare", expect: "accepted", parts: kept(parts.slice(spare)) },
  { why: "a scratch on each data part", expect: "accepted", parts: kept(parts.map((part, at) => (at < spare ? flipped(part, 1_100) : part))) },
  { why: "one part too few", expect: "incomplete", parts: kept(parts.slice(spare + 1)) },
  { why: "the same package again", expect: "replayed", parts: kept(parts), received: { sequence: 1, digest: null } },
  { why: "the second package before the first", expect: "out-of-order", parts: kept(divided(await sealedBytes(second.head, second), second.head)) },
  { why: "for another node", expect: "not-for-us", parts: kept(parts), node: "other-inner" },
  { why: "of a node that nobody confirmed", expect: "unknown-sender", parts: kept(parts), isKnown: false },
  { why: "a bit of the last piece changed, the digests of the blocks made anew", expect: "altered", parts: kept(divided(flipped(whole, whole.length - 20), head)) },
  { why: "the parts name another package than the one that is sealed in them", expect: "altered", parts: kept(divided(whole, { ...head, id: secondId })) },
  { why: "another document than the one that both signed", expect: "altered", parts: kept(divided(altered, head)) },
  { why: "something behind what both signed", expect: "altered", parts: kept(divided(more, head)) },
  { why: "one official signed twice", expect: "not-released", parts: kept(divided(twice, head)) },
];

const { paths } = await (async () => {
  const written = await county.export(firstId);
  if (!("paths" in written)) throw new RangeError("exported");
  return written;
})();
const [imported] = await inner.import(paths);
await inner.as(inner.releaser).releaseReceipt({ id: imported?.arrival ?? "" });
const { receipt = "" } = answered(
  await inner.as(inner.official("network.release")).releaseReceipt({ id: imported?.arrival ?? "" }),
);
const lines = receipt.split("\n");
const receipts = [
  { why: "that the first package was accepted", expect: "accepted", text: receipt },
  { why: "typed in small letters, with blanks", expect: "accepted", text: receipt.toLowerCase().replaceAll(":", " : ") },
  { why: "a letter of the second line mistyped", expect: "mistyped", line: 2, text: lines.map((line, at) => (at === 2 ? line.replace(/: (.)/, (_all, letter) => `: ${letter === "A" ? "B" : "A"}`) : line)).join("\n") },
  { why: "a line left out", expect: "mistyped", line: 3, text: lines.toSpliced(3, 1).join("\n") },
  { why: "read as that of a package from another node", expect: "forged", text: receipt, from: "elsewhere" },
];

await writeFile(
  join(import.meta.dirname, "vectors/ferry.json"),
  `${JSON.stringify({
    receiver: {
      ...{ node: "inner", zone: "intranet", card: answered(await inner.machine().ownCard({})).card },
      ...{ suite: "international", seed: seeds.slice(0, RECIPIENT_SEED_BYTES).toHex() },
    },
    sender: { card: answered(await county.machine().ownCard({})).card },
    ...{ files, packages, receipts },
  })}\n`,
);
for (const node of [county, inner]) await node.close();
