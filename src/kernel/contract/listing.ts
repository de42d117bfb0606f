import type { z } from "zod";
import { type Text, text } from "#lib/language/text";

/** Names and types of what access policies may ask of each row of a list. */
export type EntryTypes = Readonly<Record<string, EntryType>>;
export type EntryType = "text" | "long" | "boolean";

/** Rows of a room's own table, with what policies may ask of each: plain, and of nobody's person. */
export interface ListedTable {
  readonly rows: EntryTypes;
}

/** Why an operation that answers with a list leaves policies no row to leave out: it is allowed or denied as a whole. */
export const UNFILTERED = {
  own: text("只列本人或本组织自己的", "It lists what is the reader's own, or of whom he acts for, alone"),
  admitted: text(
    "只列对方参与的；谁参与由本系统逐一登记",
    "It lists what the asking system was admitted to, which the room itself holds",
  ),
  one: text(
    "列出的是同一事项的组成部分，随该事项一并决定",
    "It shows parts of one thing, about which is decided whole",
  ),
  arrangement: text(
    "列出的是节点自身的配置，不涉及任何个人或者组织的事务",
    "It lists how the node is arranged, and nobody's affairs",
  ),
  sealed: text(
    "列出的以密文存储，数据库无法比较其内容",
    "What it lists is stored sealed, and cannot be compared in the database",
  ),
} as const satisfies Readonly<Record<string, Text>>;
export type Unfiltered = keyof typeof UNFILTERED;

/** Schemas lie in each other no deeper. */
const DEPTH_MAX = 12;

/** Whether what a schema describes has rows: a list of objects, wherever it stands. */
export function answersWithRows(schema: z.ZodType, depth = 0): boolean {
  if (depth > DEPTH_MAX) return true;
  const { shape, element, innerType, options } = schema.def as {
    readonly shape?: Readonly<Record<string, z.ZodType>>;
    readonly element?: z.ZodType;
    readonly innerType?: z.ZodType;
    readonly options?: readonly z.ZodType[];
  };
  if (element !== undefined) return isObject(element) || answersWithRows(element, depth + 1);
  const parts = [...Object.values(shape ?? {}), ...(options ?? []), innerType];
  return parts.some((part) => part !== undefined && answersWithRows(part, depth + 1));
}

function isObject(schema: z.ZodType): boolean {
  const { shape, innerType, options } = schema.def as {
    readonly shape?: object;
    readonly innerType?: z.ZodType;
    readonly options?: readonly z.ZodType[];
  };
  return shape !== undefined || (innerType !== undefined && isObject(innerType)) || (options ?? []).some(isObject);
}
