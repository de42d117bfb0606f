import { directory } from "#infrastructure/directory";
import type { Contract } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { openApi } from "#kernel/derived/open-api";
import { frontOf } from "#kernel/http/pages";
import type { Kernel } from "#kernel/system/kernel";
import type { Json } from "#lib/json/canonical";
import { AUTHORITY_CLASS, serviceOfRoom } from "#lib/xroad/house-names";
import { type ClientId, clientText, readClient, readService, type ServiceId, serviceText } from "#lib/xroad/identifier";
import { endpointPath, type ListedClient, type ListedService, withoutServers } from "#lib/xroad/metadata";
import { authorityOfCode, lookingAct } from "./authorities.ts";
import { registrations } from "./in-force.ts";
import { MEMBERS_MAX } from "./limits.ts";
import { majorOf, offeredContract, openableOperations } from "./offered.ts";
import { edgePorts } from "./ports.ts";
import { endpointOf, type Right } from "./registrations.ts";

/** An authority, as it stands in the directory. */
interface KnownAuthority {
  readonly id: string;
  readonly code: string;
  readonly name: { readonly zh: string; readonly en: string };
}

/** The authorities that the directory names, the first few thousand. */
async function knownAuthorities(kernel: Kernel): Promise<readonly KnownAuthority[]> {
  const doors = frontOf(kernel, directory, () => lookingAct(kernel));
  const found: KnownAuthority[] = [];
  for (let after: string | undefined; found.length < MEMBERS_MAX; ) {
    const page = await doors.listAuthorities(after === undefined ? {} : { after });
    if (isRefusal(page)) break;
    found.push(...page.items);
    after = page.next;
    if (after === undefined) break;
  }
  return found;
}

/** `listClients`: authorities with the rooms that they keep, and registered systems with their members. */
export async function listedClients(kernel: Kernel): Promise<readonly ListedClient[]> {
  const { instance, contracts, keeperOf } = edgePorts(kernel.database);
  const authorities = await knownAuthorities(kernel);
  const own = authorities.flatMap(({ id, code, name }): ListedClient[] => {
    const member: ClientId = { instance, memberClass: AUTHORITY_CLASS, memberCode: code };
    const rooms = contracts.filter(
      (contract) => keeperOf(contract.id) === id && openableOperations(contract).length > 0,
    );
    return [member, ...rooms.map((contract) => ({ ...member, subsystem: contract.id }))].map((listed) => ({
      id: listed,
      name: name.zh,
    }));
  });
  const seen = new Set(own.map(({ id }) => clientText(id)));
  const foreign = [...registrations(kernel.database).systems()].flatMap(({ client, name }): ListedClient[] => {
    const id = readClient(client);
    if (id === undefined) return [];
    const { subsystem: _, ...member } = id;
    return [member, id].flatMap((listed) => {
      const key = clientText(listed);
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ id: listed, name: name.zh }];
    });
  });
  return [...own, ...foreign];
}

/** Services of one subsystem: a room in its version, or what a registered system offers. */
export async function servicesOf(kernel: Kernel, of: ServiceId): Promise<readonly ListedService[]> {
  const { instance, contracts, keeperOf } = edgePorts(kernel.database);
  const subsystem = clientText(of);
  const foreign = [...registrations(kernel.database).providers()].flatMap((provider): ListedService[] => {
    const id = readService(provider.service);
    if (id === undefined || clientText(id) !== subsystem) return [];
    const endpoints = provider.document.operations.map(({ method, path }) => ({ method, path: endpointPath(path) }));
    return [{ id, endpoints }];
  });
  const contract = contracts.find(({ id }) => id === of.subsystem);
  if (of.instance !== instance || of.memberClass !== AUTHORITY_CLASS || contract === undefined) return foreign;
  if ((await authorityOfCode(kernel, of.memberCode)) !== keeperOf(contract.id)) return foreign;
  const id = serviceOfRoom(instance, { authorityCode: of.memberCode, room: contract.id, major: majorOf(contract) });
  const endpoints = openableOperations(contract).flatMap(([name, { kind }]) =>
    (kind === "query" ? ["GET", "POST"] : ["POST"]).map((method) => ({ method, path: `/${name}` })),
  );
  return [...foreign, ...(endpoints.length > 0 ? [{ id, endpoints }] : [])];
}

/** Of these, what a caller's rights open to it. */
export function allowedServices(
  kernel: Kernel,
  services: readonly ListedService[],
  rights: readonly Right[],
): readonly ListedService[] {
  return services.flatMap(({ id, endpoints }) => {
    const name = serviceText(id);
    const open = new Set(rights.filter(({ service }) => service === name).flatMap((right) => right.endpoints));
    const provider = registrations(kernel.database).provider(name);
    const paths = new Set(
      provider
        ? provider.document.operations
            .filter((operation) => open.has(endpointOf(operation)))
            .map(({ method, path }) => `${method} ${endpointPath(path)}`)
        : endpoints.filter(({ path }) => open.has(path.slice(1))).map(({ method, path }) => `${method} ${path}`),
    );
    const allowed = endpoints.filter(({ method, path }) => paths.has(`${method} ${path}`));
    return allowed.length === 0 ? [] : [{ id, endpoints: allowed }];
  });
}

/** The OpenAPI document of a service; undefined where there is none. */
export function documentOf(kernel: Kernel, service: ServiceId): Json | undefined {
  const provider = registrations(kernel.database).provider(serviceText(service));
  if (provider) return withoutServers(provider.document.source);
  const contract = offeredContract(service);
  return contract === undefined ? undefined : roomDocument(contract);
}

/** A room's API as it is spoken at the edge: addresses after the service, and nothing required that a right says already. */
function roomDocument(contract: Contract): Json {
  const whole = JSON.parse(JSON.stringify(openApi([contract], { publicUrl: "" })));
  const prefix = `/api/${contract.id}/v${majorOf(contract)}`;
  const open = new Set(openableOperations(contract).map(([name]) => `/${name}`));
  const paths = Object.entries(whole.paths)
    .map(([path, item]) => [path.slice(prefix.length), item] as const)
    .filter(([path]) => open.has(path));
  for (const name of ["Purpose", "IdempotencyKey"]) whole.components.parameters[name].required = false;
  return {
    ...whole,
    info: { ...whole.info, title: contract.title.zh, version: contract.version },
    servers: [{ url: "/" }],
    paths: Object.fromEntries(paths),
  };
}
