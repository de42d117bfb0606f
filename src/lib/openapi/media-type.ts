/** The type of a `Content-Type`, lower case and without parameters. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  return type === "" ? undefined : type;
}

/** Whether content of this type is JSON, and so is held and validated. */
export function isJsonType(mediaType: string | undefined): boolean {
  return mediaType === "application/json" || (mediaType?.endsWith("+json") ?? false);
}
