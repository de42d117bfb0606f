import { isIP } from "node:net";
import { isAbsolute, resolve } from "node:path";
import { Fault } from "#kernel/errors/fault";
import type { Zone } from "#kernel/system/act";
import type { Witness } from "#kernel/witnessing/witnessing";
import { readSuiteChoice, type SuiteChoice } from "#lib/crypto/purposes";
import { type Text, text } from "#lib/language/text";
import { CHALLENGE_PORT } from "../infrastructure/trust/acme/http-challenge.ts";
import { EDGE_VARIABLES, type EdgeConfiguration, readEdge } from "./edge-configuration.ts";
import {
  EXCHANGE_VARIABLES,
  type ExchangeConfiguration,
  readExchange,
  readExchangeYears,
} from "./exchange-configuration.ts";
import { NATS_VARIABLES, readNats } from "./nats-configuration.ts";
import "./faults.ts";
import { readSecret, type SecretPlace } from "./secrets.ts";
import { readTracing, TRACING_VARIABLES, type TracingConfiguration } from "./tracing/tracing-configuration.ts";
import { readWitnesses } from "./witness/witness-client.ts";
import { ZONES } from "./zone.ts";
import { isLoopback, isPrivateHost } from "./zone-reach.ts";

/** How a node is set up, from the environment alone; see `VARIABLES`. */
export interface Configuration {
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
  /** An absolute path. */
  readonly dataFolder: string;
  /** Under which people reach the node, without a slash at its end; undefined: http://host:port. */
  readonly publicUrl: string | undefined;
  /** Whose X-Forwarded-* headers are believed: a number of hops, or addresses and networks; `false`: nobody's. */
  readonly trustProxy: false | number | readonly string[];
  /** undefined: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** From which level on the application log is written; it holds no personal data. */
  readonly logLevel: LogLevel;
  /** Where names prove themselves that ask for certificates. */
  readonly acmePort?: number;
  /** Where another authority stamps times. */
  readonly timestampUrl?: string;
  /** File with the settings of the seal service that is plugged in. */
  readonly sealService?: string;
  /** Who vouches for this node's log. */
  readonly witnesses?: readonly Witness[];
  /** Where the passphrase is that opens the keys. */
  readonly keysPassphrase?: SecretPlace;
  /** File with the settings of the identity platform that is plugged in. */
  readonly upstream?: string;
  /** The PKCS #11 token that holds the keys. */
  readonly keysToken?: { readonly module: string; readonly label: string };
  /** Which suites of algorithms the node is to use; settled at its first start. */
  readonly suites?: SuiteChoice;
  /** In which zone it lives; settled at its first start. */
  readonly zone?: Zone;
  /** Where systems that are not ours call; absent: nowhere. */
  readonly edge?: EdgeConfiguration;
  readonly exchange?: ExchangeConfiguration;
  /** How many years what was exchanged is kept; absent: as long as the law asks for at least. */
  readonly exchangeYears?: number;
  /** Through which NATS servers events between nodes go; absent: over the exchange. */
  readonly natsUrl?: string;
  /** Where the node connects to by itself: which variable says so, and where. */
  readonly reaches?: readonly (readonly [string, string])[];
  /** Where spans are sent; absent: none are collected. */
  readonly tracing?: TracingConfiguration;
  /** Which X-Road instance this government is. */
  readonly instance?: string;
}

export const LOG_LEVELS = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DEFAULT_PORT = 8080;
export const DEFAULT_HOST = "127.0.0.1";
export const DEFAULT_DATA_FOLDER = ".zhengtong";
const MAX_PORT = 65_535;
const MAX_PROXY_HOPS = 9;
const MAX_VALUE_CHARACTERS = 4_096;

/** The name of the passphrase among the credentials that systemd passes on (LoadCredential=). */
const KEYS_CREDENTIAL = "zhengtong-keys-passphrase";

