import { z } from "zod";
import { FILE_MAX_BYTES, FILE_NAME_MAX_CHARACTERS } from "../files/limits.ts";
import { type FieldMeta, field, unwrapped } from "./field.ts";

const MEDIA_TYPE_MAX_CHARACTERS = 100;

const Shape = z.object({
  /** SHA-256 of its bytes, lower-case hexadecimal: by which `ctx.files` reads it. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1).max(FILE_MAX_BYTES),
  mediaType: z.string().min(1).max(MEDIA_TYPE_MAX_CHARACTERS),
  name: z.string().max(FILE_NAME_MAX_CHARACTERS),
});
export type FileOfCall = z.output<typeof Shape>;

const files = new WeakSet<z.ZodType>();

/**
 * A file that an operation takes or gives, as `ctx.files.put` gave it to whoever sends it. Its bytes come along: when a handler runs, `ctx.files`
 * reads the files of its input, and when an answer is there, those of the answer, wherever the other side is. Attributes of the input
 * or output itself, or lists of them: `paper: storedFile({ title })`, `z.array(storedFile({ title })).max(10)`.
 */
export function storedFile(meta: FieldMeta): typeof Shape {
  const own = field(Shape, meta);
  files.add(own);
  return own;
}

/** By schema: which attributes are files, or lists of them. Most have none. */
const known = new WeakMap<z.ZodType, readonly string[]>();

function fileNames(schema: z.ZodType): readonly string[] {
  let names = known.get(schema);
  if (names === undefined) {
    const object = unwrapped(schema);
    names =
      object instanceof z.ZodObject
        ? Object.entries(object.shape as Readonly<Record<string, z.ZodType>>).flatMap(([name, attribute]) =>
            isFile(attribute) ? [name] : [],
          )
        : [];
    known.set(schema, names);
  }
  return names;
}

function isFile(schema: z.ZodType): boolean {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray) return isFile(inner.element as z.ZodType);
  return files.has(inner);
}

/** The files in a value of a schema, each once; what is none by its form is left out. */
export function filesIn(schema: z.ZodType, value: unknown): readonly FileOfCall[] {
  const names = fileNames(schema);
  if (names.length === 0 || typeof value !== "object" || value === null) return [];
  const found = new Map<string, FileOfCall>();
  for (const name of names) {
    const held: unknown = (value as Readonly<Record<string, unknown>>)[name];
    for (const one of Array.isArray(held) ? held : [held]) {
      const read = Shape.safeParse(one);
      if (read.success) found.set(read.data.digest, read.data);
    }
  }
  return [...found.values()];
}
