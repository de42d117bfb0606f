import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { command, defineContract, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { defineSystem } from "#kernel/system/system";
import { text } from "#lib/language/text";
import { type JoinedNode, joinAll, joinedNode, settle } from "../harness/joined-nodes.ts";
import { answered, refused } from "../rooms/answers.ts";

/** Certificates that are revoked, suspended or struck while calls are under way; county calls, centre issued, city answers. */
const title = text("测试", "Test");
const desk = defineContract({
  ...{ id: "desk", version: "1.0", title, steward: title },
  registers: {
    paper: register({
      title,
      schema: z.object({ name: field(z.string().max(20), { title, lookup: "exact" }) }),
      ...{ subject: { kind: "none" }, legalBasis: [], retention: "permanent" },
    }),
  },
  operations: {
    take: command({
      ...{ title, audience: ["node"], legalBasis: [], refusals: {} },
      input: z.object({ name: z.string().max(20) }),
      output: z.object({ id: z.uuid() }),
    }),
    kept: query({
      ...{ title, audience: ["node"], legalBasis: [], refusals: {}, unfiltered: "arrangement" },
      input: z.object({ name: z.string().max(20) }),
      output: z.object({ count: z.int() }),
    }),
  },
});
const asking = defineContract({ ...{ id: "asking", version: "1.0", title, steward: title }, operations: {} });

let begun: PromiseWithResolvers<void> = Promise.withResolvers();
let released: Promise<void> = Promise.resolve();
const rooms = [
  defineSystem(desk, {
    operations: {
      async take(ctx, { name }) {
        begun.resolve();
        await released;
        return { id: await ctx.registers.paper.put({ name }) };
      },
      async kept(ctx, { name }) {
        return { count: (await ctx.registers.paper.find({ name }, { limit: 10 })).items.length };
      },
    },
  }),
  defineSystem(asking, { uses: { desk }, operations: {} }),
];

let centre: JoinedNode | undefined;
let city: JoinedNode | undefined;
let county: JoinedNode | undefined;
const all = () => [centre, city, county].filter((node) => node !== undefined);

before(async () => {
  county = await joinedNode(rooms);
  city = await joinedNode(rooms);
  centre = await joinedNode(rooms);
  await joinAll({ node: centre, hosts: [] }, [
    { node: city, code: "city", division: "990100", hosts: ["desk"] },
    { node: county, code: "county", division: "990101", hosts: ["asking"] },
  ]);
});
after(() => Promise.all(all().map((node) => node.close())));

const there = () => ({ centre, city, county }) as Record<"centre" | "city" | "county", JoinedNode>;
const take = (name: string, idempotencyKey = name) => {
  const { node } = there().county;
  return node.as(desk, { kind: "node", room: "asking" }, { purpose: "administration", idempotencyKey }).take({ name });
};
const papers = async (name: string) => {
  const own = there().city.node.as(desk, { kind: "node", room: "desk" }, { purpose: "administration" });
  return answered(await own.kept({ name })).count;
};
const serialOf = async (subjectId: string) => {
  const { items } = answered(await there().centre.trust.listCertificates({ subjectKind: "node", subjectId }));
  const [newest] = items.toSorted((one, other) => (one.notBefore < other.notBefore ? 1 : -1));
  return newest?.serial ?? "";
};
let seconds = 0;
const pass = (more: number) => {
  seconds += more;
  const at = Temporal.Instant.from("2026-11-18T02:00:00Z").add({ seconds }).toString();
  for (const node of all()) node.setNow(at);
};
const until = async (isSo: () => Promise<boolean>, what: string) => {
  for (let times = 0; times < 500; times++) {
    if (await isSo()) return;
    await sleep(20);
  }
  assert.fail(what);
};
const told = (node: JoinedNode, outcome: string) =>
  until(async () => (await node.refused()).some((one) => one.actor === "county" && one.outcome === outcome), outcome);

describe("a certificate that its issuer withdraws", () => {
  test("counts while it is in force, at nodes that did not issue it as well", async () => {
    answered(await take("first"));
    assert.equal(await papers("first"), 1);
    assert.equal(there().city.nodes.view()?.hostOf("desk", "990101"), "city");
  });

  test("suspended while a call is under way: that call is done once, the next is refused, and after it is lifted nothing is lost", async () => {
    const { centre, city } = there();
    const hold = Promise.withResolvers<void>();
    [begun, released] = [Promise.withResolvers(), hold.promise];
    const underWay = take("under way");
    await begun.promise;
    const serial = await serialOf("county");
    answered(await centre.trust.revokeCertificate({ serial, reason: "suspended", explanation: "电脑遗失，正在查找" }));
    // Another node's issuer is asked again within half a minute; here the clock is moved and it is asked at once.
    pass(30);
    await city.network.standing.ask();
    hold.resolve();
    // It settled there; its answer does not leave to whoever shows that certificate.
    assert.match(refused(await underWay, "unavailable").text.en, /may have been done, or not/);
    await until(async () => (await papers("under way")) === 1, "the call under way is done");
    refused(await take("afterwards"), "unavailable");
    assert.equal(await papers("afterwards"), 0);
    await told(city, "certificate-revoked");
    answered(await centre.trust.reinstateCertificate({ serial, explanation: "已找到" }));
    pass(30);
    await city.network.standing.ask();
    // Asked again under the same key, as messages are: the same outcome, once.
    answered(await take("under way"));
    assert.equal(await papers("under way"), 1);
    answered(await take("afterwards"));
  });

  test("revoked: its issuer refuses it at once by its own register, whoever else can ask within a minute, on connections that are open", async () => {
    const { centre, city, county } = there();
    answered(await take("before"));
    const serial = await serialOf("county");
    answered(await centre.trust.revokeCertificate({ serial, reason: "key-compromise", explanation: "私钥可能泄露" }));
    const fingerprint = county.nodes.view()?.node("county")?.certificates[0] ?? "";
    await until(async () => centre.network.standing.isWithdrawn(fingerprint), "the issuer's own processes hear of it");
    pass(30);
    await city.network.standing.ask();
    assert.ok(city.network.standing.isWithdrawn(fingerprint));
    refused(await take("too late"), "unavailable");
    assert.equal(await papers("too late"), 0);
    assert.equal(await papers("before"), 1);
    await settle(...all());
  });

  test("struck by two officials: no node takes it any more, its holder gets another by itself, and what it asked is done once", async () => {
    const { centre, city, county } = there();
    const certificate = county.nodes.view()?.node("county")?.certificates[0] ?? "";
    const wanted = { node: "county", certificate, reason: "私钥可能泄露" };
    const { id } = answered(await centre.first.proposeCertificateStrike(wanted));
    answered(await centre.second.decideDirectoryChange({ id, decision: "approve", reason: "同意" }));
    await centre.nodes.round();
    await city.nodes.round();
    refused(await take("struck"), "unavailable");
    await told(city, "certificate-ended");
    // The holder's next round asks for another; the next rounds of the others bring it.
    await settle(...all());
    await settle(...all());
    assert.ok(!county.nodes.view()?.node("county")?.certificates.includes(certificate));
    await until(async () => !("code" in (await take("struck"))), "under the new certificate");
    assert.equal(await papers("struck"), 1);
    assert.equal(await papers("too late"), 0);
    answered(await take("too late"));
    assert.equal(await papers("too late"), 1);
  });
});

describe("a key that two officials of its node call compromised", () => {
  test("of messages: what it signed is not taken any more, and calls go on under another", async () => {
    const { city, county } = there();
    const before = await county.place.keys.messageSigner();
    const lost = await county.loses("message");
    await until(async () => {
      await settle(...all());
      return (
        city.nodes
          .view()
          ?.node("county")
          ?.signingKeys.every(({ id }) => id !== before.id) ?? false
      );
    }, "the directory lists another");
    answered(await take("another key"));
    assert.equal(await papers("another key"), 1);
    assert.notEqual((await county.place.keys.messageSigner()).id, before.id);
    assert.equal(await county.stateOf(lost), "compromised");
  });

  test("of connections: nobody takes its certificate any more, and calls go on under another", async () => {
    const { city, county } = there();
    const certificate = county.nodes.view()?.node("county")?.certificates[0] ?? "";
    const lost = await county.loses("connection");
    await until(async () => {
      await settle(...all());
      return city.nodes.view()?.nodeOfCertificate(certificate) === undefined;
    }, "it is struck");
    await until(async () => !("code" in (await take("another certificate"))), "calls go on");
    assert.equal(await papers("another certificate"), 1);
    assert.equal(await county.stateOf(lost), "destroyed");
  });
});
