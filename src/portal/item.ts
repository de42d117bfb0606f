import type { Service } from "#kernel/contract/contract";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { ServiceRef } from "#kernel/services/application";
import type { Kernel } from "#kernel/system/kernel";
import type { System } from "#kernel/system/system";
import { type Text, text } from "#lib/language/text";
import type { FieldDescriptor } from "#ui/form/descriptor";

/** A service item of this node, as the portal shows it. */
export interface Item {
  readonly ref: ServiceRef;
  readonly system: System;
  readonly service: Service;
  /** Its guide. */
  readonly href: string;
}

/** Every item that the composed rooms offer, in their order. */
export function itemsOf(kernel: Kernel): readonly Item[] {
  return [...kernel.systems.values()].flatMap((system) =>
    Object.entries(system.contract.services).map(([name, service]) => item(system, name, service)),
  );
}

/** One item by its room and name; undefined where there is none. */
export function itemAt(kernel: Kernel, room: string | undefined, name: string | undefined): Item | undefined {
  const system = kernel.systems.get(room ?? "");
  const services = system?.contract.services;
  if (!system || !services || !Object.hasOwn(services, name ?? "")) return undefined;
  const service = services[name ?? ""];
  return service && item(system, name ?? "", service);
}

function item(system: System, name: string, service: Service): Item {
  const { id } = system.contract;
  return { ref: { room: id, service: name }, system, service, href: `/services/${id}/${name}` };
}

/** One screen of an item's form. */
export interface FormPart {
  readonly title: Text;
  readonly fields: readonly FieldDescriptor[];
}

/** Fields on one screen where the contract does not say. */
const FIELDS_ON_A_PAGE = 4;
const MORE = text("申请内容", "Your application");

/** The screens on which an item's form is asked. */
export function formParts(service: Service): readonly FormPart[] {
  const fields = formDescriptors(service.form);
  const named = (service.formPages ?? []).map((page) => ({
    title: page.title,
    fields: fields.filter((field) => page.fields.includes(field.name)),
  }));
  const rest = fields.filter((field) => !named.some((page) => page.fields.includes(field)));
  const parts: FormPart[] = [...named];
  for (let from = 0; from < rest.length; from += FIELDS_ON_A_PAGE) {
    parts.push({ title: MORE, fields: rest.slice(from, from + FIELDS_ON_A_PAGE) });
  }
  return parts;
}

/** On which screen a field is asked, from 1; undefined where the form does not have it. */
export function partOf(service: Service, field: string): number | undefined {
  const index = formParts(service).findIndex((part) => part.fields.some((one) => one.name === field));
  return index < 0 ? undefined : index + 1;
}
