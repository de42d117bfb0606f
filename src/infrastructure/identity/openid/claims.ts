import type { Session } from "#kernel/ports";
import type { Assurance, ProvenAt } from "#kernel/system/act";
import type { OpenidScope } from "./client-contract.ts";

/** Which claims a scope stands for. `sub`, `acr`, `amr` and `auth_time` come with `openid` and say nothing of who it is. */
export const SCOPE_CLAIMS = {
  openid: ["sub", "acr", "amr", "auth_time"],
  profile: ["name", "holder_kind"],
  organization: ["organization"],
  post: ["post"],
} as const satisfies Readonly<Record<OpenidScope | "openid", readonly string[]>>;

/** Levels of assurance as `acr` (OpenID Connect Core §2), the node's own three. */
export const ACR_VALUES = [1, 2, 3].map((level) => acrOf(level));

export function acrOf(level: number): string {
  return `urn:zhengtong:assurance:${level}`;
}

/** The level that a system asks for (OpenID Connect Core §3.1.2.1): the first of its values that this node knows; 1 where none is. */
export function askedLevel(acrValues: unknown): Assurance {
  const asked = typeof acrValues === "string" ? acrValues.split(" ") : [];
  const known = asked.map((value) => ACR_VALUES.indexOf(value) + 1).find((level) => level > 0);
  return (known ?? 1) as Assurance;
}

/** The level of a value of this node's; 0 of anything else. */
export function levelOf(acr: unknown): number {
  return ACR_VALUES.indexOf(String(acr)) + 1;
}

/** How it was proved (RFC 8176): what was used in the session, and `mfa` where that were two kinds of factors. */
export function amrOf(methods: readonly string[], level: Assurance): string[] {
  return level === 1 ? [...methods] : [...methods, "mfa"];
}

/** When the person last proved anything, in seconds: the `auth_time` of a token. */
export function authTimeOf(provenAt: ProvenAt | undefined, openedAt: string): number {
  const times = [openedAt, ...Object.values(provenAt ?? {})].map((at) => Date.parse(at));
  return Math.floor(Math.max(...times) / 1000);
}

/** What a system may be told of a session; the library leaves out what was not asked for or granted. */
export function claimsOf({ principal, displayName, onBehalfOf }: Session): Readonly<Record<string, unknown>> {
  return {
    name: displayName,
    holder_kind: principal.kind,
    // Another person is nobody else's business: a system is told of organizations alone.
    ...(onBehalfOf?.kind === "organization" && { organization: { name: onBehalfOf.name, right: onBehalfOf.right } }),
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
