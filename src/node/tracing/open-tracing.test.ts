import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { SpanKind } from "@opentelemetry/api";
import { pino } from "pino";
import { Fault } from "#kernel/errors/fault";
import { continuing, traced, traceparent } from "#kernel/system/trace";
import { readConfiguration } from "../configuration.ts";
import { openTracing } from "./open-tracing.ts";
import { OtlpExporter, SPANS_WAITING_MAX } from "./otlp.ts";
import { SpanTracer } from "./spans.ts";

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: object }[] };
    readonly scopeSpans: readonly { readonly spans: readonly Record<string, unknown>[] }[];
  }[];
}

async function collector(status = 200) {
  const got: { path: string; body: Sent }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      got.push({ path: request.url ?? "", body: JSON.parse(Buffer.concat(parts).toString("utf8")) as Sent });
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { got, endpoint, close: () => server.close().closeAllConnections() };
}

const log = pino({ level: "silent" });

test("spans go to the collector as OTLP JSON, with their place in the trace; a fault is told by its code", async () => {
  const { got, endpoint, close } = await collector();
  const end = openTracing({ endpoint, ratio: 1 }, { log, node: () => "qinghe" });
  assert.ok(end);
  const begun = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
  const inside = await continuing(begun, () =>
    traced({ name: "outer", attributes: { "http.response.status_code": 200 }, kind: SpanKind.SERVER }, () =>
      traced({ name: "inner" }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return traceparent();
      }),
    ),
  );
  assert.ok(inside?.startsWith(`00-${"ab".repeat(16)}-`));
  await assert.rejects(
    traced({ name: "failed" }, async () => {
      throw new Fault("ERR_CONFIGURATION", { message: "林晓竹" });
    }),
  );
  await end();
  close();
  assert.equal(traceparent(), undefined);
  assert.deepEqual(
    got.map(({ path }) => path),
    ["/v1/traces"],
  );
  const [sent] = got[0]?.body.resourceSpans ?? [];
  assert.deepEqual(sent?.resource.attributes.at(-1), { key: "service.instance.id", value: { stringValue: "qinghe" } });
  const [inner, outer, failed] = sent?.scopeSpans[0]?.spans ?? [];
  assert.deepEqual(
    [inner?.["name"], inner?.["traceId"], inner?.["parentSpanId"], inner?.["kind"]],
    ["inner", "ab".repeat(16), outer?.["spanId"], 1],
  );
  assert.deepEqual([outer?.["parentSpanId"], outer?.["kind"]], ["cd".repeat(8), 2]);
  assert.deepEqual(outer?.["attributes"], [{ key: "http.response.status_code", value: { intValue: "200" } }]);
  assert.ok(BigInt(outer?.["endTimeUnixNano"] as string) >= BigInt(outer?.["startTimeUnixNano"] as string));
  assert.deepEqual(failed?.["status"], { code: 2 });
  assert.notEqual(failed?.["traceId"], inner?.["traceId"]);
  assert.ok(!JSON.stringify(got).includes("林晓竹"));
});

test("a collector that is away costs a bounded number of spans, and is told once", async () => {
  const { endpoint, close } = await collector(503);
  const faults: unknown[] = [];
  const exporter = new OtlpExporter({ endpoint, resource: () => ({}), onFault: (error) => faults.push(error) });
  const tracer = new SpanTracer({ ratio: 1, ended: (span) => exporter.add(span) });
  const spans = 3 * SPANS_WAITING_MAX;
  for (let made = 0; made < spans; made += 1) tracer.startSpan("many").end();
  await exporter.close();
  await exporter.flush();
  assert.ok(exporter.dropped > spans - SPANS_WAITING_MAX);
  assert.equal(faults.length, 1);
  close();
});

test("of a trace that is not chosen nothing is collected, on any node", () => {
  const ended: unknown[] = [];
  const tracer = new SpanTracer({ ratio: 0, ended: (span) => ended.push(span) });
  const span = tracer.startSpan("not chosen");
  assert.equal(span.isRecording(), false);
  assert.equal(span.spanContext().traceFlags, 0);
  span.end();
  assert.equal(ended.length, 0);
});

test("where traces go is read from OpenTelemetry's own variables; a node of the intranet sends them nowhere else", () => {
  const read = (environment: Record<string, string>) => readConfiguration(environment, "/");
  assert.equal(read({}).tracing, undefined);
  assert.deepEqual(read({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://10.0.0.1:4318/" }).tracing, {
    endpoint: "http://10.0.0.1:4318",
    ratio: 1,
  });
  for (const wrong of [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "ftp://collector" },
    { OTEL_TRACES_SAMPLER_ARG: "2" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example", ZHENGTONG_ZONE: "intranet" },
  ]) {
    assert.throws(() => read(wrong), { code: "ERR_CONFIGURATION" }, JSON.stringify(wrong));
  }
});
