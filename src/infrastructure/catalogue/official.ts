import type { Act, PostRef } from "#kernel/system/act";

export interface Official {
  readonly id: string;
  readonly post: PostRef;
}

/** The official who acts; undefined for anyone else. */
export function officialOf({ principal }: Act): Official | undefined {
  return principal.kind === "official" ? { id: principal.id, post: principal.post } : undefined;
}

/** The ledger's entry of the act says of what it was. */
export function note(
  room: {
    concerns(subject: { readonly kind: "official"; readonly id: string; readonly attributes: readonly string[] }): void;
  },
  official: string,
  attributes: readonly string[],
): void {
  room.concerns({ kind: "official", id: official, attributes });
}
