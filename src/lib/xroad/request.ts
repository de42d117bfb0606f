import { text } from "#lib/language/text";
import { type XRoadError, xRoadError } from "./error.ts";
import {
  type ClientId,
  decoded,
  decodePart,
  headerText,
  readClient,
  readService,
  type ServiceId,
} from "./identifier.ts";
import { type Header, lastValue } from "./message-headers.ts";

/** Longest address of a request; the protocol lets it be limited. */
export const TARGET_MAX_CHARACTERS = 4096;
/** Longest value of a header of the protocol. */
export const HEADER_MAX_CHARACTERS = 1024;

/** What the protocol's first version begins addresses with. */
export const PROTOCOL_PATH = "/r1/";

export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
export type Method = (typeof METHODS)[number];

/** Whom the calling system represents (PR-REST 4.3). */
export interface RepresentedParty {
  readonly memberClass?: string;
  readonly memberCode: string;
}

/** A request as the protocol reads it. */
export interface XRoadRequest {
  readonly method: Method;
  readonly service: ServiceId;
  /** What follows the service, as it was sent: empty, or from a slash on. */
  readonly path: string;
  /** Without its question mark, as it was sent; undefined where there is none. */
  readonly query: string | undefined;
  readonly client: ClientId;
  readonly id: string | undefined;
  readonly userId: string | undefined;
  readonly issue: string | undefined;
  readonly representedParty: RepresentedParty | undefined;
}

/**
 * Reads the line and the headers of a request (PR-REST 4.1 to 4.3). Of a header that comes several times the last one counts.
 * @param request.target the address as it was sent, from its first slash on
 */
export function readRequest(request: {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
}): XRoadRequest | XRoadError {
  const method = METHODS.find((one) => one === request.method);
  if (method === undefined) return BAD.method;
  const address = readAddress(request.target);
  if ("failure" in address) return address;
  const client = readClientHeader(request.headers);
  if ("failure" in client) return client;
  const id = plainHeader(request.headers, "x-road-id");
  const userId = plainHeader(request.headers, "x-road-userid");
  const issue = plainHeader(request.headers, "x-road-issue");
  const party = readParty(lastValue(request.headers, "x-road-represented-party"));
  if (id === null || userId === null || issue === null) return BAD.header;
  if (party === null) return BAD.party;
  return { method, ...address, client, id, userId, issue, representedParty: party };
}

function readAddress(target: string): Pick<XRoadRequest, "service" | "path" | "query"> | XRoadError {
  if (target.length > TARGET_MAX_CHARACTERS) return BAD.long;
  if (!target.startsWith(PROTOCOL_PATH)) return BAD.version;
  const mark = target.indexOf("?");
  const whole = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? undefined : target.slice(mark + 1);
  const parts = whole.slice(PROTOCOL_PATH.length).split("/");
  const service = readService(parts.slice(0, SERVICE_PARTS).join("/"));
  if (service === undefined) return BAD.service;
  const rest = parts.slice(SERVICE_PARTS);
  if (!rest.every(isSafeSegment)) return BAD.path;
  if (query !== undefined && !QUERY.test(query)) return BAD.query;
  return { service, path: rest.map((one) => `/${one}`).join(""), query };
}

const SERVICE_PARTS = 5;
const SEGMENT = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*$/;
const QUERY = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;

/** No segment climbs, however it is written, or smuggles a character that another reader takes for a separator. */
function isSafeSegment(segment: string): boolean {
  if (!SEGMENT.test(segment)) return false;
  const plain = decoded(segment);
  return (
    plain !== undefined &&
    plain !== "." &&
    plain !== ".." &&
    !/[\p{Cc}\\]/u.test(plain) &&
    !/(?:^|\/)\.\.?(?:\/|$)/.test(plain)
  );
}

function readClientHeader(headers: readonly Header[]): ClientId | XRoadError {
  const value = lastValue(headers, "x-road-client");
  if (value === undefined) return BAD.noClient;
  return (value.length <= TARGET_MAX_CHARACTERS && readClient(value.trim())) || BAD.client;
}

/** Undefined where it is absent or empty, null where it cannot be read. */
function plainHeader(headers: readonly Header[], name: string): string | undefined | null {
  const sent = lastValue(headers, name);
  if (sent === undefined || sent.trim() === "") return undefined;
  const value = headerText(sent)?.trim();
  return value === undefined || value.length > HEADER_MAX_CHARACTERS || /\p{C}/u.test(value) ? null : value;
}

function readParty(value: string | undefined): RepresentedParty | undefined | null {
  if (value === undefined || value.trim() === "") return undefined;
  const parts = value.trim().split("/", 3).map(decodePart);
  const [first, second] = parts;
  if (parts.length === 1 && first !== undefined) return { memberCode: first };
  return parts.length === 2 && first !== undefined && second !== undefined
    ? { memberClass: first, memberCode: second }
    : null;
}

const bad = (zh: string, en: string) =>
  xRoadError("Client.BadRequest", text(`${zh}未作任何更改。`, `${en} Nothing was changed.`));
const BAD = {
  method: bad("不支持此请求方法。", "This method is not supported."),
  long: bad(
    `请求地址超过 ${TARGET_MAX_CHARACTERS} 个字符，请将数据放入请求内容。`,
    `The address is longer than ${TARGET_MAX_CHARACTERS} characters; send data in the body.`,
  ),
  version: bad("请求地址须以 /r1/ 开头。", "The address of a request begins with /r1/."),
  service: bad(
    "请求地址须为 /r1/实例/成员类别/成员代码/子系统/服务，各部分分别百分号编码。",
    "The address is /r1/instance/class/member/subsystem/service, each part percent-encoded by itself.",
  ),
  path: bad("服务之后的路径无效。", "The path after the service is not valid."),
  query: bad("查询参数须百分号编码。", "The query must be percent-encoded."),
  noClient: bad("缺少 X-Road-Client 请求头。", "The header X-Road-Client is missing."),
  client: bad(
    "X-Road-Client 须为 实例/成员类别/成员代码/子系统，各部分分别百分号编码。",
    "X-Road-Client is instance/class/member/subsystem, each part percent-encoded by itself.",
  ),
  header: bad(
    `X-Road-Id、X-Road-UserId、X-Road-Issue 须为不超过 ${HEADER_MAX_CHARACTERS} 个字符的 UTF-8 文字。`,
    `X-Road-Id, X-Road-UserId and X-Road-Issue are UTF-8 of ${HEADER_MAX_CHARACTERS} characters at most.`,
  ),
  party: bad(
    "X-Road-Represented-Party 须为 成员类别/成员代码 或 成员代码。",
    "X-Road-Represented-Party is class/code, or a code alone.",
  ),
} as const;
