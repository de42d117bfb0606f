import { readFileSync } from "node:fs";
import { join } from "node:path";
import { context, trace } from "@opentelemetry/api";
import type { Logger } from "pino";
import { ROOT } from "../program.ts";
import { OtlpExporter } from "./otlp.ts";
import { AsyncContexts, SpanTracer } from "./spans.ts";
import type { TracingConfiguration } from "./tracing-configuration.ts";

/**
 * Collects the spans of this process and sends them, where the operator said where to: there is one collector a process.
 * @param node the code of the node, once it belongs to a directory
 * @returns what sends the rest and ends it; undefined where nothing is configured, or something else collects already
 */
export function openTracing(
  configuration: TracingConfiguration | undefined,
  { log, node }: { readonly log: Logger; readonly node: () => string | undefined },
): (() => Promise<void>) | undefined {
  if (configuration === undefined) return undefined;
  const { endpoint, ratio } = configuration;
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
  const exporter = new OtlpExporter({
    endpoint,
    resource: () => ({
      "service.name": "zhengtong",
      "service.version": version,
      "service.instance.id": node() ?? "local",
    }),
    onFault: (error) => log.warn({ name: (error as Error).name, dropped: exporter.dropped }, "traces are not taken"),
  });
  const tracer = new SpanTracer({ ratio, ended: (span) => exporter.add(span) });
  const isOurs = trace.setGlobalTracerProvider({ getTracer: () => tracer });
  if (isOurs) context.setGlobalContextManager(new AsyncContexts());
  return async () => {
    if (isOurs) {
      trace.disable();
      context.disable();
    }
    await exporter.close();
  };
}
