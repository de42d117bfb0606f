import type { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import type { Act } from "#kernel/system/act";
import type { Door } from "#kernel/system/context";

/** The official who acts; undefined where it is nobody at a post. */
export function officialOf({ principal }: Act): { readonly id: string } | undefined {
  return principal.kind === "official" ? { id: principal.id } : undefined;
}

/** As the certificate names the signer. Asked before anything is written. */
export async function nameOf(rooms: { readonly directory: Door<typeof directory> }, id: string): Promise<string> {
  const found = await rooms.directory.findOfficial({ id });
  return isRefusal(found) ? id : found.name;
}
