import type { Json } from "#lib/json/canonical";
import { xmlText } from "./error.ts";
import type { ClientId, MemberId, ServiceId } from "./identifier.ts";

/** A member or subsystem, and the name of the member. */
export interface ListedClient {
  readonly id: ClientId;
  readonly name: string;
}

export interface ListedService {
  readonly id: ServiceId;
  readonly endpoints: readonly { readonly method: string; readonly path: string }[];
}

/** `listClients` as the implementation sends it in JSON: snake_case, and no member that is absent. */
export function clientListJson(clients: readonly ListedClient[]): Json {
  return {
    member: clients.map(({ id, name }) => ({
      id: {
        ...memberJson(id),
        object_type: objectType(id),
        ...(id.subsystem !== undefined && { subsystem_code: id.subsystem }),
      },
      name,
    })),
  };
}

/** The same in XML (PR-META, Annex A): what is sent to whoever does not accept JSON. */
export function clientListXml(clients: readonly ListedClient[]): string {
  const members = clients.map(({ id, name }) => {
    const parts = [
      ["xRoadInstance", id.instance],
      ["memberClass", id.memberClass],
      ["memberCode", id.memberCode],
      ...(id.subsystem === undefined ? [] : [["subsystemCode", id.subsystem]]),
    ].map(([element, value]) => `<id:${element}>${xmlText(value ?? "")}</id:${element}>`);
    return `<xroad:member><xroad:id id:objectType="${objectType(id)}">${parts.join("")}</xroad:id><xroad:name>${xmlText(name)}</xroad:name></xroad:member>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<xroad:clientList xmlns:xroad="http://x-road.eu/xsd/xroad.xsd" xmlns:id="http://x-road.eu/xsd/identifiers">${members.join("")}</xroad:clientList>\n`;
}

/** `listMethods` and `allowedMethods` as the implementation sends them (PR-MREST, Annex B). */
export function serviceListJson(services: readonly ListedService[]): Json {
  return {
    service: services.map(({ id, endpoints }) => ({
      ...memberJson(id),
      object_type: "SERVICE",
      subsystem_code: id.subsystem,
      service_code: id.service,
      service_type: "OPENAPI",
      endpoint_list: endpoints.map(({ method, path }) => ({ method, path })),
    })),
  };
}

/** A path of OpenAPI as endpoints write it: a star stands for a segment that varies. */
export function endpointPath(path: string): string {
  return path.replace(/\{[^/{}]*\}/g, "*");
}

/** Whether `listClients` is answered in JSON: where it is accepted by name, whatever its weight, as the implementation decides. */
export function acceptsJson(accept: string | undefined): boolean {
  return (accept ?? "").split(",").some((one) => one.split(";", 1)[0]?.trim().toLowerCase() === "application/json");
}

/**
 * The document of a service as `getOpenAPI` gives it: of its servers the paths alone, since where a provider is found is no caller's
 * concern. An address with variables stays, as in the implementation.
 */
export function withoutServers(document: { readonly [name: string]: Json | undefined }): Json {
  const { servers } = document;
  if (!Array.isArray(servers)) return document;
  return {
    ...document,
    servers: servers.map((server: Json) => {
      const url = urlOf(server);
      if (url === undefined || /[{}]/.test(url)) return server;
      return { ...(server as object), url: URL.parse(url, "https://none.invalid")?.pathname ?? "/" };
    }),
  };
}

function urlOf(server: Json): string | undefined {
  if (typeof server !== "object" || server === null || Array.isArray(server)) return undefined;
  const url = (server as { readonly [name: string]: Json | undefined })["url"];
  return typeof url === "string" ? url : undefined;
}

function memberJson({ instance, memberClass, memberCode }: MemberId) {
  return { xroad_instance: instance, member_class: memberClass, member_code: memberCode };
}

function objectType({ subsystem }: ClientId): "MEMBER" | "SUBSYSTEM" {
  return subsystem === undefined ? "MEMBER" : "SUBSYSTEM";
}
