import type { Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";

/** Everything that officials see. */
export function workbenchPages(_site: Site): readonly Page[] {
  return [];
}