/** Every variable that a node reads, for `zhengtong help` and the reference. */
export const VARIABLES: Readonly<Record<string, Text>> = {
  ZHENGTONG_PORT: text(`监听端口，默认 ${DEFAULT_PORT}`, `Port to listen on; default ${DEFAULT_PORT}`),
  ZHENGTONG_HOST: text(`监听地址，默认 ${DEFAULT_HOST}`, `Address to listen on; default ${DEFAULT_HOST}`),
  ZHENGTONG_DATA: text(`数据目录，默认 ${DEFAULT_DATA_FOLDER}/`, `Data folder; default ${DEFAULT_DATA_FOLDER}/`),
  ZHENGTONG_PUBLIC_URL: text("公众访问的网址（https）", "The address under which people reach the node (https)"),
  ZHENGTONG_TRUST_PROXY: text(
    "可信反向代理：跳数（1–9）或逗号分隔的地址、网段",
    "Trusted reverse proxies: a number of hops (1–9), or addresses and networks separated by commas",
  ),
  ZHENGTONG_LOG_LEVEL: text("日志级别，默认 warn", "Level of the log; default warn"),
  ZHENGTONG_WITNESSES: text(
    "存证日志的见证者：公钥@网址，逗号分隔",
    "Witnesses of the log: KEY@URL, separated by commas",
  ),
  ZHENGTONG_TIMESTAMP_URL: text(
    "外部时间戳服务的网址（RFC 3161）；不设则由本节点加盖时间戳",
    "Where an outside service stamps times (RFC 3161); without it this node stamps by itself",
  ),
  ZHENGTONG_SEAL_SERVICE: text(
    "外部印章服务的设置文件（CSC API v2，docs/guides/seal-service.md）；其中列出的印章由该服务签名",
    "File with the settings of an outside seal service (CSC API v2, docs/guides/seal-service.md), which signs for the seals in it",
  ),
  ZHENGTONG_KEYS_PASSPHRASE_FILE: text(
    `打开密钥的口令所在的文件或描述符编号（3–9）；不设则用 systemd 凭据 ${KEYS_CREDENTIAL}（如有）`,
    `File, or number of a descriptor (3–9), with the passphrase that opens the keys; without it the systemd credential ${KEYS_CREDENTIAL}, if there is one`,
  ),
  ZHENGTONG_KEYS_TOKEN: text(
    "保存密钥的密码设备：PKCS #11 模块的路径#设备标签，首次启动时选定；口令即设备的 PIN",
    "PKCS #11 token that holds the keys: path of the module#label of the token, chosen at the first start; the passphrase is its PIN",
  ),
  ZHENGTONG_SUITES: text(
    "密码套件，首次启动时确定：national 或 international，可逐项例外，如 national,certificate=international；默认演示节点 international，其余 national",
    "Cryptographic suites, settled at the first start: national or international, with exceptions such as national,certificate=international; default international in a demonstration, national otherwise",
  ),
  ZHENGTONG_ZONE: text(
    "所在区域，首次启动时确定：intranet（政务内网）、extranet（政务外网，默认）或 internet（互联网区）",
    "The zone in which the node lives, settled at its first start: intranet, extranet (default) or internet",
  ),
  ZHENGTONG_UPSTREAM: text(
    "上级身份平台（OpenID Connect）的设置文件",
    "File with the settings of the identity platform (OpenID Connect) through which people may sign in",
  ),
  ZHENGTONG_ACME_PORT: text(
    `向节点自动签发证书（ACME）时，到申请的域名的哪个端口验证，默认 ${CHALLENGE_PORT}`,
    `Port at which a name proves itself to get a certificate (ACME); default ${CHALLENGE_PORT}`,
  ),
  ...EXCHANGE_VARIABLES,
  ...NATS_VARIABLES,
  ...EDGE_VARIABLES,
  ...TRACING_VARIABLES,
  DATABASE_URL: text(
    "PostgreSQL 18 或更高版本的地址；不设则使用内置数据库",
    "A PostgreSQL of version 18 or newer; without it the embedded one is used",
  ),
};

/** What is wrong with one variable. */
export interface ConfigurationProblem {
  readonly variable: string;
  readonly problem: Text;
}

