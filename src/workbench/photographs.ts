import { Buffer } from "node:buffer";
import type { TaskDeclaration } from "#kernel/contract/contract";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { checkUpload } from "#kernel/files/upload";
import { formToken, isFormToken } from "#kernel/http/form-token";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { formatSize } from "#ui/format";

export const MAX_PHOTOGRAPH_BYTES = 10 * 1024 * 1024;
export const MAX_PHOTOGRAPHS = 10;
/** The hidden fields in which a form that comes back carries the photographs that it already has. */
const KEPT_FIELD = "kept-photographs";
const MAX_KEPT_CHARACTERS = 1_000;

export interface Photograph {
  readonly digest: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

export interface KeptPhotographs {
  readonly kept: Readonly<Record<string, readonly Photograph[]>>;
  readonly problem?: { readonly field: string; readonly text: Text };
}

const NOT_TAKEN = text(
  "“{name}”不是可以接收的照片，请换一张 JPEG 或 PNG",
  "“{name}” is not a photograph that can be taken; choose another JPEG or PNG",
);

export const MARKED_FILE = text(
  "“{name}”的名称或者内容标有国家秘密，不得提交到本系统，未予保存",
  "The name or the content of “{name}” is marked as a state secret; it has no place in this system and was not kept",
);

/** Photographs are kept before the step that names them; they count only with it. A form that failed has not lost them. */
export async function keepPhotographs(
  site: Site,
  request: PageRequest,
  declaration: TaskDeclaration,
): Promise<KeptPhotographs> {
  const fields = formDescriptors(declaration.form).flatMap((field) => (field.kind === "file" ? [field.name] : []));
  const kept: Record<string, Photograph[]> = {};
  for (const field of fields) {
    const earlier = carried(site, request, field);
    if (earlier.length > 0) kept[field] = [...earlier];
  }
  for (const file of request.files.filter(({ field }) => fields.includes(field)).slice(0, MAX_PHOTOGRAPHS)) {
    const checked = checkUpload(file, { mediaTypes: ["image/jpeg", "image/png"], maxBytes: MAX_PHOTOGRAPH_BYTES });
    const scanned = checked.problem ? undefined : await site.scanner.scan(file.bytes);
    if (file.isMarked) return { kept, problem: { field: file.field, text: fill(MARKED_FILE, { name: file.name }) } };
    if (checked.problem || !scanned?.clean) {
      return { kept, problem: { field: file.field, text: fill(NOT_TAKEN, { name: file.name }) } };
    }
    const stored = await site.kernel.files.put(file.bytes, { mediaType: checked.mediaType, name: file.name });
    const list = kept[file.field] ?? [];
    if (list.length < MAX_PHOTOGRAPHS) {
      list.push({ digest: stored.digest, name: file.name, mediaType: stored.mediaType, bytes: stored.bytes });
    }
    kept[file.field] = list;
  }
  return { kept };
}

/** What a form brings back is believed only with the token that this node gave for it, to this session. */
function carried(site: Site, request: PageRequest, field: string): readonly Photograph[] {
  const sent = request.fields[`${KEPT_FIELD}.${field}`];
  const list = typeof sent === "string" ? [sent] : (sent ?? []);
  return list.slice(0, MAX_PHOTOGRAPHS).flatMap((written): Photograph[] => {
    if (written.length > MAX_KEPT_CHARACTERS) return [];
    const [encoded = "", token = ""] = written.split(".");
    if (!isFormToken(site.kernel.vault.keys("form-token"), bearerOf(request, encoded), token)) return [];
    return [JSON.parse(Buffer.from(encoded, "base64url").toString("utf8")) as Photograph];
  });
}

function bearerOf(request: PageRequest, encoded: string): string {
  return `photograph ${request.session?.id ?? ""} ${request.params["caseId"] ?? ""} ${encoded}`;
}

const HELD = text("已上传，提交时一并保存：", "Uploaded, kept when you submit:");

/** What the form already has, as a list for people and as fields for the next submission. */
export function heldPhotographs(
  site: Site,
  request: PageRequest,
  field: string,
  photographs: readonly Photograph[],
): Html {
  if (photographs.length === 0) return NOTHING;
  const { language }: { language: Language } = request;
  const items = photographs.map((one) => {
    const encoded = Buffer.from(JSON.stringify(one)).toString("base64url");
    const token = formToken(site.kernel.vault.key("form-token"), bearerOf(request, encoded));
    return html`<li>${one.name} <span class="zt-files__size">${formatSize(one.bytes)}</span><input type="hidden" name="${KEPT_FIELD}.${field}" value="${encoded}.${token}"></li>`;
  });
  return html`<p>${HELD[language]}</p><ul class="zt-files">${items}</ul>`;
}
