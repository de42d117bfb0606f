import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { suiteOfKey } from "#lib/crypto/purposes";
import {
  openFor,
  RECIPIENT_RANDOMNESS_BYTES,
  RECIPIENT_SEED_BYTES,
  recipientKeyOf,
  sealFor,
} from "#lib/crypto/recipient";
import { parityOf, recover } from "#lib/erasure-code/erasure-code";
import { ContainerError, type ContainerHead, headBinding, readContainer, writeContainer } from "./container.ts";
import {
  BLOCK_DIGEST_BYTES,
  blockAt,
  isSamePackage,
  PART_HEAD_BYTES,
  type PartPlan,
  partBytes,
  planParts,
  readBlock,
  readPartHead,
  writeBlock,
  writePartHead,
} from "./parts.ts";
import { OUTCOMES, type Receipt, readReceipt, receiptMessage, writeReceipt } from "./receipt.ts";

const ID = "0190d7a0-0000-7000-8000-0000000000a1";
const REF = { id: "0190d7a0-0000-7000-8000-0000000000a1", from: "qingyuan", to: "inner", sequence: 7 };
const HEAD: ContainerHead = { id: ID, from: "qingyuan", to: "inner", sequence: 7, suite: "international" };
const SECRET = { suite: "international", seed: new Uint8Array(RECIPIENT_SEED_BYTES).fill(1) } as const;

async function packed(items: readonly Uint8Array[]): Promise<Uint8Array> {
  const sealed = sealFor(recipientKeyOf(SECRET), {
    randomness: new Uint8Array(RECIPIENT_RANDOMNESS_BYTES).fill(2),
    info: headBinding(HEAD),
  });
  const body = { manifest: utf8('{"a":1}'), releases: [utf8("one"), utf8("two")], items: from(items) };
  const parts: Uint8Array[] = [];
  for await (const part of writeContainer(HEAD, sealed, body)) parts.push(part);
  return concatBytes(...parts);
}

async function* from(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* parts;
}

async function unpacked(bytes: Uint8Array, sizes: readonly number[], step = 10_000): Promise<readonly Uint8Array[]> {
  const slices = [];
  for (let at = 0; at < bytes.length; at += step) slices.push(bytes.subarray(at, at + step));
  const { head, wrapped, open } = await readContainer(from(slices));
  assert.deepEqual(head, HEAD);
  const keys = openFor(SECRET, { wrapped, info: headBinding(head) });
  if (keys === undefined) throw new ContainerError("altered");
  const container = await open(keys);
  assert.deepEqual(container.manifest, utf8('{"a":1}'));
  assert.deepEqual(container.releases, [utf8("one"), utf8("two")]);
  const items: Uint8Array[] = [];
  for (const size of sizes) {
    const parts: Uint8Array[] = [];
    for await (const part of container.item(size)) parts.push(part);
    items.push(concatBytes(...parts));
  }
  await container.end();
  return items;
}

const refused = (code: ContainerError["code"]) => (error: unknown) =>
  error instanceof ContainerError && error.code === code;

test("a package is read as it was written, whatever its size", async () => {
  const size = fc.oneof(fc.nat(300), fc.constantFrom(65_536, 65_535, 131_072, 150_001));
  await fc.assert(
    fc.asyncProperty(fc.array(size, { maxLength: 4 }), fc.constantFrom(1_000, 65_552, 70_000), async (sizes, step) => {
      const items = sizes.map((bytes, at) => new Uint8Array(bytes).fill(at + 1));
      assert.deepEqual(await unpacked(await packed(items), sizes, step), items);
    }),
    { numRuns: 25 },
  );
});

test("a package that was cut, lengthened or changed anywhere is refused", async () => {
  const bytes = await packed([new Uint8Array(140_000).fill(9)]);
  await assert.rejects(unpacked(bytes.subarray(0, bytes.length - 1), [140_000]), refused("altered"));
  await assert.rejects(unpacked(concatBytes(bytes, Uint8Array.of(0)), [140_000]), refused("altered"));
  const headBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) + 4;
  await assert.rejects(unpacked(bytes.subarray(0, headBytes + 65_552), [140_000]), refused("incomplete"));
  await assert.rejects(unpacked(bytes, [139_999]), refused("altered"));
  await assert.rejects(unpacked(bytes, [140_001]), refused("incomplete"));
  await assert.rejects(unpacked(new Uint8Array(3), []), refused("not-a-package"));
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), async (at) => {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await assert.rejects(unpacked(changed, [140_000]));
    }),
    { numRuns: 40 },
  );
});

/** The parts of some bytes as files hold them, and back, as the command does it with files. */
function divided(plan: PartPlan, content: Uint8Array): readonly Uint8Array[] {
  const parts = Array.from({ length: plan.data + plan.parity }, (_, part) => {
    const file = new Uint8Array(partBytes(plan));
    file.set(writePartHead({ ...plan, ...REF, part }));
    return file;
  });
  for (let stripe = 0; stripe < plan.stripes; stripe++) {
    const data = Array.from({ length: plan.data }, (_, at) => {
      const begin = (stripe * plan.data + at) * plan.blockBytes;
      const block = new Uint8Array(plan.blockBytes);
      block.set(content.subarray(begin, begin + plan.blockBytes));
      return block;
    });
    for (const [part, block] of [...data, ...parityOf(plan, data)].entries())
      parts[part]?.set(writeBlock({ id: ID, part, stripe }, block), blockAt(plan, stripe));
  }
  return parts;
}

