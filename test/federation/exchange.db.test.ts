import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { defineContract, query } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { isFault } from "#kernel/errors/fault";
import type { LedgerEntry } from "#kernel/ledger/entry";
import { deliverMessage } from "#kernel/system/messages";
import { defineSystem } from "#kernel/system/system";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { exchangeEvidence, joinedEvidence } from "../../src/infrastructure/exchange/evidence.ts";
import { eraseOldRecords } from "../../src/infrastructure/exchange/retention.ts";
import { type ExchangesWanted, searchExchanges } from "../../src/infrastructure/exchange/search.ts";
import { watchedExchange } from "../../src/infrastructure/exchange/watching.ts";
import { Country } from "../harness/exchange-nodes.ts";
import { births, clerk, people, peopleAndBirths, systems } from "../harness/exchange-rooms.ts";

let country: Country;
before(async () => {
  country = await peopleAndBirths();
});
after(() => country.close());

async function messages() {
  return country
    .node("county")
    .kernel.database.query<{ id: string; status: string }>("SELECT id, status FROM act.message ORDER BY created_at");
}

test("a query and a command cross, the caller's code unchanged; the person sees the look on both nodes", async () => {
  const [centre, county] = [country.node("centre"), country.node("county")];
  const mother = await centre.as(people, clerk).addPerson({ name: "母亲", number: "K1" });
  assert.ok(!isRefusal(mother));
  const born = await county.as(births, clerk).registerBirth({ mother: mother.id, child: "新生" });
  assert.deepEqual(born, { name: "母亲" }, JSON.stringify([centre.faults, county.faults].map(String)));
  const [message] = await messages();
  assert.ok(message);
  await deliverMessage(county.kernel, message.id, async () => undefined);
  await deliverMessage(county.kernel, message.id, async () => undefined);
  assert.deepEqual(
    (await messages()).map(({ status }) => status),
    ["done"],
  );
  const children = await centre.kernel.database.query("SELECT 1 FROM people.person WHERE data->>'name' = '新生'");
  assert.equal(children.length, 1);
  for (const node of [centre, county]) {
    const { records } = await node.kernel.ledger.bySubject({ kind: "person", id: mother.id }, {});
    const look = records.find(({ leaf }) => leaf.type === "exchange" && leaf.operation === "findPerson");
    assert.ok(look, node.code);
    assert.equal(look.content?.outcome, "answered");
  }
  assert.equal((await county.kernel.database.query("SELECT 1 FROM people.person")).length, 0);
});

test("whoever runs a node sees its routes and what went over them", () => {
  const watched = watchedExchange();
  assert.ok(watched);
  assert.ok(watched.view()?.node("centre"));
  const found = watched.traffic().find(({ room, operation }) => room === "people" && operation === "findPerson");
  assert.ok(found && found.calls >= 1 && found.failed === 0 && found.lately === found.calls);
  // When certificates end: its own, and that which the other has shown.
  const ends =
    watched
      .view()
      ?.nodes()
      .map((node) => watched.certificateEnd(node)) ?? [];
  assert.deepEqual(
    ends.map((endMs) => new Date(endMs ?? 0).getUTCFullYear()),
    [2056, 2056],
  );
});

test("answers do not wait for each other", async () => {
  const county = country.node("county");
  const started = performance.now();
  const order: string[] = [];
  const ping = (say: string, waitMs: number) =>
    county
      .as(people, { kind: "public" }, { purpose: "public-information" })
      .ping({ say, waitMs })
      .then((answer) => {
        assert.deepEqual(answer, { said: say });
        order.push(say);
      });
  await Promise.all([ping("slow", 700), ping("a", 0), ping("b", 0)]);
  assert.deepEqual(order.at(-1), "slow");
  assert.ok(performance.now() - started < 20_000);
});

test("many calls share frames, and each is on the record of both sides with its place", async () => {
  const county = country.node("county");
  const front = county.as(people, { kind: "public" }, { purpose: "public-information" });
  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => front.ping({ say: String(n) })));
  assert.ok(answers.every((answer, n) => !isRefusal(answer) && answer.said === String(n)));
  const places = async (code: string) =>
    country.node(code).kernel.database.query("SELECT act, frame, place FROM exchange.call ORDER BY act, frame, place");
  assert.deepEqual(await places("centre"), await places("county"));
  const frames = async (code: string, kind: string) =>
    country
      .node(code)
      .kernel.database.query("SELECT id, base, signature, leaves FROM exchange.frame WHERE kind = $1 ORDER BY id", [
        kind,
      ]);
  assert.deepEqual(await frames("county", "calls-out"), await frames("centre", "calls-in"));
  const answersIn = await frames("county", "answers-in");
  assert.deepEqual(answersIn, await frames("centre", "answers-out"));
  assert.ok(answersIn.length < 150, `${answersIn.length} frames of answers`);
});

