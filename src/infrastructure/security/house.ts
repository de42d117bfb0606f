import type { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import type { PostRef } from "#kernel/system/act";
import type { Front } from "#kernel/system/context";
import "./faults.ts";
import { securityPorts } from "./ports.ts";
import type { AuthorityPlace, House } from "./reach.ts";

/** Pages of authorities that are read; more authorities than this are more than one node keeps. */
const PAGES_MAX = 500;

type Directory = Pick<Front<typeof directory>, "listAuthorities" | "listPosts">;

/**
 * Every authority and the one above it.
 * @throws Fault ERR_SECURITY_DIRECTORY_SILENT: "none below" would be a wrong answer where there was none
 */
export async function authoritiesOf(doors: Pick<Directory, "listAuthorities">): Promise<readonly AuthorityPlace[]> {
  const found: AuthorityPlace[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await doors.listAuthorities(after === undefined ? {} : { after });
    if (isRefusal(answer)) throw new Fault("ERR_SECURITY_DIRECTORY_SILENT", { message: answer.code });
    found.push(...answer.items.map(({ id, parent }) => ({ id, parent })));
    if (answer.next === undefined) return found;
    after = answer.next;
  }
  throw new Fault("ERR_SECURITY_DIRECTORY_SILENT", { message: `more than ${PAGES_MAX} pages of authorities` });
}

/** The house as changes see it. */
export async function houseOf(doors: Pick<Directory, "listAuthorities">): Promise<House> {
  const { access, keeperOf } = securityPorts();
  return { authorities: await authoritiesOf(doors), actions: access.actions, keeperOf };
}

/** Every post of these authorities. */
export async function postsOf(
  doors: Pick<Directory, "listPosts">,
  authorities: readonly string[],
): Promise<readonly PostRef[]> {
  const found: PostRef[] = [];
  for (const authority of authorities) {
    const answer = await doors.listPosts({ authority });
    if (isRefusal(answer)) throw new Fault("ERR_SECURITY_DIRECTORY_SILENT", { message: answer.code });
    found.push(...answer.items);
  }
  return found;
}