function joined(plan: PartPlan, parts: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  const whole: Uint8Array[] = [];
  for (let stripe = 0; stripe < plan.stripes; stripe++) {
    const blocks = parts.map((file, part) => {
      const begin = blockAt(plan, stripe);
      return (
        file && readBlock({ id: ID, part, stripe }, file.subarray(begin, begin + BLOCK_DIGEST_BYTES + plan.blockBytes))
      );
    });
    const data = recover(plan, blocks);
    if (data === undefined) return undefined;
    whole.push(...data);
  }
  return concatBytes(...whole).slice(0, plan.totalBytes);
}

test("any parts but those that redundancy may spare give back the package, also where blocks are scratched", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40_000 }),
      fc.integer({ min: 3_000, max: 9_000 }),
      fc.integer({ min: 0, max: 60 }),
      fc.nat(),
      (totalBytes, mediaBytes, redundancyPercent, seed) => {
        const plan = planParts(totalBytes, { mediaBytes, redundancyPercent });
        assert.ok(plan && partBytes(plan) <= mediaBytes && plan.parity >= 1);
        const content = Uint8Array.from({ length: totalBytes }, (_, at) => (at * 31 + seed) & 255);
        const parts = divided(plan, content);
        assert.deepEqual(readPartHead(parts[0]?.subarray(0, PART_HEAD_BYTES) ?? content), { ...plan, ...REF, part: 0 });
        const damaged: (Uint8Array | undefined)[] = parts.map((file) => file.slice());
        for (let lost = 0; lost < plan.parity; lost++) {
          const part = (seed + lost) % parts.length;
          // One in two is lost, the other has a scratch in each block.
          if (lost % 2 === 0) damaged[part] = undefined;
          else
            for (let stripe = 0; stripe < plan.stripes; stripe++) {
              const file = damaged[part];
              const at = blockAt(plan, stripe) + BLOCK_DIGEST_BYTES;
              if (file) file[at] = (file[at] ?? 0) ^ 0x40;
            }
        }
        assert.deepEqual(joined(plan, damaged), content);
        damaged[(seed + plan.parity) % parts.length] = undefined;
        if (totalBytes > 0) assert.equal(joined(plan, damaged), undefined);
      },
    ),
    { numRuns: 40 },
  );
});

test("heads of parts are checked: damaged ones, and those of another package", () => {
  const plan = planParts(50_000, { mediaBytes: 20_000, redundancyPercent: 20 });
  assert.ok(plan);
  const head = { ...plan, ...REF, part: 1 };
  const written = writePartHead(head);
  assert.equal(written.length, PART_HEAD_BYTES);
  assert.deepEqual(readPartHead(written), head);
  const damaged = written.slice();
  damaged[20] = (damaged[20] ?? 0) ^ 1;
  assert.equal(readPartHead(damaged), undefined);
  assert.ok(isSamePackage(head, { ...head, part: 0 }));
  assert.ok(!isSamePackage(head, { ...head, id: ID.replace("a1", "a2") }));
  assert.equal(planParts(10_000_000, { mediaBytes: 2_000, redundancyPercent: 20 }), undefined);
});

const KEY = ed25519FromSeed(new Uint8Array(32).fill(4));
const LINK = { from: "qingyuan", to: "inner" };

function written(receipt: Receipt): string {
  return writeReceipt(receipt, suiteOfKey(KEY).sign({ key: KEY, message: receiptMessage(receipt, LINK) }));
}

test("a receipt on paper says what became of which package, and who says so", () => {
  for (const outcome of OUTCOMES) {
    const receipt: Receipt = { outcome, sequence: 4_000_000_000, id: ID, digest: new Uint8Array(16).fill(8) };
    const text = written(receipt);
    assert.ok(text.split("\n").length < 14, "fits a slip of paper");
    assert.deepEqual(readReceipt(text, { link: LINK, key: publicKeyOf(KEY) }), receipt);
    assert.equal(readReceipt(text, { link: { from: "inner", to: "qingyuan" }, key: publicKeyOf(KEY) }), "forged");
    const other = publicKeyOf(ed25519FromSeed(new Uint8Array(32).fill(5)));
    assert.equal(readReceipt(text, { link: LINK, key: other }), "forged");
  }
});

test("a mistyped line of a receipt is named", () => {
  const text = written({ outcome: "accepted", sequence: 1, id: ID, digest: new Uint8Array(16) });
  const lines = text.split("\n");
  const third = lines[3] ?? "";
  lines[3] = third.replace(/[0-9A-Z](?= )/, (character) => (character === "A" ? "B" : "A"));
  assert.deepEqual(readReceipt(lines.join("\n"), { link: LINK, key: publicKeyOf(KEY) }), { line: 3 });
  assert.equal(readReceipt("ZTF1\n", { link: LINK, key: publicKeyOf(KEY) }), "not-readable");
});
