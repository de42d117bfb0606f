import type { Text } from "#lib/language/text";

/**
 * What can go wrong at the edge, a closed list. The first word says where: `Client` the calling system, `Server.ClientProxy` the
 * node that it called, `Server.ServerProxy` the node or provider behind it (PR-REST 4.6).
 */
export type XRoadErrorType =
  | "Client.BadRequest"
  | "Server.ClientProxy.SslAuthenticationFailed"
  | "Server.ClientProxy.UnknownMember"
  | "Server.ClientProxy.QuotaExceeded"
  | "Server.ClientProxy.Busy"
  | "Server.ClientProxy.InternalError"
  | "Server.ServerProxy.UnknownService"
  | "Server.ServerProxy.AccessDenied"
  | "Server.ServerProxy.NetworkError"
  | "Server.ServerProxy.ServiceFailed.InvalidResponse"
  | "Server.ServerProxy.InternalError";

/** An expected "no" of the edge, as a value. */
export interface XRoadError {
  readonly failure: XRoadErrorType;
  readonly text: Text;
}

/** Makes one. */
export function xRoadError(failure: XRoadErrorType, text: Text): XRoadError {
  return Object.freeze({ failure, text });
}

/** Whether a value is one. */
export function isXRoadError(value: unknown): value is XRoadError {
  return typeof value === "object" && value !== null && "failure" in value && "text" in value;
}

/** An error as it is sent. */
export interface SentError {
  readonly status: 400 | 500;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The error object (PR-REST 4.6): `type`, `message`, `detail`, as JSON, or as XML where the caller accepts XML. Its status is 400
 * where the caller can mend it, 500 for all else: the protocol uses no others of its own.
 * @param options.detail what names this failure in the node's own records
 */
export function sentError(
  error: XRoadError,
  options: { readonly detail: string; readonly accept?: string | undefined },
): SentError {
  const fields = { type: error.failure, message: `${error.text.zh} ${error.text.en}`, detail: options.detail };
  const xml = xmlType(options.accept);
  return {
    status: error.failure.startsWith("Server.") ? 500 : 400,
    headers: { "content-type": `${xml ?? "application/json"};charset=utf-8`, "x-road-error": error.failure },
    body: xml === undefined ? JSON.stringify(fields) : xmlOf(fields),
  };
}

/** As the implementation decides: any mention of XML, whatever its weight. */
function xmlType(accept = ""): string | undefined {
  const kinds = accept.split(",").map((one) => (one.split(";", 1)[0] ?? "").trim().toLowerCase());
  const found = kinds.find((kind) => kind === "text/xml" || kind === "application/xml" || kind === "text/*");
  return found === "text/*" ? "text/xml" : found;
}

function xmlOf(fields: Readonly<Record<string, string>>): string {
  const elements = Object.entries(fields).map(([name, value]) => `<${name}>${xmlText(value)}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<error>${elements.join("")}</error>\n`;
}

/** A text for the content of an XML element. */
export function xmlText(value: string): string {
  return value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
