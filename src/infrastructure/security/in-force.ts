import type { directory } from "#infrastructure/directory";
import type { LiveAccess } from "#kernel/access/live-access";
import { keepLooking } from "#kernel/database/keep-looking";
import type { Database } from "#kernel/database/sql";
import type { PostRef } from "#kernel/system/act";
import type { Front } from "#kernel/system/context";
import type { Text } from "#lib/language/text";
import { conflictsOfPost } from "./assessment.ts";
import { approvedChanges, type Change, inForceAt } from "./change.ts";
import { houseOf } from "./house.ts";
import { securityPorts } from "./ports.ts";
import { CHANGED_CHANNEL, conflictWords } from "./proposal.ts";
import { type House, policiesOf } from "./reach.ts";

/** Whose policies these are, to the access that decides by them. */
export const SECURITY_POLICIES = "security";
/** An authority that is new, and a notification that was lost, are seen within this. */
export const LOOK_AGAIN_MS = 30_000;

type Directory = Pick<Front<typeof directory>, "listAuthorities">;

/** Has the node decide by all that was approved, each from its own instant on. */
export async function putInForce(access: LiveAccess, database: Database, doors: Directory): Promise<void> {
  const changes = await approvedChanges(database);
  // Without any, nothing is asked: most nodes start so.
  const house = changes.length === 0 ? undefined : await houseOf(doors);
  await access.replace(database, SECURITY_POLICIES, house === undefined ? [] : versionsOf(house, changes));
}

function versionsOf(house: House, changes: readonly Change[]) {
  const instants = [...new Set(changes.map(({ inForceFrom }) => Date.parse(inForceFrom ?? "")))].sort(
    (one, other) => one - other,
  );
  return instants.map((atMs) => ({
    from: new Date(atMs).toISOString(),
    policies: policiesOf(house, inForceAt(changes, atMs)),
  }));
}

/**
 * Keeps a process up to date with what any process on the same database approves. Gives what stops it.
 * @param onFault a look that failed; what was in force stays so until the next
 */
export async function watchChanges(options: {
  readonly access: LiveAccess;
  readonly database: Database;
  readonly directory: Directory;
  readonly onFault: (fault: unknown) => void;
}): Promise<() => Promise<void>> {
  const { access, database, directory, onFault } = options;
  const look = () => putInForce(access, database, directory);
  return keepLooking({ database, channel: CHANGED_CHANNEL, everyMs: LOOK_AGAIN_MS, look, onFault });
}

/** Why a post must not have these duties; `undefined` where it may. Asked before a post is made. */
export async function dutiesObjection(
  database: Database,
  doors: Directory,
  post: PostRef,
  now: string,
): Promise<Text | undefined> {
  const { access } = securityPorts();
  const ground = { access, house: await houseOf(doors), approved: await approvedChanges(database) };
  const conflicts = conflictsOfPost(ground, post, Date.parse(now));
  return conflicts.length === 0 ? undefined : conflictWords({ conflicts });
}
