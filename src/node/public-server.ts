/** What people and other nodes reach over HTTP: pages, the API, and the places that protocols ask for. */
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { directory } from "#infrastructure/directory";
import { identity } from "#infrastructure/identity";
import { trust as trustRoom } from "#infrastructure/trust";
import { mountApi } from "#kernel/http/api";
import { mountErrors } from "#kernel/http/errors";
import { mountLog } from "#kernel/http/log-resources";
import { mountOpenApi } from "#kernel/http/openapi";
import { frontOf, mountPages, type PageOptions } from "#kernel/http/pages";
import { mountProbes } from "#kernel/http/probes";
import { openServer } from "#kernel/http/server";
import type { Site } from "#kernel/http/site";
import { mountTraces } from "#kernel/http/traces";
import type { Witnessing } from "#kernel/witnessing/witnessing";
import { mountDirectory } from "../infrastructure/directory/network/endpoints.ts";
import type { NodeDirectory } from "../infrastructure/directory/network/node-directory.ts";
import { mountUpstream, UPSTREAM_CALLBACK_PATH } from "../infrastructure/identity/upstream/mount.ts";
import { readUpstreamSettings } from "../infrastructure/identity/upstream/settings.ts";
import { Upstream } from "../infrastructure/identity/upstream/upstream.ts";
import { mountAcme } from "../infrastructure/trust/acme/endpoints.ts";
import { CHALLENGE_PORT } from "../infrastructure/trust/acme/http-challenge.ts";
import type { OpenTrust } from "../infrastructure/trust/ports.ts";
import { mountTrust } from "../infrastructure/trust/status/endpoints.ts";
import { certificateProof } from "../infrastructure/trust/status/proofs.ts";
import { portalFrame } from "../portal/frame.ts";
import { portalPages } from "../portal/pages.ts";
import { workbenchPages } from "../workbench/pages.ts";
import { mountAssets } from "./assets.ts";
import type { Configuration } from "./configuration.ts";
import { mountDatasetsGauges } from "./datasets.ts";
import { mountEvents } from "./events.ts";
import { mountExchangeGauges } from "./network/exchange-gauges.ts";
import { nodeActOf } from "./node-act.ts";
import { openOpenid } from "./openid.ts";
import { principalsOf } from "./principals.ts";
import { mountWitness } from "./witness/mount.ts";
import { NodeWitness } from "./witness/peer-witnesses.ts";

export async function openPublicServer(
  configuration: Configuration,
  {
    site,
    trust,
    log,
    witnessing,
    nodes,
  }: {
    readonly site: Site;
    readonly trust: OpenTrust;
    readonly log: Logger;
    readonly witnessing: Witnessing;
    readonly nodes: NodeDirectory;
  },
): Promise<FastifyInstance> {
  const { kernel } = site;
  const secure = site.publicUrl.startsWith("https:");
  const server = await openServer({ log, trustProxy: configuration.trustProxy, secure });
  const asNode = () => nodeActOf(kernel, identity.id);
  const principals = principalsOf(kernel);
  const pages: PageOptions = { kernel, principals, frame: portalFrame(site), secure };
  mountTraces(server, configuration.trustProxy !== false);
  const { registry } = mountProbes(server, kernel);
  mountDatasetsGauges(registry, kernel);
  mountExchangeGauges(registry, kernel);
  mountLog(server, kernel, witnessing);
  mountDirectory(server, {
    ...{ sql: kernel.database, nodes },
    front: (idempotencyKey) =>
      frontOf(kernel, directory, () => ({ ...nodeActOf(kernel, directory.id), idempotencyKey })),
  });
  mountAssets(server);
  mountApi(server, { kernel, principals, secure });
  mountEvents(server, kernel);
  mountOpenApi(server, site);
  mountPages(server, [...portalPages(site), ...workbenchPages(site)], pages);
  // Before anything is waited for: what is loaded until then would keep the server's own answers to errors.
  mountErrors(server, pages);
  const trustDoors = frontOf(kernel, trustRoom, () => nodeActOf(kernel, trustRoom.id));
  await mountAcme(server, {
    ...{ database: kernel.database, nonceKeys: () => kernel.vault.keys("trust.acme-nonce"), publicUrl: site.publicUrl },
    ...{ now: () => kernel.now(), challengePort: configuration.acmePort ?? CHALLENGE_PORT },
    front: (idempotencyKey) =>
      frontOf(kernel, trustRoom, () => ({ ...nodeActOf(kernel, trustRoom.id), idempotencyKey })),
  });
  await mountTrust(server, {
    ...{ trust, front: trustDoors, now: () => kernel.now(), publicUrl: site.publicUrl },
    proof: (fingerprint) => certificateProof(kernel, fingerprint),
  });
  await mountWitness(server, new NodeWitness({ database: kernel.database, nodes, now: () => kernel.now() }));
  if (configuration.upstream !== undefined) {
    const settings = await readUpstreamSettings(configuration.upstream);
    mountUpstream(server, {
      ...{ kernel, secure, front: frontOf(kernel, identity, asNode) },
      upstream: new Upstream(settings, `${site.publicUrl}${UPSTREAM_CALLBACK_PATH}`),
    });
  }
  await openOpenid(server, { site, trust, principals, pages });
  return server;
}
