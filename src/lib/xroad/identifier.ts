import { fromUtf8, utf8 } from "#lib/crypto/bytes";

/** Longest part of an identifier, in characters; the implementation's columns hold as many. */
export const PART_MAX_CHARACTERS = 255;

/** A member of an instance: who answers for its systems. */
export interface MemberId {
  readonly instance: string;
  readonly memberClass: string;
  readonly memberCode: string;
}

/** A member, or one of its information systems. */
export interface ClientId extends MemberId {
  readonly subsystem?: string;
}

/** A service of a subsystem. */
export interface ServiceId extends MemberId {
  readonly subsystem: string;
  readonly service: string;
}

/** Characters that a part has as they are in a path (RFC 3986, pchar); every other is percent-encoded. */
const RAW = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+$/;
/** Control and format characters, unassigned ones and lone surrogates; line separators; and what the implementation forbids: `: ; / \ %`. */
const FORBIDDEN = /[\p{C}\p{Zl}\p{Zp}:;/\\%]/u;
/** What identifiers that are made here consist of (PR-REST 4.8). */
const RECOMMENDED = /^[A-Za-z0-9'()+,\-.=?]+$/;

/** Whether a text can be a part of an identifier. */
export function isPart(part: string): boolean {
  return (
    part.trim() !== "" &&
    part.length <= PART_MAX_CHARACTERS &&
    !FORBIDDEN.test(part) &&
    part !== "." &&
    part !== ".." &&
    part.isWellFormed()
  );
}

/** Whether a part keeps to the characters that the protocol asks new identifiers to keep to. */
export function isNewPart(part: string): boolean {
  return RECOMMENDED.test(part) && isPart(part);
}

/** One part as it stands in an address or a header: UTF-8, percent-encoded by itself. */
export function encodePart(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The part that stands encoded; undefined where it is not well-formed, not UTF-8, or no part. */
export function decodePart(encoded: string): string | undefined {
  // Each character is at most four bytes, each byte three characters.
  if (encoded.length > PART_MAX_CHARACTERS * 12 || !RAW.test(encoded)) return undefined;
  const part = decoded(encoded);
  return part !== undefined && isPart(part) ? part : undefined;
}

/** The text that is percent-encoded; undefined where its bytes are not UTF-8. */
export function decoded(encoded: string): string | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < encoded.length; at++) {
    if (encoded[at] === "%") {
      bytes.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(encoded.charCodeAt(at));
  }
  try {
    return fromUtf8(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** `instance/class/code[/subsystem]`, each part encoded. */
export function clientText(client: ClientId): string {
  const parts = [client.instance, client.memberClass, client.memberCode];
  return [...parts, ...(client.subsystem === undefined ? [] : [client.subsystem])].map(encodePart).join("/");
}

/** `instance/class/code/subsystem/service`, each part encoded. */
export function serviceText(service: ServiceId): string {
  return `${clientText(service)}/${encodePart(service.service)}`;
}

/** Reads what `clientText` writes; undefined where it is none. */
export function readClient(value: string): ClientId | undefined {
  const parts = readParts(value, 4);
  if (parts === undefined) return undefined;
  const [instance, memberClass, memberCode, subsystem] = parts;
  if (instance === undefined || memberClass === undefined || memberCode === undefined) return undefined;
  return { instance, memberClass, memberCode, ...(subsystem !== undefined && { subsystem }) };
}

/** Reads what `serviceText` writes; undefined where it is none. As in the implementation, the subsystem is not left out. */
export function readService(value: string): ServiceId | undefined {
  const parts = readParts(value, 5);
  if (parts === undefined) return undefined;
  const [instance, memberClass, memberCode, subsystem, service] = parts;
  if (instance === undefined || memberClass === undefined || memberCode === undefined) return undefined;
  if (subsystem === undefined || service === undefined) return undefined;
  return { instance, memberClass, memberCode, subsystem, service };
}

/** Up to so many parts; undefined where there are more, or one is none. */
function readParts(value: string, atMost: number): readonly string[] | undefined {
  const encoded = value.split("/", atMost + 1);
  if (encoded.length > atMost) return undefined;
  const parts = encoded.map(decodePart);
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** The bytes of a header that Node read as Latin-1, as the UTF-8 text that they are; undefined where they are not UTF-8. */
export function headerText(latin1: string): string | undefined {
  try {
    return fromUtf8(Uint8Array.from(latin1, (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** A text as the Latin-1 characters that Node writes as its UTF-8 bytes. */
export function headerBytes(value: string): string {
  return Array.from(utf8(value), (byte) => String.fromCharCode(byte)).join("");
}
