import { implementer } from "#kernel/system/system";
import { items } from "#services/items";

export const implement = implementer(items);
