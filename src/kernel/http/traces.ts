import { context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { readTraceparent, startSpan } from "../system/trace.ts";

/**
 * A span for each request, by route and method; what its handler does stands within it.
 * @param believed whether a proxy in front begins traces (`traceparent`): of anybody else it would be a stranger's word
 */
export function mountTraces(server: FastifyInstance, believed: boolean): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  server.addHook("onRequest", (request, _reply, done) => {
    const told = believed ? readTraceparent([request.headers["traceparent"]].flat()[0]) : undefined;
    const parent = told === undefined ? context.active() : trace.setSpanContext(context.active(), told);
    const route = request.routeOptions.url ?? "none";
    const attributes = { "http.request.method": request.method, "http.route": route };
    const span = startSpan({ name: `${request.method} ${route}`, attributes, kind: SpanKind.SERVER }, parent);
    spans.set(request, span);
    context.with(trace.setSpan(parent, span), done);
  });
  server.addHook("onResponse", async (request, reply) => {
    const span = spans.get(request);
    span?.setAttribute("http.response.status_code", reply.statusCode);
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  });
  server.addHook("onRequestAbort", async (request) => {
    spans.get(request)?.setAttribute("error.type", "aborted").end();
  });
}
