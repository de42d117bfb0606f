import { canonicalize } from "#lib/json/canonical";
import { RegisterFault } from "./faults.ts";
import { LOOKUP_MAX_CHARACTERS } from "./limits.ts";
import type { AttributeShape, RegisterShape } from "./shape.ts";

/** The text under which a value is looked up; undefined when there is no value. */
export function lookupText(shape: RegisterShape, attribute: AttributeShape, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const found = (typeof value === "string" ? value : canonicalize(value)).normalize("NFKC");
  if (found.length > LOOKUP_MAX_CHARACTERS) {
    throw new RegisterFault("ERR_REGISTER_VALUE", {
      register: shape.id,
      attribute: attribute.name,
      message: `longer than ${LOOKUP_MAX_CHARACTERS} characters`,
    });
  }
  return found;
}
