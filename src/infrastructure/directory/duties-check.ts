import type { PostRef } from "#kernel/system/act";
import type { Text } from "#lib/language/text";

/** Why a post must not have its duties; `undefined` where it may. */
export type DutiesCheck = (post: PostRef) => Promise<Text | undefined>;

let provided: DutiesCheck | undefined;

/** Gives the room what keeps duties apart; a node without a room for that gives none. */
export function provideDutiesCheck(check: DutiesCheck | undefined): void {
  provided = check;
}

/** Asked before a post is made. */
export async function dutiesObjection(post: PostRef): Promise<Text | undefined> {
  return provided?.(post);
}