/** All that is wrong, together. */
export class ConfigurationFault extends Fault {
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[]) {
    super("ERR_CONFIGURATION", {
      message: problems.map(({ variable, problem }) => `${variable}: ${problem.zh} / ${problem.en}`).join("; "),
    });
    this.name = "ConfigurationFault";
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;
type Report = (variable: string, problem: Text) => undefined;

/**
 * Reads the configuration. A variable that is empty counts as not set.
 * @param folder against which a relative data folder is resolved
 * @throws ConfigurationFault with every problem there is
 */
export function readConfiguration(environment: Environment, folder: string): Configuration {
  const problems: ConfigurationProblem[] = [];
  const report: Report = (variable, problem) => {
    problems.push({ variable, problem });
  };
  const value = (variable: string) => {
    const raw = environment[variable]?.trim();
    if (raw === undefined || raw === "") return undefined;
    if (raw.length <= MAX_VALUE_CHARACTERS && !/\p{Cc}/u.test(raw)) return raw;
    return report(variable, text("过长或含控制字符", "is too long or holds control characters"));
  };
  for (const variable of Object.keys(environment)) {
    if (variable.startsWith("ZHENGTONG_") && !(variable in VARIABLES) && !INTERNAL.test(variable)) {
      report(variable, text("没有这个配置项", "is not a setting that exists"));
    }
  }
  const configuration: Configuration = {
    host: readHost(value("ZHENGTONG_HOST"), report),
    port: readPort(value("ZHENGTONG_PORT"), DEFAULT_PORT, (problem) => report("ZHENGTONG_PORT", problem)),
    dataFolder: resolve(folder, value("ZHENGTONG_DATA") ?? DEFAULT_DATA_FOLDER),
    publicUrl: readPublicUrl(value("ZHENGTONG_PUBLIC_URL"), report),
    trustProxy: readTrustProxy(value("ZHENGTONG_TRUST_PROXY"), report),
    databaseUrl: readDatabaseUrl(value("DATABASE_URL"), report),
    logLevel: readLogLevel(value("ZHENGTONG_LOG_LEVEL"), report),
    acmePort: readPort(value("ZHENGTONG_ACME_PORT"), CHALLENGE_PORT, (problem) =>
      report("ZHENGTONG_ACME_PORT", problem),
    ),
    witnesses: readWitnesses(value("ZHENGTONG_WITNESSES"), (problem) => report("ZHENGTONG_WITNESSES", problem)),
    keysPassphrase: secretPlace(value("ZHENGTONG_KEYS_PASSPHRASE_FILE"), value("CREDENTIALS_DIRECTORY"), folder),
  };
  const keysToken = readToken(value("ZHENGTONG_KEYS_TOKEN"), report);
  const suites = readSuites(value("ZHENGTONG_SUITES"), report);
  const zone = readZone(value("ZHENGTONG_ZONE"), report);
  const timestampUrl = readTimestampUrl(value("ZHENGTONG_TIMESTAMP_URL"), report);
  const { edge, instance } = readEdge({ value, folder, report });
  const exchange = readExchange({ value, report });
  const exchangeYears = readExchangeYears({ value, report });
  const natsUrl = readNats({ value, report });
  const tracing = readTracing({ value, report });
  checkTogether(configuration, report);
  const witnesses = value("ZHENGTONG_WITNESSES")?.split(",") ?? [];
  const reaches: readonly (readonly [string, string])[] = [
    ...(timestampUrl === undefined ? [] : [["ZHENGTONG_TIMESTAMP_URL", timestampUrl] as const]),
    ...(tracing === undefined ? [] : [["OTEL_EXPORTER_OTLP_ENDPOINT", tracing.endpoint] as const]),
    ...(natsUrl?.split(",") ?? []).map((one) => ["NATS_URL", one] as const),
    ...witnesses.map((one) => ["ZHENGTONG_WITNESSES", one.slice(one.indexOf("@") + 1).trim()] as const),
  ];
  if (zone === "intranet") checkIntranet(reaches, report);
  if (problems.length > 0) throw new ConfigurationFault(problems);
  const upstream = value("ZHENGTONG_UPSTREAM");
  const sealService = value("ZHENGTONG_SEAL_SERVICE");
  return {
    ...configuration,
    ...(reaches.length > 0 && { reaches }),
    ...(edge !== undefined && { edge }),
    ...(exchange !== undefined && { exchange }),
    ...(exchangeYears !== undefined && { exchangeYears }),
    ...(natsUrl !== undefined && { natsUrl }),
    ...(tracing !== undefined && { tracing }),
    ...(instance !== undefined && { instance }),
    ...(suites !== undefined && { suites }),
    ...(zone !== undefined && { zone }),
    ...(keysToken !== undefined && { keysToken }),
    ...(timestampUrl !== undefined && { timestampUrl }),
    ...(upstream !== undefined && { upstream: resolve(folder, upstream) }),
    ...(sealService !== undefined && { sealService: resolve(folder, sealService) }),
  };
}

/** What opens the keys, as `openTrust` takes it. */
export function keysOpening(configuration: Configuration) {
  const { keysToken: token } = configuration;
  return { passphrase: keysPassphrase(configuration), ...(token && { token }) };
}

/** A token's label has 32 bytes at most. */
function readToken(value: string | undefined, report: Report): Configuration["keysToken"] {
  if (value === undefined) return undefined;
  const at = value.lastIndexOf("#");
  const [module, label] = [value.slice(0, at), value.slice(at + 1)];
  if (at > 0 && isAbsolute(module) && label !== "" && Buffer.byteLength(label) <= 32) return { module, label };
  return report(
    "ZHENGTONG_KEYS_TOKEN",
    text("应形如 /usr/lib/模块.so#标签", "must look like /usr/lib/module.so#label, with the whole path of the module"),
  );
}

function readSuites(value: string | undefined, report: Report): SuiteChoice | undefined {
  const choice = value === undefined ? undefined : readSuiteChoice(value);
  if (value === undefined || choice !== undefined) return choice;
  return report(
    "ZHENGTONG_SUITES",
    text(
      "应为 national 或 international，其后可跟“用途=套件”或 post-quantum=off，以逗号分隔；TLS 等用途只能是 international",
      "must be national or international, followed by purpose=suite or post-quantum=off, separated by commas; TLS and the like can be international alone",
    ),
  );
}

function readZone(value: string | undefined, report: Report): Zone | undefined {
  const zone = ZONES.find((one) => one === value);
  if (value === undefined || zone !== undefined) return zone;
  return report(
    "ZHENGTONG_ZONE",
    text("应为 intranet、extranet 或 internet", "must be intranet, extranet or internet"),
  );
}

/**
 * A node of the intranet reaches nothing outside of it: whatever it is told to reach must have an address of a private network (RFC 1918, RFC
 * 4193) or a name under `.internal`, which no public name server answers for.
 */
function checkIntranet(reached: readonly (readonly [string, string])[], report: Report): void {
  for (const [variable, url] of reached) {
    const host = URL.parse(url)?.hostname;
    if (host === undefined || isPrivateHost(host)) continue;
    report(
      variable,
      text(
        "内网节点不得连接其他区域：只能用私有网段的地址，或 .internal 下的名称",
        "a node of the intranet does not reach other zones: use an address of a private network, or a name under .internal",
      ),
    );
  }
}

function secretPlace(named: string | undefined, credentials: string | undefined, folder: string): SecretPlace {
  return {
    credential: KEYS_CREDENTIAL,
    ...(named !== undefined && { named: /^\d$/.test(named) ? named : resolve(folder, named) }),
    ...(credentials !== undefined && { credentials }),
  };
}

/** Reads the passphrase that opens the keys, once, when it is asked for. */
export function keysPassphrase({ keysPassphrase: place }: Configuration): () => Promise<string | undefined> {
  let reading: Promise<string | undefined> | undefined;
  return () => {
    reading ??= place === undefined ? Promise.resolve(undefined) : readSecret(place);
    return reading;
  };
}

/** Set by our own programs for each other, or for tests. */
const INTERNAL = /^ZHENGTONG_(?:(?:TEST|LAUNCHER|BENCH)_|VECTORS$)/;

function readTimestampUrl(value: string | undefined, report: Report): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  // Stamps are signed: http is what most services speak.
  if ((url?.protocol === "http:" || url?.protocol === "https:") && url.username === "" && url.hash === "")
    return url.href;
  return report("ZHENGTONG_TIMESTAMP_URL", text("应为 http 或 https 网址", "must be an http or https address"));
}

