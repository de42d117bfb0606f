import type { Act } from "#kernel/system/act";

/** The official who acts; undefined for anyone else. */
export function officialOf({ principal }: Act): string | undefined {
  return principal.kind === "official" ? principal.id : undefined;
}
