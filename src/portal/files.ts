import type { Kernel } from "#kernel/system/kernel";

/** A file a little larger than the item allows still reaches the page, which then says so and keeps everything else. */
const SLACK_BYTES = 4 * 1024 * 1024;
/** Where no item takes documents. */
const NO_MATERIAL_BYTES = 1024 * 1024;

/** The most bytes that any item of this node takes as one document, with some slack. */
export function maxUploadBytesOf(kernel: Kernel): number {
  const sizes = [...kernel.systems.values()].flatMap(({ contract }) =>
    Object.values(contract.services).flatMap((service) =>
      Object.values(service.materials).map(({ maxBytes }) => maxBytes),
    ),
  );
  return Math.max(NO_MATERIAL_BYTES, ...sizes) + SLACK_BYTES;
}

/** `PDF`, `JPEG`: what a file is. */
export function fileType(mediaType: string): string {
  return (mediaType.split("/")[1] ?? mediaType).toUpperCase();
}
