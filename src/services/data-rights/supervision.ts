import type { Act } from "#kernel/system/act";

/** Whoever looked does not judge his own look, and nor does his authority. */
export function maySupervise(
  { principal }: Act,
  look: { readonly lookedOfficial?: string | undefined; readonly lookedAuthority?: string | undefined },
): boolean {
  if (principal.kind !== "official") return false;
  return principal.id !== look.lookedOfficial && principal.post.authority !== look.lookedAuthority;
}
