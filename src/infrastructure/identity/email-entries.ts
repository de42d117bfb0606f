import type { z } from "zod";
import type { Entry } from "#kernel/registers/handle";
import type { Act } from "#kernel/system/act";
import type { emailRegister } from "./email.ts";
import type { Registers } from "./implement.ts";
import type { HolderKind, SessionRow } from "./sessions.ts";

export type EmailEntry = Entry<z.output<typeof emailRegister.schema>>;

/** Who asks; operations about one's own address are open to persons and officials alone. */
export function holderOf({ principal }: Act): Pick<SessionRow, "holder" | "holderKind"> {
  return principal.kind === "official"
    ? { holderKind: "official", holder: principal.id }
    : { holderKind: "person", holder: principal.kind === "person" ? principal.id : "" };
}

/** Addresses of persons and of officials stand apart: one is private, the other is for the office. */
export function emailsOf(registers: Registers, kind: HolderKind): Registers["email"] {
  return kind === "official" ? registers.workEmail : registers.email;
}

/** What a holder gave, confirmed or not. */
export async function emailOf(
  registers: Registers,
  { holder, holderKind }: Pick<SessionRow, "holder" | "holderKind">,
): Promise<EmailEntry | undefined> {
  const { items } = await emailsOf(registers, holderKind).find({ holder }, { limit: 1 });
  return items[0];
}

/** Where the holder of a session is told of changes to his account: the address that he confirmed, if he did. */
export async function emailAddressOf(
  registers: Registers,
  whose: Pick<SessionRow, "holder" | "holderKind">,
): Promise<string | undefined> {
  return (await emailOf(registers, whose))?.value.address;
}
