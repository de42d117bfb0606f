import type { Entry } from "./entries.ts";
import { FORMATS, type Resource } from "./resources.ts";

/** A resource with what its steward said of it. */
export function resourceView(
  resource: Resource,
  keeperOf: (room: string) => string,
  { current, draft }: { readonly current: Entry | undefined; readonly draft: Entry | undefined },
) {
  const { id, kind, title, roomTitle, room } = resource;
  return {
    ...{ id, kind, title, roomTitle, format: FORMATS[kind], authority: keeperOf(room) },
    ...(current && { sharing: current.sharing, entry: current.number }),
    ...(draft && { waiting: draft.number }),
  };
}
