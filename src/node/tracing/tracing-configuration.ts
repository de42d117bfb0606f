import { type Text, text } from "#lib/language/text";

/** Where spans are sent, and of how many traces. */
export interface TracingConfiguration {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** From 0 to 1. */
  readonly ratio: number;
}

/** By the names that OpenTelemetry gave them. */
const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
const RATIO = "OTEL_TRACES_SAMPLER_ARG";

export const TRACING_VARIABLES: Readonly<Record<string, Text>> = {
  [ENDPOINT]: text(
    "调用链数据（OpenTelemetry，OTLP/HTTP JSON）的收集地址，如 http://127.0.0.1:4318；不设则不收集",
    "Where traces go (OpenTelemetry, OTLP over HTTP as JSON), such as http://127.0.0.1:4318; without it none are collected",
  ),
  [RATIO]: text(
    "收集其中多大比例的调用链，0 至 1，默认 1",
    "Of which part of all traces spans are collected, 0 to 1; default 1",
  ),
};

export function readTracing({
  value,
  report,
}: {
  readonly value: (variable: string) => string | undefined;
  readonly report: (variable: string, problem: Text) => undefined;
}): TracingConfiguration | undefined {
  const ratio = Number(value(RATIO) ?? 1);
  if (!(ratio >= 0 && ratio <= 1)) report(RATIO, text("应为 0 至 1 的数", "must be a number from 0 to 1"));
  const written = value(ENDPOINT);
  if (written === undefined) return undefined;
  const url = URL.parse(written);
  const isAddress = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "";
  if (!isAddress || url.hash !== "") {
    return report(
      ENDPOINT,
      text("应为 http 或 https 网址，不带账号和参数", "must be an http or https address without account or query"),
    );
  }
  return { endpoint: url.href.replace(/\/+$/, ""), ratio };
}
