import type { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import type { Door } from "#kernel/system/context";
import "./faults.ts";
import { COORDINATE } from "./terms.ts";

/** Pages of authorities that are read; more authorities than this are more than one node keeps. */
const PAGES_MAX = 500;
/** Authorities on the way up; more is a circle. */
const LEVELS_MAX = 20;

export interface Superiors {
  /** Whose post is in charge of sharing between the two (政务数据共享主管部门). */
  readonly coordinator: string;
  /** The lowest government above both. */
  readonly government: string;
}

interface Place {
  readonly id: string;
  readonly parent?: string | undefined;
}

/**
 * Who stands above two authorities: the lowest authority above both, and of it and what is directly below it the one that has a post
 * in charge of sharing; where there is none, the next above. Undefined where the directory knows nobody above both.
 * @throws Fault ERR_CATALOGUE_DIRECTORY_SILENT
 */
export async function superiorsOf(
  doors: Pick<Door<typeof directory>, "listAuthorities" | "listPosts">,
  one: string,
  other: string,
): Promise<Superiors | undefined> {
  const places = await authorities(doors);
  const shared = commonAbove(places, one, other);
  const [government] = shared;
  if (government === undefined) return undefined;
  for (const above of shared) {
    for (const candidate of [above, ...places.filter(({ parent }) => parent === above).map(({ id }) => id)]) {
      // Nobody settles what he is a party to.
      if (candidate === one || candidate === other) continue;
      if (await coordinates(doors, candidate)) return { coordinator: candidate, government };
    }
  }
  return { coordinator: government, government };
}

/** The authorities above both, the lowest first; where one of the two stands at the top, that one. */
export function commonAbove(places: readonly Place[], one: string, other: string): readonly string[] {
  const parents = new Map(places.map(({ id, parent }) => [id, parent]));
  const above = (id: string): readonly string[] => {
    const found: string[] = [];
    for (let at = parents.get(id); at !== undefined && found.length < LEVELS_MAX; at = parents.get(at)) {
      if (found.includes(at)) break;
      found.push(at);
    }
    return found;
  };
  const common = above(one).filter((id) => above(other).includes(id));
  if (common.length > 0) return common;
  return [one, ...above(one)].filter((id) => [other, ...above(other)].includes(id));
}

async function authorities(doors: Pick<Door<typeof directory>, "listAuthorities">): Promise<readonly Place[]> {
  const found: Place[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await doors.listAuthorities(after === undefined ? {} : { after });
    if (isRefusal(answer)) throw new Fault("ERR_CATALOGUE_DIRECTORY_SILENT", { message: answer.code });
    found.push(...answer.items.map(({ id, parent }) => ({ id, parent })));
    if (answer.next === undefined) return found;
    after = answer.next;
  }
  throw new Fault("ERR_CATALOGUE_DIRECTORY_SILENT", { message: `more than ${PAGES_MAX} pages of authorities` });
}

async function coordinates(doors: Pick<Door<typeof directory>, "listPosts">, authority: string): Promise<boolean> {
  const answer = await doors.listPosts({ authority });
  if (isRefusal(answer)) throw new Fault("ERR_CATALOGUE_DIRECTORY_SILENT", { message: answer.code });
  return answer.items.some(({ duties }) => duties.includes(COORDINATE));
}
