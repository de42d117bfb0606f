/** What this room needs of the node: the contracts of its rooms, of which the catalogue is made. */
import type { Contract } from "#kernel/contract/contract";
import { Fault } from "#kernel/errors/fault";
import { type Catalogue, catalogueOf } from "./catalogue.ts";
import "./faults.ts";

let catalogue: Catalogue | undefined;

/** Makes the catalogue, once, before the room's first operation. A node that is composed anew in the same process gives its own. */
export function provideItemContracts(contracts: readonly Contract[]): void {
  catalogue = catalogueOf(contracts);
}

/** @throws {Fault} ERR_ITEMS_NO_PORTS */
export function itemCatalogue(): Catalogue {
  if (catalogue === undefined) throw new Fault("ERR_ITEMS_NO_PORTS");
  return catalogue;
}
