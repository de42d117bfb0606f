import { directory } from "#infrastructure/directory";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import { holds, postOf } from "../frame.ts";

export type PostView = Output<(typeof directory)["operations"]["findPost"]["output"]>;

/** Pages of authorities that a list of posts reads; more are found by their authority. */
const AUTHORITY_PAGES_MAX = 20;

export function directoryDoors(request: PageRequest) {
  return request.front(directory, { purpose: "administration", asNode: directory.id });
}

/** Administrators of rights, of the directory, and auditors look at who may do what. */
export function mayLook(request: PageRequest): boolean {
  return ["security.propose", "security.approve", "directory.administer", "audit.read"].some((duty) =>
    holds(request, duty),
  );
}

/** Every post, those of the reader's own authority first. */
export async function allPosts(request: PageRequest): Promise<readonly PostView[]> {
  const doors = directoryDoors(request);
  const own = postOf(request).post.authority;
  const ids: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < AUTHORITY_PAGES_MAX; page += 1) {
    const found = await doors.listAuthorities(after === undefined ? {} : { after });
    if (isRefusal(found)) break;
    ids.push(...found.items.map(({ id }) => id));
    after = found.next;
    if (after === undefined) break;
  }
  const posts: PostView[] = [];
  for (const authority of ids.sort((one, other) => Number(other === own) - Number(one === own))) {
    const found = await doors.listPosts({ authority });
    if (!isRefusal(found)) posts.push(...found.items);
  }
  return posts;
}

/** Who holds a post today. */
export async function holderNames(request: PageRequest, post: string): Promise<readonly string[]> {
  const found = await directoryDoors(request).listAppointments({ post });
  return isRefusal(found) ? [] : found.items.map(({ officialName }) => officialName);
}
