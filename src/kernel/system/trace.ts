import {
  type Attributes,
  context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { Fault } from "../errors/fault.ts";

/**
 * Spans of the OpenTelemetry API. Where nobody collects them (`node/tracing`) a span costs next to nothing. Names and attributes are few
 * and fixed: rooms, operations, routes, jobs, nodes and kinds of documents, never ids of cases, names of people or what was entered.
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

/** W3C Trace Context, level 1, version 00. */
export const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Where in which trace this is done, as it is told to others; undefined where nobody collects traces. */
export function traceparent(): string | undefined {
  const here = trace.getSpanContext(context.active());
  if (here === undefined || !isSpanContextValid(here)) return undefined;
  return `00-${here.traceId}-${here.spanId}-${here.traceFlags.toString(16).padStart(2, "0")}`;
}

/** The trace that is under way: 32 hexadecimal digits. */
export function traceId(): string | undefined {
  return traceparent()?.slice(3, 35);
}

/** A place in a trace, as somebody told it; undefined where it says nothing. */
export function readTraceparent(told: string | null | undefined): SpanContext | undefined {
  if (told == null || !TRACEPARENT.test(told)) return undefined;
  const [, traceId = "", spanId = "", flags = "0"] = told.split("-");
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** Does work as a part of a trace that began elsewhere, or earlier: what was told is where it goes on. */
export function continuing<T>(told: string | null | undefined, work: () => T): T {
  const parent = readTraceparent(told);
  return parent === undefined ? work() : context.with(trace.setSpanContext(context.active(), parent), work);
}
