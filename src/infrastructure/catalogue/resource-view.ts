import type { Entry } from "./entries.ts";
import { cataloguePorts } from "./ports.ts";
import { FORMATS, type Resource } from "./resources.ts";

/** A resource with what its steward said of it. */
export function resourceView(resource: Resource, current: Entry | undefined, draft: Entry | undefined) {
  const { id, kind, title, roomTitle, room } = resource;
  return {
    ...{ id, kind, title, roomTitle, format: FORMATS[kind], authority: cataloguePorts().keeperOf(room) },
    ...(current && { sharing: current.sharing, entry: current.number }),
    ...(draft && { waiting: draft.number }),
  };
}
