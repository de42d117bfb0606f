import type { System } from "#kernel/system/system";
import catalogue from "../infrastructure/catalogue/system.ts";
import datasets from "../infrastructure/datasets/system.ts";
import directory from "../infrastructure/directory/system.ts";
import events from "../infrastructure/events/system.ts";
import exchange from "../infrastructure/exchange/system.ts";
import identity from "../infrastructure/identity/system.ts";
import network from "../infrastructure/network/system.ts";
import security from "../infrastructure/security/system.ts";
import trust from "../infrastructure/trust/system.ts";
import legalEntities from "../resources/legal-entities/system.ts";
import population from "../resources/population/system.ts";
import certificates from "../services/certificates/system.ts";
import dataRights from "../services/data-rights/system.ts";
import disclosure from "../services/disclosure/system.ts";
import items from "../services/items/system.ts";
import participation from "../services/participation/system.ts";
import procedures from "../standards/procedures/system.ts";
import publicSecurity from "../systems/public-security/system.ts";
import quality from "../systems/quality/system.ts";

/** Every room of this version, in the order of the house. */
export const ROOMS: readonly System[] = [
  directory,
  identity,
  trust,
  exchange,
  security,
  network,
  datasets,
  events,
  population,
  legalEntities,
  quality,
  publicSecurity,
  certificates,
  disclosure,
  participation,
  dataRights,
  items,
  procedures,
  catalogue,
];
