import { z } from "zod";
import type { Kernel } from "../system/kernel.ts";
import type { Application } from "./application.ts";
import type { EvidenceMaterial } from "./evidence.ts";
import { recordsOf } from "./records.ts";

/** As a record names a file (`take-upload.ts`). */
const StoredFile = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int().min(1),
});

export interface MaterialsWanted {
  readonly internal: boolean;
  readonly withMaterials: boolean;
  /** How many bytes of them have room in the bundle; those for which there is none are named by their digests alone. */
  readonly maxBytes: number;
}

/** What the applicant handed in; for officials also the files of their records, such as photographs of a site check. */
export async function materialsIn(
  kernel: Kernel,
  { materials, caseId }: Application,
  { internal, withMaterials, maxBytes }: MaterialsWanted,
): Promise<readonly EvidenceMaterial[]> {
  const handedIn = materials.map(({ fileName: name, ...file }) => ({ ...file, name }));
  const records = internal ? await recordsOf(kernel, caseId) : [];
  const attached = records.flatMap(({ content }) => Object.values(content).flat().flatMap(storedFile));
  const all = new Map([...handedIn, ...attached].map((file) => [file.digest, file]));
  const found: EvidenceMaterial[] = [];
  let room = withMaterials ? maxBytes : 0;
  for (const { name, mediaType, bytes, digest: sha256 } of all.values()) {
    const content = bytes <= room ? await kernel.files.read(sha256) : undefined;
    room -= content?.length ?? 0;
    found.push({ ...{ name, mediaType, sha256, bytes }, ...(content && { content }) });
  }
  return found;
}

function storedFile(value: unknown) {
  const { data } = StoredFile.safeParse(value);
  return data === undefined ? [] : [data];
}
