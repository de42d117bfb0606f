import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { Fault } from "../errors/fault.ts";

/**
 * Spans of the OpenTelemetry API. Nothing leaves the node by itself: an operator who wants traces registers an SDK before the
 * node starts; until then a span costs next to nothing. Names and attributes are few and fixed: rooms, operations, routes, jobs
 * and kinds of documents, never ids, names or what was entered.
 */
const tracer = trace.getTracer("zhengtong");

export interface TracedWork {
  /** Of a closed set. */
  readonly name: string;
  readonly attributes?: Attributes;
  readonly kind?: SpanKind;
}

/** Does work within a span; what it throws marks the span as failed, by its code alone. */
export function traced<T>(span: TracedWork, work: (span: Span) => Promise<T>): Promise<T> {
  const { name, attributes = {}, kind = SpanKind.INTERNAL } = span;
  return tracer.startActiveSpan(name, { attributes, kind }, async (opened) => {
    try {
      return await work(opened);
    } catch (error) {
      markFailed(opened, error);
      throw error;
    } finally {
      opened.end();
    }
  });
}

/** A message may quote what was entered: the code of the fault says enough. */
export function markFailed(span: Span, error: unknown): void {
  const type = error instanceof Fault ? error.code : error instanceof Error ? error.name : "unknown";
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** For spans whose end comes in another callback. */
export function startSpan(
  { name, attributes = {}, kind = SpanKind.INTERNAL }: TracedWork,
  parent: Parameters<typeof tracer.startSpan>[2],
): Span {
  return tracer.startSpan(name, { attributes, kind }, parent);
}
