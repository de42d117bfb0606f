import type { Material } from "../contract/contract.ts";
import type { StoredFile } from "../files/file.ts";
import { checkUpload, type UploadProblem } from "../files/upload.ts";
import type { UploadedFile } from "../http/page.ts";
import type { Scanner } from "../ports.ts";
import { fileHasMark, turnsMarksAway } from "../secrecy/marked-content.ts";
import type { Kernel } from "../system/kernel.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** Looks at one upload (its type by its bytes, its size, malware) and keeps it; nothing names it yet. */
export async function takeUpload(
  kernel: Kernel,
  upload: {
    readonly room: string;
    readonly material: Material;
    readonly file: UploadedFile;
    readonly scanner: Scanner;
  },
): Promise<StoredFile | ServiceRefusal> {
  const { room, material, file } = upload;
  if (file.isMarked || (turnsMarksAway(kernel.zone) && (await fileHasMark(file))))
    return serviceRefusal(room, "material-marked", { file: file.name });
  const checked = checkUpload(file, { mediaTypes: material.mediaTypes, maxBytes: material.maxBytes });
  if (checked.problem) return uploadRefusal(room, file, checked.problem, material);
  const scanned = await upload.scanner.scan(file.bytes);
  if (!scanned.clean) return serviceRefusal(room, "material-infected", { file: file.name });
  return kernel.files.put(file.bytes, { mediaType: checked.mediaType, name: file.name });
}

function uploadRefusal(
  room: string,
  file: UploadedFile,
  problem: UploadProblem,
  material: { readonly mediaTypes: readonly string[]; readonly maxBytes: number },
): ServiceRefusal {
  switch (problem) {
    case "empty":
      return serviceRefusal(room, "material-empty", { file: file.name });
    case "too-big":
      return serviceRefusal(room, "material-too-big", {
        file: file.name,
        limit: `${Math.floor(material.maxBytes / (1024 * 1024))} MB`,
      });
    case "type":
      return serviceRefusal(room, "material-type", {
        file: file.name,
        types: material.mediaTypes.map((type) => type.split("/")[1]?.toUpperCase() ?? type).join(", "),
      });
  }
}
