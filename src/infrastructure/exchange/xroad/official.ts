import type { Act, PostRef } from "#kernel/system/act";

/** The official who acts; undefined for anyone else. */
export function officialOf({ principal }: Act): { readonly id: string; readonly post: PostRef } | undefined {
  return principal.kind === "official" ? { id: principal.id, post: principal.post } : undefined;
}
