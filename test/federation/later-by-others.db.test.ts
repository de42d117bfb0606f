import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { events } from "#infrastructure/events";
import { command, defineContract, query } from "#kernel/contract/contract";
import { doorRefusal } from "#kernel/contract/door-refusals";
import { isRefusal } from "#kernel/contract/refusal";
import type { Act } from "#kernel/system/act";
import { askLater, DO_LATER, laterJobs, laterOutcome } from "#kernel/system/later";
import { defineSystem } from "#kernel/system/system";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { text } from "#lib/language/text";
import directorySystem from "../../src/infrastructure/directory/system.ts";
import { exchangeLinks, type NodeLinks } from "../../src/infrastructure/events/between-nodes.ts";
import { Distribution } from "../../src/infrastructure/events/distribution.ts";
import { openLetters } from "../../src/infrastructure/events/letters.ts";
import { PAYLOAD_LABEL } from "../../src/infrastructure/events/log.ts";
import eventsSystem from "../../src/infrastructure/events/system.ts";
import { openTransit, TRANSIT_ROOM } from "../../src/infrastructure/events/transit.ts";
import { writeLetter } from "../../src/infrastructure/exchange/letters/letter.ts";
import { letterJobs, letterRelay, READ_LETTER } from "../../src/infrastructure/exchange/letters/letters.ts";
import exchangeSystem from "../../src/infrastructure/exchange/system.ts";
import { letterBox } from "../../src/node/events.ts";
import { Country } from "../harness/exchange-nodes.ts";
import { answered } from "../rooms/event-node.ts";

const counters = defineContract({
  id: "counters",
  version: "1.0",
  title: text("计数", "Counters"),
  steward: text("测试", "Test"),
  operations: {
    add: command({
      title: text("加", "Add"),
      audience: ["public"],
      input: z.object({ name: z.string().max(40) }),
      output: z.object({ count: z.int() }),
      refusals: { no: text("否", "No") },
      legalBasis: [],
    }),
    look: query({
      title: text("看", "Look"),
      audience: ["public"],
      input: z.object({}),
      output: z.object({ said: z.string() }),
      refusals: {},
      legalBasis: [],
    }),
  },
});
const counting = defineSystem(counters, {
  operations: {
    add: async (ctx, { name }) => (name === "bad" ? ctx.refuse("no") : { count: await ctx.nextNumber(name) }),
    look: async () => ({ said: "昇" }),
  },
});

const CODES = ["centre", "province", "city", "county"] as const;
type Code = (typeof CODES)[number];
const ABOVE: Readonly<Record<string, string>> = { county: "city", city: "province", province: "centre" };
const DIVISIONS = { centre: "000000", province: "990000", city: "990100", county: "990101" };

let country: Country;
const distributions = new Map<string, Distribution>();
/** Nodes that nobody reaches just now. */
const cut = new Set<string>();
const away = async () => doorRefusal("events", "unavailable");

before(async () => {
  country = await Country.open(
    ...CODES.map((code) => ({
      ...{ code, division: DIVISIONS[code], said: { above: ABOVE[code] } },
      systems: [eventsSystem, exchangeSystem, directorySystem, counting],
      hosts: code === "centre" ? [counters] : [],
    })),
  );
  // The county's network leads to its city alone, and nobody but the city reaches the county.
  for (const code of CODES) {
    country.change((entry) => {
      const isNear = ABOVE[code] === entry.code || ABOVE[entry.code] === code || entry.code === code;
      return isNear ? entry : { ...entry, exchange: undefined };
    }, code);
  }
  for (const code of CODES) {
    const { kernel } = country.node(code);
    const over = exchangeLinks(kernel, (node) => country.view(code).node(node)?.above);
    assert.ok(over);
    const links: NodeLinks = { ...over, hand: (hop, handing) => (cut.has(hop) ? away() : over.hand(hop, handing)) };
    distributions.set(code, new Distribution({ kernel, links, onFault: (fault) => assert.ifError(fault) }));
    await openTransit(kernel.database, kernel.now());
    await openLetters(kernel.database, kernel.now());
  }
  const pairs = [
    ["city", "county"],
    ["province", "city"],
    ["province", "centre"],
    ["city", "province"],
  ] as const;
  for (const [at, from] of pairs) {
    const keeper = country.node(at).as(events, { kind: "node", room: "events" }, { purpose: "administration" });
    const may = { mayPublish: true, maySubscribe: false, mayManage: false };
    answered(await keeper.admit({ room: TRANSIT_ROOM, member: `node:${from}`, ...may }));
  }
});
after(() => country?.close());

