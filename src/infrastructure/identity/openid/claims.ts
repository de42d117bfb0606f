import type { Session } from "#kernel/ports";
import type { OpenidScope } from "./client-contract.ts";

/** Which claims a scope stands for. `sub`, `acr`, `amr` and `auth_time` come with `openid` and say nothing of who it is. */
export const SCOPE_CLAIMS = {
  openid: ["sub", "acr", "amr", "auth_time"],
  profile: ["name", "holder_kind"],
  organization: ["organization"],
  post: ["post"],
} as const satisfies Readonly<Record<OpenidScope | "openid", readonly string[]>>;

/** Levels of assurance as `acr` (OpenID Connect Core §2): 1 password, 2 two factors, 3 certificate or presence. */
export const ACR_VALUES = [1, 2, 3].map((level) => acrOf(level));

export function acrOf(level: number): string {
  return `urn:zhengtong:assurance:${level}`;
}

/** What a system may be told of a session; the library leaves out what was not asked for or granted. */
export function claimsOf({ principal, displayName, onBehalfOf }: Session): Readonly<Record<string, unknown>> {
  return {
    name: displayName,
    holder_kind: principal.kind,
    ...(onBehalfOf && { organization: { name: onBehalfOf.name, right: onBehalfOf.right } }),
    ...(principal.kind === "official" && {
      post: {
        title: principal.post.title.zh,
        authority: principal.post.authority,
        authority_name: principal.post.authorityName.zh,
        division: principal.post.division,
      },
    }),
  };
}