function readHost(value: string | undefined, report: Report): string {
  if (value === undefined) return DEFAULT_HOST;
  const host = value.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 || host === "localhost") return host;
  report("ZHENGTONG_HOST", text("应为 IP 地址或 localhost", "must be an IP address or localhost"));
  return DEFAULT_HOST;
}

function readPort(value: string | undefined, otherwise: number, report: (problem: Text) => void): number {
  if (value === undefined) return otherwise;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port <= MAX_PORT) return port;
  report(text(`应为 0 至 ${MAX_PORT} 的整数`, `must be a whole number from 0 to ${MAX_PORT}`));
  return otherwise;
}

function readPublicUrl(value: string | undefined, report: Report): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  const bare = url !== null && url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  const allowed = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (bare && allowed) return url.origin;
  return report(
    "ZHENGTONG_PUBLIC_URL",
    text(
      "应为 https 网址（本机可用 http），不带路径、参数和账号",
      "must be an https address (http for this machine alone) without path, query or account",
    ),
  );
}

function readTrustProxy(value: string | undefined, report: Report): Configuration["trustProxy"] {
  if (value === undefined || value === "false") return false;
  if (/^\d+$/.test(value)) {
    const hops = Number(value);
    if (hops >= 1 && hops <= MAX_PROXY_HOPS) return hops;
  }
  const networks = value.split(",").map((network) => network.trim());
  if (networks.every(isNetwork)) return networks;
  report(
    "ZHENGTONG_TRUST_PROXY",
    text(
      `应为跳数（1–${MAX_PROXY_HOPS}），或逗号分隔的 IP 地址、网段（如 10.0.0.0/8）`,
      `must be a number of hops (1–${MAX_PROXY_HOPS}), or IP addresses and networks (such as 10.0.0.0/8) separated by commas`,
    ),
  );
  return false;
}