const boxOf = (code: Code) => letterBox(country.node(code).kernel, () => country.view(code));

/** Does what waits on a node, as the job runner would; what fails is for the next time. */
async function work(code: Code): Promise<void> {
  const { kernel } = country.node(code);
  const jobs = { ...laterJobs(kernel, letterRelay(boxOf(code))), ...letterJobs(boxOf(code)) };
  const rows = await kernel.database.query<{ task: string; payload: object }>(
    `SELECT t.identifier AS task, j.payload FROM graphile_worker._private_jobs j
     JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = ANY ($1) ORDER BY j.id`,
    [[DO_LATER, READ_LETTER]],
  );
  for (const { task, payload } of rows) {
    await jobs[task]?.(payload as never, { number: 1, last: false }).catch(() => undefined);
  }
}

/** Everything goes as far up, and then down, as it can. */
async function travel(): Promise<void> {
  for (const code of [...CODES].reverse()) {
    await work(code);
    await distributions.get(code)?.settle();
  }
  for (const code of CODES) {
    await work(code);
    await distributions.get(code)?.settle();
  }
  await work("county");
}

function actOf(about: Partial<Act> = {}): Act {
  const { kernel } = country.node("county");
  return {
    ...{ id: kernel.newId(), principal: { kind: "public" }, purpose: "public-information", legalBasis: [] },
    ...{ zone: kernel.zone, language: "zh", at: kernel.now() },
    ...about,
  } as Act;
}

async function asked(operation: string, input: object, about: Partial<Act> = {}) {
  const { kernel } = country.node("county");
  const act = actOf(about);
  const token = await askLater(kernel, act, { room: "counters", operation, input });
  assert.ok(token);
  return { act, outcome: () => laterOutcome(kernel, act, token) };
}

async function entries(code: Code): Promise<readonly string[]> {
  const { kernel } = country.node(code);
  await kernel.ledger.sequenceNow();
  const rows = await kernel.database.query<{ state: string; kind: string; way: string; peer: string }>(
    "SELECT kind, way, peer, state FROM exchange.letter ORDER BY at, kind DESC",
  );
  return rows.map(({ kind, way, peer, state }) => `${kind} ${way} ${peer} ${state}`);
}

test("a county without a way to the centre asks by city and province, and is answered the same way; those between read nothing", async () => {
  const [command, looked] = [await asked("add", { name: "堃" }, { idempotencyKey: "k1" }), await asked("look", {})];
  await travel();
  assert.deepEqual(await command.outcome(), { state: "answered", outcome: { count: 1 } });
  assert.deepEqual(await looked.outcome(), { state: "answered", outcome: { said: "昇" } });
  for (const code of ["city", "province"] as const) {
    const { database, vault } = country.node(code).kernel;
    const rows = await database.query<{ id: string; payload: Buffer }>("SELECT id, payload FROM events.event");
    assert.equal(rows.length, 4, `two calls and two answers passed ${code}`);
    const passed = rows.map(({ id, payload }) => fromUtf8(vault.open(PAYLOAD_LABEL, payload, id)));
    assert.ok(passed.every((parcel) => parcel.includes('"kind"') && !/堃|昇|counters|"name"/.test(parcel)));
    assert.equal((await database.query("SELECT 1 FROM exchange.letter")).length, 0);
  }
  const both = (lines: readonly string[]) => [...lines].sort();
  assert.deepEqual(both(await entries("county")), [
    ...["answer in centre done", "answer in centre done", "call out centre sent", "call out centre sent"],
  ]);
  assert.deepEqual(both(await entries("centre")), [
    ...["answer out county sent", "answer out county sent", "call in county done", "call in county done"],
  ]);
});

test("a refusal comes back as one", async () => {
  const refused = await asked("add", { name: "bad" }, { idempotencyKey: "k-bad" });
  await travel();
  const answer = await refused.outcome();
  assert.ok(answer?.state === "answered" && isRefusal(answer.outcome) && answer.outcome.code === "no");
});

