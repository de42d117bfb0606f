import type { FastifyRequest } from "fastify";
import { fileHasMark } from "../secrecy/marked-content.ts";
import { MAX_FIELDS, MAX_FILE_NAME_CHARACTERS, MAX_UPLOAD_TOTAL_BYTES } from "./limits.ts";
import type { FormFields, UploadedFile } from "./page.ts";

/** The fields and files of a form that was sent. Files are taken where the page takes them, and no more of them than fit. */
export async function formOf(
  request: FastifyRequest,
  { maxUploadBytes, turnsMarksAway }: { readonly maxUploadBytes: number | undefined; readonly turnsMarksAway: boolean },
): Promise<{ fields: FormFields; files: readonly UploadedFile[] }> {
  if (!request.isMultipart()) return { fields: urlEncoded(request.body), files: [] };
  const fields = noFields();
  const files: UploadedFile[] = [];
  let room = maxUploadBytes === undefined ? 0 : Math.max(maxUploadBytes, MAX_UPLOAD_TOTAL_BYTES);
  for await (const part of partsOf(request, maxUploadBytes)) {
    if (part.type === "field") addField(fields, part.fieldname, String(part.value));
    else {
      const bytes = await part.toBuffer();
      // A file field that was left empty arrives as a part without a name.
      if (part.filename === "" && bytes.length === 0) continue;
      room -= bytes.length;
      if (room < 0) throw Object.assign(new RangeError("the files together are too big"), { statusCode: 413 });
      const name = typed((part.filename ?? "").slice(0, MAX_FILE_NAME_CHARACTERS));
      const file = { field: part.fieldname, name, mediaType: part.mimetype };
      // Whatever a page does with files: it never has what this node does not take.
      const isMarked = turnsMarksAway && (await fileHasMark({ name, bytes }));
      files.push(isMarked ? { ...file, bytes: new Uint8Array(0), isMarked } : { ...file, bytes });
    }
  }
  return { fields, files };
}

/** The parts of a multipart form; the reader's errors about its form have no status of their own. */
async function* partsOf(request: FastifyRequest, maxUploadBytes: number | undefined) {
  try {
    yield* request.parts({ limits: { fileSize: maxUploadBytes ?? 0 } });
  } catch (error) {
    if (error instanceof Error && !("statusCode" in error)) throw Object.assign(error, { statusCode: 400 });
    throw error;
  }
}

function urlEncoded(body: unknown): FormFields {
  const fields = noFields();
  let count = 0;
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      count += 1;
      if (count > MAX_FIELDS) throw Object.assign(new RangeError("too many fields"), { statusCode: 413 });
      addField(fields, name, typeof one === "string" ? one : JSON.stringify(one));
    }
  }
  return fields;
}

/** Has no prototype: `constructor` is a name like any other. */
function noFields(): Record<string, string | string[]> {
  return Object.create(null) as Record<string, string | string[]>;
}

/**
 * What a person can have typed: no control characters, which PostgreSQL or a document refuse, and none that turn the direction of
 * what follows, by which one name shows as another; no half of a surrogate pair.
 */
export function typed(text: string): string {
  return text.replaceAll(INVISIBLE, "").toWellFormed();
}

const INVISIBLE = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

function addField(fields: Record<string, string | string[]>, name: string, sent: string): void {
  if (name === "__proto__") return;
  const value = typed(sent);
  const known = fields[name];
  if (known === undefined) fields[name] = value;
  else if (typeof known === "string") fields[name] = [known, value];
  else known.push(value);
}
