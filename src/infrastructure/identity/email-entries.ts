import type { z } from "zod";
import type { Entry } from "#kernel/registers/handle";
import type { Act } from "#kernel/system/act";
import type { emailRegister } from "./email.ts";
import type { Registers } from "./implement.ts";
import type { SessionRow } from "./sessions.ts";

export type EmailEntry = Entry<z.output<typeof emailRegister.schema>>;

/** The person who asks; operations about one's own address are open to persons alone. */
export function holderOf(act: Act): string {
  return act.principal.kind === "person" ? act.principal.id : "";
}

/** What a person gave, confirmed or not. */
export async function emailOf(registers: Registers, holder: string): Promise<EmailEntry | undefined> {
  const { items } = await registers.email.find({ holder }, { limit: 1 });
  return items[0];
}

/** Where the holder of a session is told of changes to his account: the address that he confirmed, if he did. */
export async function emailAddressOf(
  registers: Registers,
  { holder, holderKind }: Pick<SessionRow, "holder" | "holderKind">,
): Promise<string | undefined> {
  return holderKind === "person" ? (await emailOf(registers, holder))?.value.address : undefined;
}
