import { defineSystem } from "#kernel/system/system";
import { items } from "#services/items";
import { findItem } from "./operations/find-item.ts";
import { searchItems } from "./operations/search-items.ts";

export default defineSystem(items, { operations: { searchItems, findItem } });
