import { detectMediaType } from "./media-type.ts";

/** Why an upload is not taken: nothing in it, too much in it, or not the type that it claims or that is asked for. */
export type UploadProblem = "empty" | "too-big" | "type";

export type UploadCheck =
  | { readonly problem: UploadProblem; readonly mediaType?: undefined }
  | { readonly problem?: undefined; readonly mediaType: string };

/**
 * Looks at an upload before it is kept. The bytes decide the type; a claim that differs from them is a problem, but a browser
 * that claims nothing in particular is believed to know nothing.
 */
export function checkUpload(
  upload: { readonly bytes: Uint8Array; readonly mediaType: string },
  accepted: { readonly mediaTypes: readonly string[]; readonly maxBytes: number },
): UploadCheck {
  if (upload.bytes.length === 0) return { problem: "empty" };
  if (upload.bytes.length > accepted.maxBytes) return { problem: "too-big" };
  const found = detectMediaType(upload.bytes);
  if (found === undefined || !accepted.mediaTypes.includes(found)) return { problem: "type" };
  const claimed = essence(upload.mediaType);
  if (claimed !== "" && claimed !== "application/octet-stream" && claimed !== found) return { problem: "type" };
  return { mediaType: found };
}

/** `image/jpg` is no registered type, but some browsers and scanners say it. */
function essence(mediaType: string): string {
  const [type = ""] = mediaType.split(";");
  const named = type.trim().toLowerCase();
  return named === "image/jpg" || named === "image/pjpeg" ? "image/jpeg" : named;
}