test("the stand-alone verifier accepts both sides together off line, and finds whatever was changed", async () => {
  const [centre, county] = [country.node("centre"), country.node("county")];
  const id = county.kernel.newId();
  const known = await centre.as(people, clerk).addPerson({ name: "证据", number: "E1" });
  assert.ok(!isRefusal(known));
  const asked = await county.as(births, clerk, { id }).registerBirth({ mother: known.id, child: "证人" });
  const [refused] = await Promise.all([
    county.as(people, { ...clerk, post: { ...clerk.post, duties: [] } }, { id }).findPerson({ id: known.id }),
  ]);
  assert.ok(!isRefusal(asked) && isRefusal(refused) && refused.code === "denied");
  const added = await county
    .as(people, clerk, { id, idempotencyKey: "evidence" })
    .addPerson({ name: "命令", number: "E2" });
  assert.ok(!isRefusal(added));
  // Asked again, as after an answer that was lost: done once, and both sides tell the same of both times.
  const again = await county
    .as(people, clerk, { id, idempotencyKey: "evidence" })
    .addPerson({ name: "命令", number: "E2" });
  assert.deepEqual(again, added);
  const files = [];
  for (const { kernel } of [county, centre]) {
    await kernel.ledger.sequenceNow();
    const evidence = await exchangeEvidence(kernel, id);
    assert.ok(evidence);
    assert.equal(evidence.sides[0]?.calls.length, 4);
    assert.ok(evidence.sides[0].calls.every(({ answer }) => answer !== undefined));
    files.push(evidence);
  }
  const [one, other] = files;
  assert.ok(one && other);
  const both = joinedEvidence(one, other);
  const trust = {
    roots: [],
    atMs: Date.parse(county.kernel.now()),
    logKey: parseLogKey(county.kernel.ledger.verifierKey),
    peerLogKey: parseLogKey(centre.kernel.ledger.verifierKey),
    nodeKeys: [county, centre].map(({ code, identity }) => ({ node: code, spki: identity.signer.publicKey })),
  };
  const judge = (file: object, given = trust) => verifyFile(Buffer.from(JSON.stringify(file)), given);
  const report = await judge(both);
  assert.equal(report.verdict, "valid", JSON.stringify(report.findings));
  assert.equal((await judge(one)).verdict, "unanchored");
  const swapped = {
    ...trust,
    nodeKeys: trust.nodeKeys.map(({ spki }, at) => ({ node: at ? "county" : "centre", spki })),
  };
  assert.equal((await judge(both, swapped)).verdict, "invalid");
  const change = (from: string, to: string) => JSON.parse(JSON.stringify(both).replace(from, to)) as object;
  for (const changed of [
    change("messages=", "messages=1"),
    change('"outcome":"answered"', '"outcome":"denied"'),
    { ...both, sides: [both.sides[0], both.sides[0]] },
    { ...both, act: county.kernel.newId() },
    { ...both, sides: [both.sides[0], { ...both.sides[1], calls: both.sides[1]?.calls.slice(1) }] },
  ]) {
    const found = await judge(changed);
    assert.equal(found.verdict, "invalid", JSON.stringify(found.findings));
  }
});

