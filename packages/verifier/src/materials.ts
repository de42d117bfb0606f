/** What was handed in with an application: named by its digest, and in the bundle itself where it was asked for. */
import { asList, asObject, asSize, base64, hex, text } from "./bytes.ts";
import { sha256 } from "./crypto.ts";
import { type Finding, good, note, Refusal } from "./report.ts";

const MATERIALS_MAX = 200;
const NAME_MAX = 200;
const DIGEST = /^[0-9a-f]{64}$/;
const DIGESTS = /"([0-9a-f]{64})"/g;

type Values = Readonly<Record<string, unknown>>;

/** In what a material may be named: entries of the log, and documents that such an entry names in turn. */
interface Naming {
  readonly entries: readonly { readonly id: number; readonly content: Values | undefined }[];
  readonly documents: readonly {
    readonly document: Values;
    readonly bytes: Uint8Array;
    readonly name: string;
    readonly boundTo: { readonly id: number } | undefined;
  }[];
}

/** Checks that each is named by an entry, or by an application or record that an entry names; and its bytes, where they are here. */
export function checkMaterials(
  listed: unknown,
  { entries, documents }: Naming,
  found: Finding[],
): readonly Record<string, unknown>[] {
  const rows = asList(listed ?? [], MATERIALS_MAX).map(asObject);
  if (rows.length === 0) return [];
  const namedBy = new Map<string, string>();
  for (const { document, bytes, name, boundTo } of documents) {
    if (boundTo === undefined || document["mediaType"] !== "application/json") continue;
    for (const [, digest = ""] of text(bytes).matchAll(DIGESTS)) namedBy.set(digest, name);
  }
  for (const { id, content } of entries) {
    const outcome = content?.["outcome"];
    if (typeof outcome === "string" && DIGEST.test(outcome)) namedBy.set(outcome, `entry ${id}`);
  }
  const materials = rows.map((row) => checkMaterial(row, namedBy));
  const bound = materials.filter((one) => one["namedBy"] !== undefined).length;
  const included = materials.filter((one) => one["included"] === true).length;
  if (bound > 0) {
    found.push(
      good(
        "materials",
        `${bound} 份材料的摘要由申请、记录或日志载明；${included} 份材料附有原件，与摘要一致`,
        `${bound} materials are named by their digests in the application, a record or the log; ${included} are here themselves, and match`,
      ),
    );
  }
  if (materials.length > bound) {
    found.push(
      note(
        "materials-unbound",
        `${materials.length - bound} 份材料未由申请、记录或日志载明`,
        `${materials.length - bound} materials are named neither in the application nor in a record or the log`,
      ),
    );
  }
  return materials;
}

function checkMaterial(row: Values, namedBy: ReadonlyMap<string, string>): Record<string, unknown> {
  const { sha256: digest, content } = row;
  const name = String(row["name"]).slice(0, NAME_MAX);
  const size = asSize(row["bytes"]);
  if (typeof digest !== "string" || !DIGEST.test(digest))
    throw new Refusal("malformed", "材料格式有误", "A material is malformed");
  if (content !== undefined) {
    const bytes = base64(content);
    if (hex(sha256(bytes)) !== digest || bytes.length !== size)
      throw new Refusal("material", `材料“${name}”与其摘要不符`, `The material ${name} does not match its digest`);
  }
  return { name, sha256: digest, bytes: size, included: content !== undefined, namedBy: namedBy.get(digest) };
}
