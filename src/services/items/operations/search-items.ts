import { ITEM_LIST_LENGTH } from "#services/items";
import { implement } from "../implement.ts";
import { itemCatalogue } from "../ports.ts";
import { asked, nearness } from "../search.ts";

export const searchItems = implement("searchItems", async (_ctx, { query, applicant }) => {
  const open = itemCatalogue().filter(({ item }) => applicant === undefined || item.applicants.includes(applicant));
  if (!query) return { items: open.slice(0, ITEM_LIST_LENGTH).map(({ item }) => item) };
  const question = asked(query);
  const found = open
    .map(({ item, searchable }) => ({ item, near: nearness(searchable, question) }))
    .filter(({ near }) => near > 0)
    .sort((one, other) => other.near - one.near);
  return { items: found.slice(0, ITEM_LIST_LENGTH).map(({ item }) => item) };
});