test("a provider that answers something other than its contract promises is not passed on, and is on the record", async () => {
  const loose = defineContract({
    ...{ id: "people", version: "1.0", title: people.title, steward: people.steward },
    operations: {
      ping: query({
        ...{ title: people.title, audience: ["public"], legalBasis: [], input: people.operations.ping.input },
        output: z.object({ said: z.union([z.string(), z.number()]) }),
        refusals: { odd: people.title },
      }),
    },
  });
  const provider = defineSystem(loose, {
    operations: {
      async ping(ctx, { say }) {
        return say === "refuse" ? ctx.refuse("odd") : { said: 7 };
      },
    },
  });
  const two = await Country.open(
    { code: "centre", division: "000000", systems: [provider], hosts: ["people"] },
    { code: "county", division: "990101", systems, hosts: ["births"] },
  );
  try {
    const county = two.node("county");
    const front = county.as(people, { kind: "public" }, { purpose: "public-information" });
    for (const say of ["value", "refuse"]) {
      const answer = await front.ping({ say });
      assert.ok(isRefusal(answer) && answer.code === "unavailable");
    }
    assert.ok(county.faults.length === 2 && county.faults.every((fault) => isFault(fault, "ERR_EXCHANGE_PEER")));
    const { records } = await county.kernel.ledger.byActor({ kind: "public", id: "public" });
    assert.deepEqual(
      records.map(({ content }) => content?.outcome),
      ["broken", "broken"],
    );
  } finally {
    await two.close();
  }
});

test("nodes of the national suite sign and verify with SM2", async () => {
  const two = await peopleAndBirths({ suite: "national" });
  try {
    const front = two.node("county").as(people, { kind: "public" }, { purpose: "public-information" });
    assert.deepEqual(await front.ping({ say: "国密" }), { said: "国密" });
    const [frame] = await two.node("centre").kernel.database.query<{ base: Buffer }>("SELECT base FROM exchange.frame");
    assert.match(String(frame?.base), /sm3=:.*alg="zhengtong-sm2-sm3"/s);
  } finally {
    await two.close();
  }
});

test("whoever runs a node searches what was exchanged: by peer, contract, operation, outcome, time and identifier", async () => {
  const [centre, county] = [country.node("centre"), country.node("county")];
  const id = county.kernel.newId();
  const known = await centre.as(people, clerk).addPerson({ name: "查询", number: "S1" });
  assert.ok(!isRefusal(known));
  const nobody = { ...clerk, post: { ...clerk.post, duties: [] } };
  assert.ok(isRefusal(await county.as(people, nobody, { id }).findPerson({ id: known.id })));
  const added = await county
    .as(people, clerk, { id, idempotencyKey: "search" })
    .addPerson({ name: "命令", number: "S2" });
  assert.ok(!isRefusal(added));
  // What an edge refuses before it knows anybody, and what is entered of the exchange beside calls.
  const refusedAtEdge: LedgerEntry = {
    ...{
      type: "refused",
      at: centre.kernel.now(),
      room: "exchange",
      operation: "callService",
      actor: { kind: "node", id: "unknown" },
    },
    ...{ purpose: "none", legalBasis: [], subjects: [], outcome: "Server.ClientProxy.Busy" },
    origin: { node: "centre", client: "ZT/GOV/1/clinic" },
  };
  await centre.kernel.ledger.append(centre.kernel.database, [refusedAtEdge]);
  const found = async (node: typeof centre, wanted: ExchangesWanted) =>
    (await searchExchanges(node.kernel, wanted)).items.map(
      ({ direction, peer, room, operation, outcome }) => `${direction} ${peer} ${room}.${operation} ${outcome}`,
    );
  const command = (way: string) => `${way} people.addPerson done`;
  const denied = (way: string) => `${way} people.findPerson denied`;
  assert.deepEqual(await found(county, { id }), [command("out centre"), denied("out centre")]);
  // Acts that were done for another node, and refusals, as well as what the exchange itself entered.
  assert.deepEqual(await found(centre, { id }), [command("in county"), denied("in county")]);
  const newest = await found(centre, {});
  assert.deepEqual(newest.slice(0, 3), [
    "in ZT/GOV/1/clinic exchange.callService Server.ClientProxy.Busy",
    command("in county"),
    denied("in county"),
  ]);
  const [mine] = (await searchExchanges(centre.kernel, { id })).items;
  assert.ok(mine?.call);
  const frame = mine.call.slice(0, mine.call.indexOf("/"));
  assert.deepEqual(await found(centre, { id: frame }), [command("in county")]);
  assert.deepEqual(await found(centre, { peer: "ZT/GOV/1/clinic" }), newest.slice(0, 1));
  assert.deepEqual(
    await found(centre, { outcome: "denied", room: "people", operation: "findPerson", peer: "county" }).then(
      (all) => all[0],
    ),
    denied("in county"),
  );
  for (const wanted of [
    { peer: "elsewhere" },
    { room: "births" },
    { until: "2000-01-01T00:00:00Z" },
    { operation: "gone" },
  ]) {
    assert.deepEqual(await found(centre, wanted), [], JSON.stringify(wanted));
  }
  assert.equal(
    (await found(centre, { operation: "addPerson", from: "2000-01-01T00:00:00Z" }))[0],
    command("in county"),
  );
  // A long list goes on where it ended, and misses nothing.
  const pages: string[][] = [];
  for (let before: number | undefined, more = true; more; ) {
    const page: Awaited<ReturnType<typeof searchExchanges>> = await searchExchanges(county.kernel, { before });
    pages.push(page.items.map(({ entry }) => String(entry)));
    [before, more] = [page.next, page.next !== undefined];
  }
  const [rows] = await county.kernel.database.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM exchange.call",
  );
  assert.ok(pages.length > 1 && new Set(pages.flat()).size === pages.flat().length);
  assert.equal(pages.flat().length, rows?.count);
});

