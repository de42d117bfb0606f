import { toBase64 } from "../crypto/base64url.ts";
import { utf8 } from "../crypto/bytes.ts";
import {
  type InnerList,
  type Item,
  type Parameters,
  readDictionary,
  readItem,
  readList,
  writeDictionary,
  writeItem,
  writeMember,
} from "./structured-fields.ts";

/** Values of one field, in their order; names in lower case. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface RequestMessage {
  readonly method: string;
  /** Scheme, authority, path and query: `https://a.example:8443/x?y=1`. */
  readonly url: string;
  readonly fields: Fields;
}

export interface ResponseMessage {
  readonly status: number;
  readonly fields: Fields;
  /** The request that it answers, where components name it (`;req`). */
  readonly request?: RequestMessage;
}

export type Message = RequestMessage | ResponseMessage;

/** Why there is no base: the message has no such component, or it is not one that may be covered. */
export class ComponentError extends Error {
  override readonly name = "ComponentError";
}

/**
 * The text that is signed (RFC 9421 §2.5).
 * @throws ComponentError
 */
export function signatureBase(message: Message, covered: InnerList): string {
  const seen = new Set<string>();
  let base = "";
  for (const component of covered.items) {
    if (component.item.kind !== "string") throw new ComponentError("a component's name is a string");
    const identifier = writeItem(component);
    if (seen.has(identifier)) throw new ComponentError(`${identifier} is covered twice`);
    seen.add(identifier);
    base += `${identifier}: ${componentValue(message, component.item.value, component.parameters)}\n`;
  }
  return `${base}"@signature-params": ${writeMember(covered)}`;
}

const KNOWN_PARAMETERS = new Set(["req", "sf", "key", "bs", "name"]);

function componentValue(message: Message, name: string, parameters: Parameters): string {
  for (const key of parameters.keys()) {
    // `tr`: trailers are not read here.
    if (!KNOWN_PARAMETERS.has(key)) throw new ComponentError(`the parameter ${key} is not understood`);
  }
  if (name === "@signature-params") throw new ComponentError("a signature does not cover itself");
  const asked = parameters.has("req") ? requestOf(message) : message;
  return name.startsWith("@") ? derived(asked, name, parameters) : fieldValue(asked, name, parameters);
}

function requestOf(message: Message): RequestMessage {
  if ("method" in message || message.request === undefined) throw new ComponentError("there is no request to name");
  return message.request;
}

/** RFC 9421 §2.2. */
function derived(message: Message, name: string, parameters: Parameters): string {
  if (name === "@status") {
    if ("method" in message) throw new ComponentError("a request has no status");
    return String(message.status);
  }
  if (!("method" in message)) throw new ComponentError(`a response has no ${name}`);
  if (name === "@method") return message.method;
  const url = URL.parse(message.url);
  if (url === null) throw new ComponentError("the address is none");
  switch (name) {
    case "@target-uri":
      return message.url;
    case "@authority":
      return url.host;
    case "@scheme":
      return url.protocol.slice(0, -1);
    case "@request-target":
      return `${url.pathname}${url.search}`;
    case "@path":
      return url.pathname;
    case "@query":
      return url.search === "" ? "?" : url.search;
    case "@query-param":
      return queryParameter(url, parameters);
    default:
      throw new ComponentError(`${name} is not understood`);
  }
}

/** RFC 9421 §2.2.8: a name that occurs twice cannot be covered. */
function queryParameter(url: URL, parameters: Parameters): string {
  const name = parameters.get("name");
  if (name?.kind !== "string") throw new ComponentError("which parameter of the query is not said");
  const found = [...url.searchParams].filter(([key]) => formEncoded(key) === name.value);
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw new ComponentError("the query has no such parameter, or two");
  return formEncoded(first[1]);
}

function formEncoded(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** RFC 9421 §2.1. */
function fieldValue(message: Message, name: string, parameters: Parameters): string {
  if (name !== name.toLowerCase()) throw new ComponentError("names of fields are written in lower case");
  const held = Object.hasOwn(message.fields, name) ? message.fields[name] : undefined;
  if (held === undefined) throw new ComponentError(`there is no field ${name}`);
  const values = (typeof held === "string" ? [held] : held).map((value) => value.trim());
  const [sf, key, bs] = [parameters.has("sf"), parameters.get("key"), parameters.has("bs")];
  if (bs && (sf || key !== undefined)) throw new ComponentError("bytes and structure exclude each other");
  if (bs) return values.map((value) => `:${toBase64(utf8(value))}:`).join(", ");
  const whole = values.map((value) => value.replace(/[ \t]*\r\n[ \t]+/g, " ")).join(", ");
  if (key !== undefined) return dictionaryMember(whole, key.kind === "string" ? key.value : "");
  return sf ? structured(whole) : whole;
}

function dictionaryMember(whole: string, key: string): string {
  const member = readDictionary(whole)?.get(key);
  if (member === undefined) throw new ComponentError(`the field has no member ${key}`);
  return writeMember(member);
}

/** Anew in its canonical form, whichever of the three types it is. */
function structured(whole: string): string {
  const item = readItem(whole);
  if (item !== undefined) return writeItem(item);
  const list = readList(whole);
  if (list !== undefined) return list.map(writeMember).join(", ");
  const dictionary = readDictionary(whole);
  if (dictionary === undefined) throw new ComponentError("the field is not structured");
  return writeDictionary(dictionary);
}

/** A component by its name, with what else identifies it. */
export function component(name: string, parameters: Parameters = new Map()): Item {
  return { item: { kind: "string", value: name }, parameters };
}

export function isCovered(covered: InnerList, wanted: Item): boolean {
  const identifier = writeItem(wanted);
  return covered.items.some((item) => writeItem(item) === identifier);
}
