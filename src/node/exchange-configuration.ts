import { isIP } from "node:net";
import { isHostName } from "#lib/certificate/extensions";
import { type Text, text } from "#lib/language/text";

/** Where other nodes of the directory call. */
export interface ExchangeConfiguration {
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
}

const DEFAULT_HOST = "127.0.0.1";
const MAX_PORT = 65_535;

export const EXCHANGE_VARIABLES: Readonly<Record<string, Text>> = {
  ZHENGTONG_EXCHANGE_PORT: text(
    "节点间交换（双向 TLS）的监听端口；不设则其他节点不能调用本节点",
    "Port at which other nodes call (mutual TLS); without it none can call this one",
  ),
  ZHENGTONG_EXCHANGE_HOST: text(
    `节点间交换的监听地址，默认 ${DEFAULT_HOST}`,
    `Address to listen on for them; default ${DEFAULT_HOST}`,
  ),
};

/** What of the environment is about the exchange between nodes. */
export function readExchange(from: {
  readonly value: (variable: string) => string | undefined;
  readonly report: (variable: string, problem: Text) => undefined;
}): ExchangeConfiguration | undefined {
  const written = from.value("ZHENGTONG_EXCHANGE_PORT");
  const host = from.value("ZHENGTONG_EXCHANGE_HOST") ?? DEFAULT_HOST;
  if (isIP(host) === 0 && !isHostName(host)) {
    from.report("ZHENGTONG_EXCHANGE_HOST", text("不是地址或主机名", "is neither an address nor a host name"));
  }
  if (written === undefined) return undefined;
  const port = /^\d{1,5}$/.test(written) ? Number(written) : Number.NaN;
  if (!(port >= 0 && port <= MAX_PORT)) {
    return from.report("ZHENGTONG_EXCHANGE_PORT", text("应为 0 到 65535 的整数", "must be a number from 0 to 65535"));
  }
  return { host, port };
}
