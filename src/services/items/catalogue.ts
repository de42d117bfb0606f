import type { Contract, Output, Service } from "#kernel/contract/contract";
import type { items } from "#services/items";
import { type Searchable, searchable } from "./search.ts";

export type Item = Output<typeof items.operations.searchItems.output>["items"][number];
export type Guide = Output<typeof items.operations.findItem.output>;

export interface CatalogueEntry {
  readonly item: Item;
  readonly service: Service;
  readonly searchable: Searchable;
}

/** Every service item of a node, in the order of its rooms: nothing in it is written twice. */
export type Catalogue = readonly CatalogueEntry[];

export function catalogueOf(contracts: readonly Contract[]): Catalogue {
  return contracts.flatMap((contract) =>
    Object.entries(contract.services).map(([name, service]) => ({
      item: itemOf(contract, name, service),
      service,
      searchable: searchable(service),
    })),
  );
}

function itemOf({ id, steward }: Contract, name: string, service: Service): Item {
  const { title, summary, applicants, limits, fee, result, legalBasis } = service;
  const { promisedDays, statutoryDays, lawDays } = limits;
  return {
    room: id,
    service: name,
    title,
    summary,
    steward,
    applicants: [...applicants],
    limits: { promisedDays, statutoryDays, lawDays },
    fee,
    result,
    legalBasis: legalBasis.map(({ law, article }) => ({ law, article })),
  };
}

/** What one has to know and bring before one begins. */
export function guideOf({ item, service }: CatalogueEntry): Guide {
  return {
    ...item,
    known: Object.values(service.facts).map(({ title, source }) => ({ title, source })),
    materials: Object.entries(service.materials).map(([name, material]) => ({
      name,
      title: material.title,
      ...(material.hint && { hint: material.hint }),
      required: material.required,
      mediaTypes: [...material.mediaTypes],
      maxBytes: material.maxBytes,
    })),
  };
}
