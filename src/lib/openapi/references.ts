import type { Json } from "#lib/json/canonical";
import { REFERENCES_MAX } from "./limits.ts";
import { isObject, type JsonObject } from "./plain-value.ts";
import { OpenApiError } from "./problem.ts";

const LOCAL = /^#\/components\/[^/]+\/[^/]+(?:\/|$)/;

/** Whether a reference stays within the components of its document. No other is followed: nothing is fetched. */
export function isLocalReference(reference: string): boolean {
  return LOCAL.test(reference);
}

/**
 * The object that stands at a place, or the one that it refers to.
 * @throws OpenApiError where a reference leaves the document, leads nowhere or in a circle
 */
export function resolved(document: JsonObject, value: Json | undefined, where: string): JsonObject {
  let current = value;
  for (let followed = 0; followed <= REFERENCES_MAX; followed++) {
    if (!isObject(current)) throw new OpenApiError(where, "此处须为对象", "There must be an object here");
    const reference = current["$ref"];
    if (reference === undefined) return current;
    if (typeof reference !== "string" || !isLocalReference(reference)) {
      throw new OpenApiError(
        where,
        `只允许引用本文档的 #/components：${String(reference)}`,
        `Only #/components of the document itself may be referred to: ${String(reference)}`,
      );
    }
    current = at(document, reference);
    if (current === undefined)
      throw new OpenApiError(where, `引用无所指：${reference}`, `The reference leads nowhere: ${reference}`);
  }
  throw new OpenApiError(where, "引用成环或过长", "The references go round in a circle, or on for too long");
}

/** What a JSON Pointer names. */
export function at(document: JsonObject, pointer: string): Json | undefined {
  let value: Json | undefined = document;
  for (const part of pointer.slice(2).split("/")) {
    const name = unescaped(part);
    if (Array.isArray(value)) value = value[Number(name)];
    else value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

function unescaped(part: string): string {
  let name = part;
  try {
    name = decodeURIComponent(part);
  } catch {
    // As it stands.
  }
  return name.replaceAll("~1", "/").replaceAll("~0", "~");
}
