import { isIP } from "node:net";
import { resolve } from "node:path";
import { isHostName } from "#lib/certificate/extensions";
import { type Text, text } from "#lib/language/text";
import { isNewPart } from "#lib/xroad/identifier";

/** Where systems that are not ours call. */
export interface EdgeConfiguration {
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
  /** Under which systems know it: in the certificate that the node makes where it is given none. */
  readonly name: string;
  /** PEM files of the operator; absent: the node signs a certificate itself. */
  readonly files?: { readonly certificate: string; readonly key: string };
}

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_NAME = "localhost";
const MAX_PORT = 65_535;
const NAME_MAX_CHARACTERS = 253;

export const EDGE_VARIABLES: Readonly<Record<string, Text>> = {
  ZHENGTONG_EDGE_PORT: text(
    "外部系统接入（X-Road，双向 TLS）的监听端口；不设则不开放",
    "Port at which systems that are not ours call (X-Road, mutual TLS); without it there is no such port",
  ),
  ZHENGTONG_EDGE_HOST: text(
    `外部系统接入的监听地址，默认 ${DEFAULT_HOST}`,
    `Address to listen on for them; default ${DEFAULT_HOST}`,
  ),
  ZHENGTONG_EDGE_NAME: text(
    `外部系统所用的主机名，写入节点自签的证书，默认 ${DEFAULT_NAME}`,
    `Host name that they use; it stands in the certificate that the node signs itself; default ${DEFAULT_NAME}`,
  ),
  ZHENGTONG_EDGE_CERTIFICATE: text(
    "外部系统接入的服务器证书（PEM，含中间证书）；不设则由节点自签",
    "Certificate for them (PEM, with what issued it); without it the node signs one itself",
  ),
  ZHENGTONG_EDGE_KEY: text("上述证书的私钥（PEM）", "The private key of that certificate (PEM)"),
  ZHENGTONG_INSTANCE: text(
    "X-Road 实例代码，默认 ZT",
    "Code of the X-Road instance that this government is; default ZT",
  ),
};

/** What of the environment is about the edge. */
export function readEdge(from: {
  readonly value: (variable: string) => string | undefined;
  readonly folder: string;
  readonly report: (variable: string, problem: Text) => undefined;
}): { readonly edge: EdgeConfiguration | undefined; readonly instance: string | undefined } {
  const { value, folder, report } = from;
  const instance = value("ZHENGTONG_INSTANCE");
  if (instance !== undefined && !isNewPart(instance)) {
    report("ZHENGTONG_INSTANCE", text("只能有字母、数字和 '()+,-.=?", "may have letters, digits and '()+,-.=? only"));
  }
  const port = value("ZHENGTONG_EDGE_PORT");
  const host = value("ZHENGTONG_EDGE_HOST") ?? DEFAULT_HOST;
  const name = value("ZHENGTONG_EDGE_NAME") ?? DEFAULT_NAME;
  const certificate = value("ZHENGTONG_EDGE_CERTIFICATE");
  const key = value("ZHENGTONG_EDGE_KEY");
  if (isIP(host) === 0 && host !== "localhost") {
    report("ZHENGTONG_EDGE_HOST", text("应为 IP 地址或 localhost", "must be an IP address or localhost"));
  }
  if (name.length > NAME_MAX_CHARACTERS || !isHostName(name)) {
    report("ZHENGTONG_EDGE_NAME", text("应为主机名", "must be the name of a host"));
  }
  if ((certificate === undefined) !== (key === undefined)) {
    report("ZHENGTONG_EDGE_CERTIFICATE", text("证书和私钥须同时设置", "certificate and key are set together"));
  }
  if (port === undefined) return { edge: undefined, instance };
  if (!/^\d{1,5}$/.test(port) || Number(port) > MAX_PORT) {
    report("ZHENGTONG_EDGE_PORT", text(`应为 0 至 ${MAX_PORT} 的整数`, `must be a whole number from 0 to ${MAX_PORT}`));
  }
  const files =
    certificate === undefined || key === undefined
      ? undefined
      : { certificate: resolve(folder, certificate), key: resolve(folder, key) };
  return { edge: { host, port: Number(port), name, ...(files && { files }) }, instance };
}