test("whatever hop is down for days, it waits there, and is done once when all are back", async () => {
  const waiting = await asked("add", { name: "days" }, { idempotencyKey: "k2" });
  let day = 19;
  for (const down of ["centre", "province", "city"]) {
    cut.add(down);
    await travel();
    await travel();
    assert.deepEqual(await waiting.outcome(), { state: "waiting" });
    cut.delete(down);
    for (const code of CODES) country.node(code).setNow(`2026-11-${day}T02:00:00.000Z`);
    day += 2;
    if (down !== "city") cut.add("city");
  }
  cut.clear();
  await travel();
  assert.deepEqual(await waiting.outcome(), { state: "answered", outcome: { count: 1 } });
  const again = await asked("add", { name: "days" }, { idempotencyKey: "k2" });
  await travel();
  assert.deepEqual(await again.outcome(), { state: "answered", outcome: { count: 1 } }, "its key is the same");
});

test("a node that ends between doing it and answering does it once", async () => {
  const one = await asked("add", { name: "ended" }, { idempotencyKey: "k4" });
  for (const code of [...CODES].reverse()) {
    if (code !== "centre") await work(code);
    await distributions.get(code)?.settle();
  }
  const { kernel } = country.node("centre");
  const ended = { ...boxOf("centre"), post: () => Promise.reject(new Error("it ended")) };
  const [row] = await kernel.database.query<{ id: string }>("SELECT id FROM exchange.letter WHERE state = 'waiting'");
  const came = { id: row?.id, kind: "call", from: "county" };
  await assert.rejects(async () => letterJobs(ended)[READ_LETTER]?.(came as never, { number: 1, last: false }));
  await travel();
  assert.deepEqual(await one.outcome(), { state: "answered", outcome: { count: 1 } });
});

test("a node that has an address is tried before a letter goes to it", async () => {
  const { kernel } = country.node("province");
  const call = { room: "counters", operation: "look", input: {} };
  const letters = async (attempt: number) => {
    const id = "01a2250f-ed43-7b59-be24-16e1942484c2";
    await letterRelay(boxOf("province")).send({
      ...{ id, node: "centre", act: actOf(), call, attempt },
      askedAt: kernel.now(),
    });
    return (await kernel.database.query("SELECT 1 FROM exchange.letter WHERE id = $1", [id])).length;
  };
  assert.deepEqual([await letters(1), await letters(3), await letters(4)], [0, 1, 1]);
});

test("what another wrote, or changed, or what is for another, is not taken; what is too late is not done", async () => {
  const centre = country.node("centre");
  const take = (data: object) =>
    centre.kernel.perform(
      actOf({
        principal: { kind: "node", room: "events" },
        purpose: "administration",
        idempotencyKey: centre.kernel.newId(),
      }),
      { room: "exchange", operation: "takeLetter", input: { id: centre.kernel.newId(), data } },
    );
  const proofs = (code: Code) => {
    const found = country.node(code).kernel.elsewhere?.proofs;
    assert.ok(found);
    return found;
  };
  const until = "2030-01-01T00:00:00.000Z";
  const about = { kind: "call", id: centre.kernel.newId(), to: "centre", until, body: utf8("x") } as const;
  const letter = await writeLetter(proofs("county"), about);
  assert.ok(letter);
  const codeOf = async (data: object) => {
    const outcome = await take(data);
    return isRefusal(outcome) ? outcome.code : "taken";
  };
  assert.equal(await codeOf({ ...letter, from: "city" }), "not-genuine");
  assert.equal(await codeOf({ ...letter, until: "2031-01-01T00:00:00.000Z" }), "not-genuine");
  assert.equal(await codeOf({ ...letter, digest: "0".repeat(64) }), "not-genuine");
  assert.equal(await codeOf((await writeLetter(proofs("county"), { ...about, to: "city" })) ?? {}), "not-genuine");
  const other = await writeLetter(proofs("county"), { ...about, body: utf8("y") });
  assert.equal(await codeOf({ ...letter, sealed: other?.sealed ?? "" }), "taken", "who changed it cannot sign it anew");
  await work("centre");
  const [row] = await centre.kernel.database.query("SELECT state FROM exchange.letter WHERE id = $1", [letter.id]);
  assert.deepEqual(row, { state: "unreadable" });
  cut.add("centre");
  const late = await asked("add", { name: "late" }, { idempotencyKey: "k3" });
  await travel();
  cut.delete("centre");
  for (const code of CODES) country.node(code).setNow("2027-01-01T02:00:00.000Z");
  await travel();
  assert.deepEqual(await late.outcome(), { state: "waiting" });
  const done = await centre.kernel.database.query("SELECT 1 FROM act.sequence WHERE name = 'late'");
  assert.equal(done.length, 0);
});
