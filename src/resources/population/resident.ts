import { readDocument } from "./document.ts";
import type { Registers } from "./implement.ts";

/** The person of a resident identity number, however it is written; undefined where nobody is registered under it. */
export async function residentOf(registers: Registers, number: string, today: string) {
  const read = readDocument({
    kind: "resident-identity",
    number,
    issuedBy: "CHN",
    today: Temporal.PlainDate.from(today),
  });
  if ("error" in read) return undefined;
  const { items } = await registers.person.find({ documentNumber: read.stored }, { limit: 1 });
  return items.find(({ value }) => value.documentKind === "resident-identity");
}
