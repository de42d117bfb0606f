import type { Act } from "#kernel/system/act";

/** The official who acts in a post. */
export function officialOf({ principal }: Act): string | undefined {
  return principal.kind === "official" ? principal.id : undefined;
}

/** The same with the post: who proposes something, and who decides it, are two people at two posts. */
export function officialAtPost({ principal }: Act): { readonly id: string; readonly post: string } | undefined {
  return principal.kind === "official" ? { id: principal.id, post: principal.post.id } : undefined;
}

interface Noting {
  concerns(subject: { kind: "person" | "official"; id: string; attributes: readonly string[] }): void;
}

/** What is done about a person's or official's certificate concerns them. */
export function noteHolder(
  ctx: Noting,
  { profile, holder }: { readonly profile: string; readonly holder: string },
): void {
  if (profile === "person" || profile === "official")
    ctx.concerns({ kind: profile, id: holder, attributes: ["certificate"] });
}
