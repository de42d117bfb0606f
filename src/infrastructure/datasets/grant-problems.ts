import { text } from "#lib/language/text";

/** Why a grant gives nothing, or nothing more: told in the same words on both sides. */
export const GRANT_PROBLEMS = {
  "no-grant": text(
    "来源方没有授予本节点这项用途的共享授权。未提供任何数据；请向数源部门申请。",
    "The source has granted this node nothing for this use. Nothing was provided; ask the steward for a grant.",
  ),
  "grant-suspended": text(
    "提供部门认为存在违规使用，已暂停授权。恢复之前不提供数据，已有的副本不得使用。",
    "The provider suspended the grant for misuse. Until it is resumed nothing is provided, and the copy may not be used.",
  ),
  "grant-ended": text(
    "授权已终止。不再提供数据，副本不得使用，应予清除。",
    "The grant has ended. Nothing more is provided; the copy may not be used and has to be erased.",
  ),
  "grant-expired": text(
    "授权已到期。不再提供数据，副本不得使用；需要继续使用的，请重新申请，否则应予清除。",
    "The grant has expired. Nothing more is provided and the copy may not be used; ask anew where it is needed, or erase it.",
  ),
  "grant-not-shared": text(
    "授权中的部分信息项依法不再共享。不再提供数据，副本不得使用；请就其余信息项重新申请。",
    "By law some of the granted attributes are not shared any more. Nothing is provided and the copy may not be used; ask anew for the others.",
  ),
  "grant-spent": text(
    "授权的用量已用完。每日用量次日恢复；副本可以使用，但不再更新。",
    "The grant is used up. A day's uses are there again the next day; the copy can be used, and is not kept up to date.",
  ),
} as const;

/** Those under which what a copy holds may not be used either. */
const BARRING = new Set<string>(["no-grant", "grant-suspended", "grant-ended", "grant-expired", "grant-not-shared"]);

export function isBarring(code: string): boolean {
  return BARRING.has(code);
}
