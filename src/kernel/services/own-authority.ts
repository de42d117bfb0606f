/** Whose case it is after authorities were merged: what one of them began is the successor's as well. */
import { isUuid } from "#lib/crypto/uuid";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";

/** Whether what an authority keeps is that of a post, at it or at what it was merged into or from. */
export function isOfPost(kernel: Kernel, post: { readonly authority: string }, authority: string): boolean {
  return post.authority === authority || kernel.oneWith(post.authority).includes(authority);
}

/** An authority as policies see it from where somebody stands: his own, where they are one today. */
export function authoritySeen(kernel: Kernel, { principal }: Pick<Act, "principal">, authority: string): string {
  return principal.kind === "official" && isOfPost(kernel, principal.post, authority)
    ? principal.post.authority
    : authority;
}

/** The same of a column of text, as SQL. */
export function authoritySeenSql(kernel: Kernel, { principal }: Pick<Act, "principal">, column: string): string {
  if (principal.kind !== "official") return column;
  const { authority } = principal.post;
  const others = kernel.oneWith(authority).filter((one) => one !== authority && isUuid(one));
  if (others.length === 0 || !isUuid(authority)) return column;
  return `CASE WHEN ${column} IN (${others.map((one) => `'${one}'`).join(", ")}) THEN '${authority}' ELSE ${column} END`;
}
