/** Spans as the OpenTelemetry API asks for them: they know where they stand, and are handed on when they end. */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type AttributeValue,
  type Context,
  type ContextManager,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { randomBytes } from "#kernel/random";

/** A span that ended. */
export interface EndedSpan {
  readonly name: string;
  /** As the API counts them: 0 internal, 1 server, 2 client. */
  readonly kind: number;
  readonly context: SpanContext;
  readonly parentSpanId: string | undefined;
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** Follows what is under way through everything that is awaited. */
export class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    work: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => work.call(self, ...args));
  }

  bind<T>(_context: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}

/** Begins spans: a part of what is under way, or a trace of their own, of which one in so many is collected. */
export class SpanTracer implements Tracer {
  readonly #ratio: number;
  readonly #ended: (span: EndedSpan) => void;

  constructor(options: { readonly ratio: number; readonly ended: (span: EndedSpan) => void }) {
    this.#ratio = options.ratio;
    this.#ended = options.ended;
  }

  startSpan(name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span {
    const above = options.root === true ? undefined : trace.getSpanContext(parentContext);
    const parent = above !== undefined && isSpanContextValid(above) ? above : undefined;
    const spanContext: SpanContext = {
      traceId: parent?.traceId ?? newId(TRACE_ID_BYTES),
      spanId: newId(SPAN_ID_BYTES),
      traceFlags: parent?.traceFlags ?? (this.#isChosen() ? TraceFlags.SAMPLED : TraceFlags.NONE),
    };
    return new CollectedSpan({ name, options, context: spanContext, parent, ended: this.#ended });
  }

  /** For the whole trace, on all nodes: where it began decides. */
  #isChosen(): boolean {
    const [byte = 0, next = 0] = randomBytes(2);
    return byte * 256 + next < this.#ratio * 65_536;
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const work = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const around = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, around);
    return context.with(trace.setSpan(around, span), () => work(span)) as ReturnType<F>;
  }
}

function newId(bytes: number): string {
  return Buffer.from(randomBytes(bytes)).toString("hex");
}

class CollectedSpan implements Span {
  readonly #context: SpanContext;
  readonly #about: { readonly kind: number; readonly parentSpanId: string | undefined };
  readonly #ended: (span: EndedSpan) => void;
  readonly #attributes: Attributes;
  /** Read once; how long it takes is told by the monotonic clock. */
  readonly #startUnixNano = BigInt(Date.now()) * 1_000_000n;
  readonly #start = process.hrtime.bigint();
  #name: string;
  #status: SpanStatus = { code: SpanStatusCode.UNSET };
  #isOver = false;

  constructor(about: {
    readonly name: string;
    readonly options: SpanOptions;
    readonly context: SpanContext;
    readonly parent: SpanContext | undefined;
    readonly ended: (span: EndedSpan) => void;
  }) {
    this.#name = about.name;
    this.#context = about.context;
    this.#about = { kind: about.options.kind ?? 0, parentSpanId: about.parent?.spanId };
    this.#attributes = { ...about.options.attributes };
    this.#ended = about.ended;
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#attributes[key] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.#attributes, attributes);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.#status = status;
    return this;
  }

  updateName(name: string): this {
    this.#name = name;
    return this;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.isSampled()) return;
    this.#ended({
      ...{ name: this.#name, ...this.#about, context: this.#context },
      ...{ attributes: this.#attributes, status: this.#status, startUnixNano: this.#startUnixNano },
      endUnixNano: this.#startUnixNano + (process.hrtime.bigint() - this.#start),
    });
  }

  isSampled(): boolean {
    return (this.#context.traceFlags & TraceFlags.SAMPLED) !== 0;
  }

  isRecording(): boolean {
    return !this.#isOver && this.isSampled();
  }

  /** What an exception or an event says may be about somebody: neither is collected. */
  recordException(): void {}
  addEvent(): this {
    return this;
  }
  addLink(): this {
    return this;
  }
  addLinks(): this {
    return this;
  }
}