function isNetwork(value: string): boolean {
  const [address = "", prefix, ...rest] = value.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

function readDatabaseUrl(value: string | undefined, report: Report): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url !== null && /^postgres(?:ql)?:$/.test(url.protocol) && url.pathname.length > 1) return value;
  // The value is not repeated: it holds a password.
  return report(
    "DATABASE_URL",
    text(
      "应形如 postgresql://账号:密码@主机:端口/库名",
      "must look like postgresql://user:password@host:port/database",
    ),
  );
}

function readLogLevel(value: string | undefined, report: Report): LogLevel {
  const level = LOG_LEVELS.find((each) => each === (value ?? "warn"));
  if (level !== undefined) return level;
  report("ZHENGTONG_LOG_LEVEL", text(`应为 ${LOG_LEVELS.join("、")} 之一`, `must be one of ${LOG_LEVELS.join(", ")}`));
  return "warn";
}

/** Sessions and passwords must not cross a network in the open: plain HTTP is for this machine, or behind a proxy with TLS. */
function checkTogether(configuration: Configuration, report: Report): void {
  if (isLoopback(configuration.host)) return;
  if (configuration.publicUrl?.startsWith("https:") === true && configuration.trustProxy !== false) return;
  report(
    "ZHENGTONG_HOST",
    text(
      `${configuration.host} 不是本机回环地址：明文 HTTP 只在本机提供。对外服务须由带 TLS 的反向代理转发，并同时设置 ZHENGTONG_PUBLIC_URL（https）和 ZHENGTONG_TRUST_PROXY`,
      `${configuration.host} is not a loopback address: plain HTTP is served to this machine alone. To serve others, put a proxy with TLS in front and set both ZHENGTONG_PUBLIC_URL (https) and ZHENGTONG_TRUST_PROXY`,
    ),
  );
}
