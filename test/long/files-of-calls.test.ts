import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { command, defineContract, query } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { storedFile } from "#kernel/contract/stored-file";
import { deliverMessage } from "#kernel/system/messages";
import { defineSystem } from "#kernel/system/system";
import { sha256Hex } from "#lib/crypto/digest";
import { text } from "#lib/language/text";
import { Country } from "../harness/exchange-nodes.ts";
import { FaultProxy } from "../harness/fault-proxy.ts";
import { answered, refused } from "../rooms/answers.ts";

/** A desk that hands papers to an archive, and reads them there: the same code, whether the archive is here or at another node. */

const title = text("测试", "Test");
const plain = { title, legalBasis: [], refusals: {} } as const;
const file = storedFile({ title });
const Place = z.object({ number: z.int().min(1).max(1000) });

const archive = defineContract({
  id: "archive",
  version: "1.0",
  ...{ title, steward: title },
  operations: {
    keep: command({
      ...{ ...plain, audience: ["node"] },
      input: z.object({ paper: file, annexes: z.array(file).max(5) }),
      output: Place,
    }),
    give: query({
      ...{ ...plain, audience: ["node"] },
      input: Place,
      output: z.object({ paper: file.optional() }),
    }),
    measure: query({
      ...{ ...plain, audience: ["node"] },
      input: z.object({ paper: file }),
      output: z.object({ letters: z.int() }),
    }),
  },
});
const kept: { paper: z.output<typeof file>; annexes: string[] }[] = [];
const archiving = defineSystem(archive, {
  operations: {
    async keep(ctx, { paper, annexes }) {
      const read = await Promise.all(
        annexes.map(async ({ digest }) => Buffer.from(await ctx.files.read(digest)).toString()),
      );
      await ctx.files.read(paper.digest);
      kept.push({ paper, annexes: read });
      await ctx.nextNumber("paper");
      return { number: kept.length };
    },
    async give(_ctx, { number }) {
      const paper = kept[number - 1]?.paper;
      return paper === undefined ? {} : { paper };
    },
    async measure(ctx, { paper }) {
      return { letters: (await ctx.files.read(paper.digest)).length };
    },
  },
});

const desk = defineContract({
  id: "desk",
  version: "1.0",
  ...{ title, steward: title },
  operations: {
    hand: command({
      ...{ ...plain, audience: ["public"] },
      input: z.object({ words: z.string().max(200_000), annexes: z.array(z.string().max(100)).max(5) }),
      output: z.object({ letters: z.int(), message: z.string() }),
      refusals: { away: text("不在", "Away") },
    }),
    look: query({
      ...{ ...plain, audience: ["public"] },
      input: Place,
      output: z.object({ words: z.string() }),
      refusals: { away: text("不在", "Away") },
    }),
  },
});
const handing = defineSystem(desk, {
  uses: { archive },
  operations: {
    async hand(ctx, { words, annexes }) {
      const put = (said: string, name: string) => ctx.files.put(Buffer.from(said), { mediaType: "text/plain", name });
      const paper = await put(words, "正文.txt");
      const measured = await ctx.rooms.archive.measure({ paper });
      if (isRefusal(measured)) return ctx.refuse("away");
      const beside = await Promise.all(annexes.map((said) => put(said, "附件.txt")));
      const { messageId } = await ctx.rooms.archive.keep({ paper, annexes: beside });
      return { letters: measured.letters, message: messageId };
    },
    async look(ctx, { number }) {
      const given = await ctx.rooms.archive.give({ number });
      if (isRefusal(given)) return ctx.refuse("away");
      return { words: given.paper ? Buffer.from(await ctx.files.read(given.paper.digest)).toString() : "" };
    },
  },
});

const systems = [archiving, handing];
const words = "公".repeat(60_000);

for (const [where, keeper] of [
  ["at this node", "county"],
  ["at another node", "centre"],
] as const) {
  describe(`an operation takes and gives files where its room is ${where}`, () => {
    let country: Country;
    let wire: FaultProxy | undefined;
    before(async () => {
      country = await Country.open(
        { code: "centre", division: "000000", systems, hosts: keeper === "centre" ? ["archive"] : [] },
        { code: "county", division: "990101", systems, hosts: keeper === "county" ? ["archive", "desk"] : ["desk"] },
      );
      wire = await FaultProxy.open({ host: "127.0.0.1", port: country.node("county").port });
      const { port } = wire;
      country.change((entry) =>
        entry.code === "county" ? { ...entry, exchange: `https://127.0.0.1:${port}` } : entry,
      );
      kept.length = 0;
    });
    after(async () => {
      await country.close();
      await wire?.close();
    });
    const doors = (idempotencyKey?: string) =>
      country.node("county").as(desk, { kind: "public" }, { purpose: "public-information", idempotencyKey });

    test("what a command and a query are given, and what an answer gives", async () => {
      if (wire) wire.lossPerThousand = 20;
      const { letters, message } = answered(await doors("one").hand({ words, annexes: ["甲", "乙"] }));
      assert.equal(letters, Buffer.byteLength(words));
      const deliver = () => deliverMessage(country.node("county").kernel, message, async () => undefined);
      await deliver();
      await deliver();
      if (wire) wire.lossPerThousand = 0;
      assert.deepEqual(
        kept.map(({ paper, annexes }) => [paper.name, paper.bytes, annexes]),
        [["正文.txt", letters, ["甲", "乙"]]],
      );
      assert.equal(answered(await doors().look({ number: 1 })).words, words);
      assert.equal(answered(await doors().look({ number: 2 })).words, "", "and none where there is none");
    });

    test("what is marked as a state secret does not come over, whatever the sending node let in", async () => {
      if (keeper === "county") return; // here nothing comes over
      const { kernel } = country.node("county");
      const about = { mediaType: "text/plain", name: "附件.txt" };
      const { digest, bytes } = await kernel.files.put(Buffer.from("机密★10年"), about);
      const asking = country.node("county").as(archive, { kind: "node", room: "desk" }, { purpose: "administration" });
      refused(await asking.measure({ paper: { digest, bytes, ...about } }), "invalid-input");
      assert.equal(await country.node("centre").kernel.files.has(digest), false);
    });

    test("it is named by the act that took it, so that it is not swept", async () => {
      const { database } = country.node(keeper).kernel;
      const named = await database.query<{ room: string }>(
        "SELECT room FROM act.file WHERE digest = $1 ORDER BY room",
        [sha256Hex(Buffer.from(words))],
      );
      assert.deepEqual(
        named.map(({ room }) => room).filter((room) => room === "archive"),
        ["archive"],
      );
    });

    test("a digest alone is no file: what nobody has, or does not send, is not read", async () => {
      const { kernel } = country.node("centre");
      const elsewhere = await kernel.files.put(Buffer.from("不是他的"), { mediaType: "text/plain", name: "x" });
      const call = { room: "archive", operation: "measure", input: { paper: elsewhere } };
      const act = country.node("county").act({ kind: "node", room: "desk" }, { purpose: "case" });
      const outcome = (await country.node("county").kernel.perform(act, call)) as { code?: string };
      assert.equal(outcome.code, "unavailable");
    });
  });
}
