import { DETACHED_SEAL_MEDIA_TYPE } from "#kernel/documents/detached-seal";
import type { PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { readSealBeside } from "#kernel/system/detached-seals";

/** The detached seal of a document as a file that lies beside it; not there for what was sealed before there were any. */
export async function sealFile(site: Site, document: string, name: string): Promise<PageResponse> {
  const bytes = await readSealBeside(site.kernel, document);
  if (bytes === undefined) return { kind: "not-found" };
  return { kind: "file", bytes, mediaType: DETACHED_SEAL_MEDIA_TYPE, name: `${name}.seal.json` };
}
