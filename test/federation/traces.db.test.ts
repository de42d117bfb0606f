import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SpanStatusCode } from "@opentelemetry/api";
import { isRefusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import { outgoingOf } from "#kernel/services/announce";
import { traced } from "#kernel/system/trace";
import { recordSpans } from "../harness/recorded-spans.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";

const spans = recordSpans();

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());

test("what a span is about comes from closed sets; a fault is told by its code", async () => {
  const work = traced({ name: "a step" }, () =>
    traced({ name: "inside" }, async () => {
      throw new Fault("ERR_SLOT_UNAVAILABLE", { message: "翠竹小吃店" });
    }),
  );
  await assert.rejects(work, { code: "ERR_SLOT_UNAVAILABLE" });
  const inside = spans.find(({ name }) => name === "inside");
  assert.equal(inside?.parent, "a step");
  assert.deepEqual(inside?.attributes, { "error.type": "ERR_SLOT_UNAVAILABLE" });
  assert.equal(inside?.status.code, SpanStatusCode.ERROR);
  assert.equal(inside?.status.message, undefined);
});

test("requests, acts, jobs and documents have spans, and none tells of a person", async () => {
  const { address, site } = county.node;
  assert.equal((await fetch(`${address}/services`)).status, 200);
  assert.equal(
    (await fetch(`${address}/cases/${site.kernel.newId()}?name=林晓竹`, { redirect: "manual" })).status,
    303,
  );
  const outcome = await county.submit(await county.draft());
  assert.ok(!isRefusal(outcome));
  const { caseId } = outcome;
  for (let tries = 0; tries < 1200; tries += 1) {
    const [sent] = await outgoingOf(site.kernel.database, caseId);
    if (sent?.status === "sent") break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const named = (name: string) => spans.filter((span) => span.name === name);
  const [request] = named("GET /services");
  assert.deepEqual(request?.attributes, {
    "http.request.method": "GET",
    "http.route": "/services",
    "http.response.status_code": 200,
  });
  const fact = spans.find(({ name }) => name === "legal-entities.findOrganizationForCase");
  assert.equal(fact?.attributes["zhengtong.outcome"], "answered");
  assert.ok(named("job deliver-notice").length > 0);
  const [document] = named("render document");
  assert.equal(document?.parent, "job deliver-notice");
  assert.equal(document?.attributes["zhengtong.document"], "notice/receipt");
  const everything = JSON.stringify(spans);
  for (const secret of [caseId, county.owner, county.shop, outcome.number, "林晓竹", "13900000000"]) {
    assert.ok(!everything.includes(secret), `${secret} is in a span`);
  }
});

test("what waits in the background is measured", async () => {
  const { address, site } = county.node;
  const metrics = await (await fetch(`${address}/metrics`)).text();
  for (const name of ["zhengtong_ledger_waiting_entries", "zhengtong_ledger_lag_seconds"]) {
    assert.match(metrics, new RegExp(`^${name} [0-9.]+$`, "m"));
  }
  for (const state of ["waiting", "running", "scheduled", "failed"]) {
    assert.match(metrics, new RegExp(`^zhengtong_jobs\\{state="${state}"\\} \\d+$`, "m"));
  }
  for (const header of ["x-forwarded-for", "forwarded", "via"]) {
    const outside = await fetch(`${address}/metrics`, { headers: { [header]: "203.0.113.7" } });
    assert.equal(outside.status, 404, "it is for who stands at the node, not for who comes through the proxy");
  }
  await site.kernel.ledger.stop();
  try {
    assert.ok(!isRefusal(await county.submit(await county.draft())));
    const waiting = await site.kernel.ledger.waiting();
    assert.ok(waiting.entries > 0 && waiting.oldestAt !== undefined);
    const later = await (await fetch(`${address}/metrics`)).text();
    assert.match(later, /^zhengtong_ledger_waiting_entries [1-9]\d*$/m);
  } finally {
    site.kernel.ledger.start();
  }
});
