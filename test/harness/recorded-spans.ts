import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";

/** What one span said, once it ended. */
export interface RecordedSpan {
  readonly name: string;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
  readonly parent: string | undefined;
  readonly traceId: string;
  /** Whether its parent was told by another node, or kept with a message, and not found around it. */
  readonly isRemote: boolean;
}

type Ended = Pick<RecordedSpan, "name" | "attributes" | "status">;

class AsyncContexts implements ContextManager {
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
    return this;
  }
}

class OpenSpan implements Span {
  readonly #context: SpanContext;
  readonly #attributes: Attributes;
  readonly #end: (span: Ended) => void;
  #name: string;
  #status: SpanStatus = { code: SpanStatusCode.UNSET };

  constructor(about: {
    name: string;
    context: SpanContext;
    attributes: Attributes;
    end: (span: Ended) => void;
  }) {
    this.#name = about.name;
    this.#context = about.context;
    this.#attributes = { ...about.attributes };
    this.#end = about.end;
  }
  spanContext(): SpanContext {
    return this.#context;
  }
  setAttribute(key: string, value: Attributes[string]): this {
    this.#attributes[key] = value;
    return this;
  }
  setAttributes(attributes: Attributes): this {
    Object.assign(this.#attributes, attributes);
    return this;
  }
  addEvent(): this {
    return this;
  }
  addLink(): this {
    return this;
  }
  addLinks(): this {
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
    this.#end({ name: this.#name, attributes: this.#attributes, status: this.#status });
  }
  isRecording(): boolean {
    return true;
  }
  recordException(): void {}
}

class RecordingTracer implements Tracer {
  readonly #spans: RecordedSpan[];
  readonly #names = new Map<string, string>();
  #made = 0;

  constructor(spans: RecordedSpan[]) {
    this.#spans = spans;
  }
  startSpan(name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span {
    this.#made += 1;
    const spanId = this.#made.toString(16).padStart(16, "0");
    this.#names.set(spanId, name);
    const above = trace.getSpanContext(parentContext);
    const parent = this.#names.get(above?.spanId ?? "");
    const traceId = above?.traceId ?? this.#made.toString(16).padStart(32, "0");
    const isRemote = above?.isRemote === true;
    return new OpenSpan({
      name,
      context: { traceId, spanId, traceFlags: TraceFlags.SAMPLED },
      attributes: options.attributes ?? {},
      end: (span) => this.#spans.push({ ...span, parent, traceId, isRemote }),
    });
  }
  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const work = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parent = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, parent);
    return context.with(trace.setSpan(parent, span), () => work(span)) as ReturnType<F>;
  }
}

/** Registers a provider that keeps every ended span in memory, in this process: the API's interface and nothing else. */
export function recordSpans(): RecordedSpan[] {
  const spans: RecordedSpan[] = [];
  const tracer = new RecordingTracer(spans);
  const provider: TracerProvider = { getTracer: () => tracer };
  context.setGlobalContextManager(new AsyncContexts());
  trace.setGlobalTracerProvider(provider);
  return spans;
}
