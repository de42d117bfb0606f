import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { z } from "zod";
import { defineContract, query } from "#kernel/contract/contract";
import { defineSystem } from "#kernel/system/system";
import { signFrame } from "../../src/infrastructure/exchange/frames/frame.ts";
import { callLine } from "../../src/infrastructure/exchange/frames/messages.ts";
import {
  FRAME_MAX_MESSAGES,
  PEER_HELD_MAX_BYTES,
  PEER_WAITING_MAX,
  PERFORMING_OF_CLIENT_MAX,
  PERFORMING_OF_PEER_MAX,
} from "../../src/infrastructure/exchange/limits.ts";
import { text } from "../../src/lib/language/text.ts";
import { Country } from "../harness/exchange-nodes.ts";

/** A peer that asks for much and does not come for its answers. */
const title = text("测试", "Test");
const MEGABYTE = 1_000_000;
const rooms = defineContract({
  ...{ id: "big", version: "1.0", title, steward: title },
  operations: {
    give: query({
      ...{ title, audience: ["public"], legalBasis: [], refusals: {} },
      input: z.object({
        bytes: z.int().max(2 * MEGABYTE),
        holds: z.boolean(),
        rest: z.string().max(MEGABYTE).optional(),
      }),
      output: z.object({ given: z.string().max(2 * MEGABYTE) }),
    }),
  },
});
/** Two rooms that ask it: of the exchange, clients of one node. */
const askers = ["noisy", "quiet"].map((id) =>
  defineSystem(defineContract({ id, version: "1.0", title, steward: title }), { uses: { big: rooms } }),
);

let country: Country;
const held: (() => void)[] = [];
before(async () => {
  const system = defineSystem(rooms, {
    operations: {
      async give(_ctx, { bytes, holds }) {
        if (holds) await new Promise<void>((resolve) => held.push(resolve));
        return { given: "x".repeat(bytes) };
      },
    },
  });
  country = await Country.open(
    { code: "centre", division: "000000", systems: [system, ...askers], hosts: ["big"] },
    { code: "county", division: "990101", systems: [system, ...askers], hosts: ["noisy", "quiet"] },
  );
});
after(() => {
  for (const release of held) release();
  return country.close();
});

test("a room whose calls all stay leaves room for another one of its node", async () => {
  const { kernel, act } = country.node("county");
  const ask = (via: string, input: object) =>
    kernel.perform(
      { ...act({ kind: "public" }, { purpose: "public-information" }), via },
      { room: "big", operation: "give", input },
    );
  const stay = Array.from({ length: 2 * PERFORMING_OF_PEER_MAX }, () => ask("noisy", { bytes: 1, holds: true }));
  while (held.length < PERFORMING_OF_CLIENT_MAX) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(await ask("quiet", { bytes: 3, holds: false }), { given: "xxx" });
  assert.equal(held.length, PERFORMING_OF_CLIENT_MAX);
  let isOver = false;
  const all = Promise.all(stay).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const release of held.splice(0)) release();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.deepEqual(new Set((await all).map((answer) => JSON.stringify(answer))), new Set(['{"given":"x"}']));
});

/** Sends a frame of so many equal calls. @returns the word by which it is refused */
async function send(link: string, calls: number, input: object): Promise<string | undefined> {
  const { kernel, identity, act } = country.node("county");
  const { signer, tls } = identity;
  const frame = await signFrame(
    {
      ...{ kind: "calls", id: kernel.newId(), from: "county", to: "centre" },
      lines: Array.from({ length: calls }, () =>
        callLine({
          act: act({ kind: "public" }, { purpose: "public-information" }),
          ...{ call: { room: "big", operation: "give", input }, major: 1, withinMs: 600_000 },
        }),
      ),
      nowSeconds: Math.floor(Date.parse(kernel.now()) / 1000),
    },
    { keyId: signer.id, publicKey: signer.publicKey, algorithm: "ed25519", sign: signer.sign },
  );
  return new Promise((resolve, reject) => {
    const sent = request(
      `https://127.0.0.1:${country.node("centre").port}/exchange/frames`,
      {
        ...{ method: "POST", ...tls, rejectUnauthorized: false, agent: false },
        headers: { ...frame.fields, "zhengtong-link": link },
      },
      async (response) => {
        let answer = "";
        for await (const part of response) answer += String(part);
        resolve(/"problem":"([a-z-]+)"/.exec(answer)?.[1]);
      },
    );
    sent.on("error", reject);
    sent.end(frame.body);
  });
}

const refusedOf = (reason: string) => country.node("centre").exchange.state.refused[`county ${reason}`] ?? 0;

test("answers that nobody comes for are held up to a bound in bytes: beyond it a call fails, and nothing more is kept", async () => {
  const link = country.node("county").kernel.newId();
  const most = Math.ceil(PEER_HELD_MAX_BYTES / MEGABYTE) + 1;
  for (let call = 0; call < most; call++) {
    assert.equal(await send(link, 1, { bytes: MEGABYTE, holds: false }), undefined);
  }
  for (let tries = 0; tries < 400 && refusedOf("unfetched") === 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.ok(refusedOf("unfetched") > 0);
  // Whoever comes for them makes room again.
  const { tls } = country.node("county").identity;
  await new Promise<void>((resolve, reject) => {
    const asked = request(
      `https://127.0.0.1:${country.node("centre").port}/exchange/answers`,
      { ...tls, rejectUnauthorized: false, agent: false, headers: { "zhengtong-link": link } },
      (response) => {
        let got = 0;
        response.on("data", (part: Buffer) => {
          got += part.length;
          if (got < (most - 2) * MEGABYTE) return;
          asked.destroy();
          resolve();
        });
      },
    );
    asked.on("error", reject);
    asked.end();
  });
});

test("calls that wait are held up to a bound in bytes: a frame beyond it is told to come back", async () => {
  const link = country.node("county").kernel.newId();
  const rest = "x".repeat(900_000);
  let word: string | undefined;
  const most = Math.ceil(PEER_HELD_MAX_BYTES / (4 * rest.length));
  for (let frame = 0; frame < most && word === undefined; frame++) {
    word = await send(link, 4, { bytes: 0, holds: true, rest });
  }
  assert.ok(4 * most < PEER_WAITING_MAX && 4 < FRAME_MAX_MESSAGES);
  assert.equal(word, "busy");
});
