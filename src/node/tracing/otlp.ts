/** OTLP 1.x over HTTP, JSON (opentelemetry.io/docs/specs/otlp): spans to a collector, in batches, never at the price of the node's work. */
import { type Attributes, type AttributeValue, SpanStatusCode } from "@opentelemetry/api";
import type { EndedSpan } from "./spans.ts";

/** With more waiting than this, further spans are dropped and counted. */
export const SPANS_WAITING_MAX = 4_096;
const BATCH_SPANS = 512;
const SEND_EVERY_MS = 2_000;
const SEND_TIMEOUT_MS = 10_000;

export interface OtlpOptions {
  /** Without a slash at its end; `/v1/traces` is appended. */
  readonly endpoint: string;
  /** Of the process: name, version, node. */
  readonly resource: () => Attributes;
  /** Told once, until it works again. */
  readonly onFault: (error: unknown) => void;
}

export class OtlpExporter {
  readonly #options: OtlpOptions;
  readonly #waiting: EndedSpan[] = [];
  readonly #timer: NodeJS.Timeout;
  #sending: Promise<void> | undefined;
  #isFailing = false;
  /** Spans that no collector got. */
  dropped = 0;

  constructor(options: OtlpOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), SEND_EVERY_MS).unref();
  }

  add(span: EndedSpan): void {
    if (this.#waiting.length >= SPANS_WAITING_MAX) {
      this.dropped += 1;
      return;
    }
    this.#waiting.push(span);
    if (this.#waiting.length >= BATCH_SPANS) void this.flush();
  }

  /** Sends what waits; never throws. */
  async flush(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_SPANS);
      try {
        await this.#send(batch);
        this.#isFailing = false;
      } catch (error) {
        this.dropped += batch.length;
        if (!this.#isFailing) this.#options.onFault(error);
        this.#isFailing = true;
        return;
      }
    }
  }

  async #send(spans: readonly EndedSpan[]): Promise<void> {
    const response = await fetch(`${this.#options.endpoint}/v1/traces`, {
      method: "POST",
      redirect: "error",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(tracesJson(spans, this.#options.resource())),
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
    await response.body?.cancel().catch(() => undefined);
    if (!response.ok) throw new Error(`OTLP: HTTP ${response.status}`);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}

/** ExportTraceServiceRequest in the JSON encoding of Protobuf: ids in hexadecimal, 64-bit numbers as texts. */
export function tracesJson(spans: readonly EndedSpan[], resource: Attributes) {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesJson(resource) },
        scopeSpans: [{ scope: { name: "zhengtong" }, spans: spans.map(spanJson) }],
      },
    ],
  };
}

function spanJson(span: EndedSpan) {
  const { traceId, spanId, traceFlags } = span.context;
  return {
    ...{ traceId, spanId, flags: traceFlags, name: span.name },
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    // The API counts kinds from 0, the protocol from 1.
    kind: span.kind + 1,
    startTimeUnixNano: String(span.startUnixNano),
    endTimeUnixNano: String(span.endUnixNano),
    attributes: attributesJson(span.attributes),
    status: span.status.code === SpanStatusCode.UNSET ? {} : { code: span.status.code },
  };
}

function attributesJson(attributes: Attributes) {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueJson(value) }],
  );
}

function valueJson(value: AttributeValue) {
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return { stringValue: String(value) };
}
