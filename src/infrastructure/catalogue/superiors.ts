import type { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import type { ListedAuthority } from "#kernel/ports";
import type { Door } from "#kernel/system/context";
import { divisionsAround, sixDigits, WHOLE_COUNTRY } from "#lib/directory/division";
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
  { one, other, listed }: { readonly one: string; readonly other: string; readonly listed: readonly ListedAuthority[] },
): Promise<Superiors | undefined> {
  const own = await authorities(doors);
  const known = new Set(own.map(({ id }) => id));
  const places = placesOf(own, listed);
  const shared = commonAbove(places, one, other);
  const [government] = shared;
  if (government === undefined) return undefined;
  for (const above of shared) {
    for (const candidate of [above, ...places.filter(({ parent }) => parent === above).map(({ id }) => id)]) {
      // Nobody settles what he is a party to.
      if (candidate === one || candidate === other) continue;
      // Which posts another node's authorities have is not known here.
      if (known.has(candidate) && (await coordinates(doors, candidate))) return { coordinator: candidate, government };
    }
  }
  return { coordinator: government, government };
}

/**
 * The authorities of this node, with those of others. Nodes do not know each other's authorities by their own registers: whoever stands at
 * the top of a division has above him the government of the division around it.
 */
export function placesOf(own: readonly Place[], listed: readonly ListedAuthority[]): readonly Place[] {
  const byId = new Map<string, Place>(listed.map(({ id, parent }) => [id, { id, parent }]));
  for (const place of own) byId.set(place.id, place);
  const divisions = new Map(listed.map(({ id, division }) => [id, sixDigits(division) ?? WHOLE_COUNTRY]));
  const isTop = ({ id, parent }: Place) => parent === undefined || !byId.has(parent) || parent === id;
  const governments = new Map<string, string>();
  for (const { id, isGovernment } of listed) {
    const division = divisions.get(id);
    const place = byId.get(id);
    if (isGovernment && division !== undefined && place !== undefined && isTop(place) && !governments.has(division)) {
      governments.set(division, id);
    }
  }
  return [...byId.values()].map((place) => {
    const division = divisions.get(place.id);
    if (division === undefined || !isTop(place)) return place;
    const head = governments.get(division);
    // Beside the government of his own division, whoever has nobody above him there is below it.
    if (head !== undefined && head !== place.id) return { id: place.id, parent: head };
    const above = divisionsAround(division)
      .slice(1)
      .map((around) => governments.get(around))
      .find((id) => id !== undefined);
    return { id: place.id, parent: above };
  });
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