test("records of exchanges go by whole months when their years are over; what is left of the other side still proves, and says so", async () => {
  const [centre, county] = [country.node("centre"), country.node("county")];
  const { kernel } = centre;
  const id = county.kernel.newId();
  const front = county.as(people, { kind: "public" }, { id, purpose: "public-information" });
  assert.ok(!isRefusal(await front.ping({ say: "once" })));
  const rows = async () => {
    const [found] = await kernel.database.query<{ frames: number; calls: number; answered: number }>(
      `SELECT (SELECT count(*) FROM exchange.frame)::int AS frames, (SELECT count(*) FROM exchange.call)::int AS calls,
         (SELECT count(*) FROM exchange.answered)::int AS answered`,
    );
    return found;
  };
  const later = (years: number, months = 0) =>
    Temporal.Instant.from(kernel.now()).toZonedDateTimeISO("UTC").add({ years, months }).toInstant().toString();
  const before = await rows();
  assert.ok(before && before.frames > 0 && before.calls > 0 && before.answered > 0);
  // A shorter time than the law's is not had by asking.
  for (const [years, now] of [
    [3, kernel.now()],
    [1, later(2)],
    [3, later(3)],
    [10, later(9)],
  ] as const) {
    assert.equal(await eraseOldRecords(kernel, { years, now }), 0, now);
  }
  assert.deepEqual(await rows(), before);
  const warrants = async () =>
    (await kernel.ledger.byActor({ kind: "node", id: "exchange" })).records.map(({ content }) => content?.detail);
  assert.deepEqual(await warrants(), [], "where there was nothing to erase, nothing says that it was");
  const now = later(10, 1);
  const removed = await eraseOldRecords(kernel, { years: 10, now });
  assert.equal(removed, before.frames + before.calls + before.answered);
  assert.deepEqual(await rows(), { frames: 0, calls: 0, answered: 0 });
  assert.equal(await eraseOldRecords(kernel, { years: 10, now }), 0);
  const month = Temporal.Instant.from(kernel.now()).toZonedDateTimeISO("UTC").add({ months: 1 }).with({ day: 1 });
  const first = month.startOfDay().toInstant().toString();
  assert.deepEqual(await warrants(), [{ node: "centre", years: 10, before: first }]);
  // A month later there is nothing to erase, and the entry of before is still the one that says it.
  assert.equal(await eraseOldRecords(kernel, { years: 10, now: later(10, 2) }), 0);
  assert.equal((await warrants()).length, 1);
  for (const node of [centre, county]) await node.kernel.ledger.sequenceNow();
  const [whole, gone] = [await exchangeEvidence(county.kernel, id), await exchangeEvidence(kernel, id)];
  assert.ok(whole && gone);
  assert.equal(await exchangeEvidence(kernel, "0192f0c1-2345-4678-9abc-def012345678"), undefined);
  const report = await verifyFile(Buffer.from(JSON.stringify(joinedEvidence(whole, gone))), {
    ...{ roots: [], atMs: Date.parse(now), logKey: parseLogKey(county.kernel.ledger.verifierKey) },
    peerLogKey: parseLogKey(kernel.ledger.verifierKey),
    nodeKeys: [county, centre].map(({ code, identity }) => ({ node: code, spki: identity.signer.publicKey })),
  });
  const codes = report.findings.map(({ code }) => code);
  assert.ok(
    report.verdict === "unanchored" && codes.includes("records-erased") && codes.includes("frames"),
    String(codes),
  );
});
