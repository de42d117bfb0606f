import type { Context } from "#kernel/system/context";
import { implementer, serviceImplementer } from "#kernel/system/system";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { certificates } from "#services/certificates";
import { disclosure } from "#services/disclosure";
import { quality } from "#systems/quality";

export const uses = { population, legalEntities, certificates, disclosure };
export const implement = implementer(quality, uses);
export const implementService = serviceImplementer(quality, uses);

/** What the outlook on a grant sees. */
export type OutlookContext = Context<typeof quality, typeof uses, "no-facts">;
