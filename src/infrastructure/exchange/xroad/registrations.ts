import type { DescribedOperation, OpenApiDocument } from "#lib/openapi/document";
import type { OpenApiValidator } from "#lib/openapi/validation";
import type { ContentOf, Registration } from "./registration.ts";

/** A system that is not ours. */
export interface KnownSystem {
  readonly client: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly authority: string;
  readonly perMinute: number;
}

/** What a system may call, and for what. */
export interface Right extends ContentOf<"right"> {
  readonly id: string;
  readonly untilMs: number;
  /** The grant of the catalogue from which it follows; absent: it was registered. The catalogue's own permit then lets it through. */
  readonly grant?: number;
}

/** A service that another system offers. */
export interface Provider {
  readonly id: string;
  readonly service: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly authority: string;
  readonly baseUrl: URL;
  readonly certificate: string;
  readonly fingerprint: string;
  readonly document: OpenApiDocument;
  readonly validator: OpenApiValidator;
}

/** How the ledger names what let a call through. */
export function policyOf({ id, grant }: Right): string {
  return grant === undefined ? `x-road.${id}` : `grant.${grant}`;
}

/** Everything that is registered and in force, as the edge looks it up. */
export interface Registrations {
  systems(): Iterable<KnownSystem>;
  system(client: string): KnownSystem | undefined;
  /** Whose certificate this is. */
  systemOfCertificate(fingerprint: string): KnownSystem | undefined;
  rightsOf(client: string): readonly Right[];
  rights(): Iterable<Right>;
  provider(service: string): Provider | undefined;
  providers(): Iterable<Provider>;
}

/**
 * What follows from what is in force: a certificate, a right and a provider count as long as their system does.
 * @param isOwnRoom whether a client is a room of this node, which may have rights to services of others
 * @param providerOf compiles a document; undefined where a later version of this program no longer takes it
 * @param earlier what was in force before: documents that stay are not compiled again
 * @param granted what follows from grants of the catalogue
 */
export function registrationsOf(
  rows: readonly Registration[],
  isOwnRoom: (client: string) => boolean,
  providerOf: (row: Registration<"provider">) => Provider | undefined,
  earlier?: Registrations,
  granted: readonly Right[] = [],
): Registrations {
  const systems = new Map<string, KnownSystem>();
  for (const row of rows) if (isOf(row, "system")) systems.set(row.about, { ...row.content, authority: row.authority });
  const byFingerprint = new Map<string, KnownSystem>();
  const rights = new Map<string, Right[]>();
  const providers = new Map<string, Provider>();
  for (const row of rows) {
    if (isOf(row, "certificate")) {
      const system = systems.get(row.content.client);
      if (system) byFingerprint.set(row.content.fingerprint, system);
    }
    if (
      isOf(row, "right") &&
      (row.content.node !== undefined || systems.has(row.content.client) || isOwnRoom(row.content.client))
    ) {
      const right: Right = { ...row.content, id: row.id, untilMs: Date.parse(row.content.until) };
      rights.set(right.client, [...(rights.get(right.client) ?? []), right]);
    }
    if (isOf(row, "provider") && systems.has(row.about.slice(0, row.about.lastIndexOf("/")))) {
      const known = earlier?.provider(row.about);
      const provider = known?.id === row.id ? known : providerOf(row);
      if (provider) providers.set(row.about, provider);
    }
  }
  for (const right of granted) {
    if (systems.has(right.client)) rights.set(right.client, [...(rights.get(right.client) ?? []), right]);
  }
  return {
    systems: () => systems.values(),
    system: (client) => systems.get(client),
    systemOfCertificate: (fingerprint) => byFingerprint.get(fingerprint),
    rightsOf: (client) => rights.get(client) ?? [],
    rights: () => [...rights.values()].flat(),
    provider: (service) => providers.get(service),
    providers: () => providers.values(),
  };
}

function isOf<K extends Registration["kind"]>(row: Registration, kind: K): row is Registration<K> {
  return row.kind === kind;
}

/** What an operation of a foreign service is called in a right: `GET /schools/{id}`. */
export function endpointOf({ method, path }: Pick<DescribedOperation, "method" | "path">): string {
  return `${method} ${path}`;
}
