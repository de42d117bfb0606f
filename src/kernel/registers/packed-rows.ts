import type { CheckedRow } from "./sealing.ts";
import type { RegisterShape } from "./shape.ts";

/** Rows column by column: between threads, names that each row repeats would cost more than what they name. */
export interface PackedRows {
  readonly keys: readonly string[];
  readonly validFrom: readonly number[];
  /** In the order of the shape's attributes. */
  readonly columns: readonly (readonly unknown[])[];
}

export function packed(shape: RegisterShape, rows: readonly CheckedRow[]): PackedRows {
  return {
    keys: rows.map(({ key }) => key),
    validFrom: rows.map(({ validFrom }) => validFrom),
    columns: shape.attributes.map(({ name }) => rows.map(({ value }) => value[name])),
  };
}

export function unpacked(shape: RegisterShape, { keys, validFrom, columns }: PackedRows): CheckedRow[] {
  const names = shape.attributes.map(({ name }) => name);
  return keys.map((key, at) => {
    const value: Record<string, unknown> = {};
    for (let nth = 0; nth < names.length; nth++) {
      const member = columns[nth]?.[at];
      if (member !== undefined) value[names[nth] ?? ""] = member;
    }
    return { key, validFrom: validFrom[at] ?? 0, value };
  });
}
