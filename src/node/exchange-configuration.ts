import { isIP } from "node:net";
import { isHostName } from "#lib/certificate/extensions";
import { type Text, text } from "#lib/language/text";
import { RECORD_YEARS_MAX, RECORD_YEARS_MIN } from "../infrastructure/exchange/retention.ts";

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
  ZHENGTONG_EXCHANGE_YEARS: text(
    `节点间交换的记录保存多少年，默认并且至少 ${RECORD_YEARS_MIN} 年；期满后按月清除，清除本身记入日志`,
    `How many years what was exchanged between nodes stays on record; default and least ${RECORD_YEARS_MIN}. Afterwards it is erased by whole months, and the ledger says so`,
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

/** How many years records of exchanges are kept; undefined where it does not say. */
export function readExchangeYears(from: {
  readonly value: (variable: string) => string | undefined;
  readonly report: (variable: string, problem: Text) => undefined;
}): number | undefined {
  const written = from.value("ZHENGTONG_EXCHANGE_YEARS");
  if (written === undefined) return undefined;
  const years = /^\d{1,3}$/.test(written) ? Number(written) : Number.NaN;
  if (years >= RECORD_YEARS_MIN && years <= RECORD_YEARS_MAX) return years;
  return from.report(
    "ZHENGTONG_EXCHANGE_YEARS",
    text(
      `应为 ${RECORD_YEARS_MIN} 到 ${RECORD_YEARS_MAX} 的整数：法律要求至少保存 ${RECORD_YEARS_MIN} 年`,
      `must be a number from ${RECORD_YEARS_MIN} to ${RECORD_YEARS_MAX}: the law asks for ${RECORD_YEARS_MIN} years at least`,
    ),
  );
}
