import { MAX_PAGE_ENTRIES, type Page } from "#kernel/registers/handle";

/** More pages than this are no list that a person reads, but an export. */
export const PAGES_MAX = 50;

/** All entries of a list that is known to be short, such as the posts of one authority. */
export async function everyPage<T>(
  page: (options: { readonly limit: number; readonly after?: string }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let after: string | undefined;
  for (let read = 0; read < PAGES_MAX; read++) {
    const found = await page({ limit: MAX_PAGE_ENTRIES, ...(after !== undefined && { after }) });
    items.push(...found.items);
    if (found.next === undefined) return items;
    after = found.next;
  }
  throw new RangeError(`more than ${PAGES_MAX * MAX_PAGE_ENTRIES} entries in a list that was taken to be short`);
}
