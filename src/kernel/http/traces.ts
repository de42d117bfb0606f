import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { startSpan } from "../system/trace.ts";

/** A span for each request, by route and method; what its handler does stands within it. */
export function mountTraces(server: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  server.addHook("onRequest", (request, _reply, done) => {
    // A proxy in front of us may have begun the trace.
    const parent = propagation.extract(context.active(), request.headers);
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
