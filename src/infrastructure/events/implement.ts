import { events } from "#infrastructure/events";
import { implementer } from "#kernel/system/system";

export const implement = implementer(events);
