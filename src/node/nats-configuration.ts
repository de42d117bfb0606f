import { type Text, text } from "#lib/language/text";

const SCHEMES = new Set(["nats:", "tls:"]);
const MAX_SERVERS = 10;

export const NATS_VARIABLES: Readonly<Record<string, Text>> = {
  NATS_URL: text(
    "节点间事件经由的 NATS JetStream 服务器，nats:// 或 tls://，多台以逗号分隔；不设则经由节点间交换",
    "NATS JetStream server for events between nodes, nats:// or tls://, several with commas; without it they go over the exchange",
  ),
};

/** Through which NATS servers events between nodes go; undefined: through none. */
export function readNats(from: {
  readonly value: (variable: string) => string | undefined;
  readonly report: (variable: string, problem: Text) => undefined;
}): string | undefined {
  const written = from.value("NATS_URL");
  if (written === undefined) return undefined;
  const servers = written.split(",").map((server) => URL.parse(server.trim()));
  const isFit = servers.every((server) => server !== null && SCHEMES.has(server.protocol) && server.hostname !== "");
  if (isFit && servers.length <= MAX_SERVERS) return servers.map((server) => server?.href).join(",");
  return from.report("NATS_URL", text("应为 nats:// 或 tls:// 地址", "must be nats:// or tls:// addresses"));
}
