import type { Site } from "#kernel/http/site";
import { type Text, text } from "#lib/language/text";

const UNKNOWN = text("承办机关", "The authority in charge");

/** What people call an authority. */
export async function authorityName(site: Site, id: string): Promise<Text> {
  return (await site.posts.authority(id))?.name ?? UNKNOWN;
}
