import type { z } from "zod";
import type { Entry } from "#kernel/registers/handle";
import type { Act } from "#kernel/system/act";
import type { emailRegister } from "./email.ts";
import type { Registers } from "./implement.ts";

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
