import type { FastifyInstance } from "fastify";
import { identity } from "#infrastructure/identity";
import { keepLooking } from "#kernel/database/keep-looking";
import { frontOf, mountPages, type PageOptions } from "#kernel/http/pages";
import type { Site } from "#kernel/http/site";
import { CurrentProvider } from "../infrastructure/identity/openid/current-provider.ts";
import { type Draw, EndpointPages } from "../infrastructure/identity/openid/endpoint-pages.ts";
import { interactionPages } from "../infrastructure/identity/openid/interaction-pages.ts";
import { mountOpenid, tellFaults } from "../infrastructure/identity/openid/mount.ts";
import { tellSystems } from "../infrastructure/identity/openid/tell-systems.ts";
import type { TokenKey } from "../infrastructure/identity/openid/token-keys.ts";
import type { IdentityPrincipals } from "../infrastructure/identity/ports.ts";
import { KEYS_CHANGED_CHANNEL } from "../infrastructure/trust/keys/data-key-rows.ts";
import { LOOK_AGAIN_MS } from "../infrastructure/trust/keys/data-keys.ts";
import type { OpenTrust } from "../infrastructure/trust/ports.ts";
import { portalResponse } from "../portal/frame.ts";
import { nodeActOf } from "./node-act.ts";

/** Signs users of other systems in: the provider's endpoints and its pages in the portal's frame. */
export async function openOpenid(
  server: FastifyInstance,
  needs: {
    readonly site: Site;
    readonly trust: Pick<OpenTrust, "tokenKeys">;
    readonly principals: IdentityPrincipals;
    readonly pages: PageOptions;
  },
): Promise<void> {
  const { site, principals, pages } = needs;
  const { kernel } = site;
  const draw: Draw = (request, { formTarget, ...content }) => {
    const drawn = portalResponse(site, request, content);
    return drawn.kind === "page" && formTarget !== undefined ? { ...drawn, formTarget } : drawn;
  };
  const endpoints = new EndpointPages(draw);
  const make = async (keys: readonly TokenKey[]) => {
    const { openidProvider } = await import("../infrastructure/identity/openid/provider.ts");
    const provider = openidProvider({
      kernel,
      principals,
      publicUrl: site.publicUrl,
      keys,
      pages: endpoints,
      endSession: (session) => frontOf(kernel, identity, () => nodeActOf(kernel, identity.id)).signOut({ session }),
    });
    tellFaults(provider, server.log);
    return provider;
  };
  const current = new CurrentProvider(site.publicUrl, make, await needs.trust.tokenKeys(kernel.now()));
  // A key is another one each half year, and where it was compromised from that moment on, in every process.
  const stop = await keepLooking({
    ...{ database: kernel.database, channel: KEYS_CHANGED_CHANNEL, everyMs: LOOK_AGAIN_MS },
    look: async () => current.take(await needs.trust.tokenKeys(kernel.now())),
    onFault: (fault) =>
      server.log.error({ code: (fault as { code?: unknown }).code }, "looking for sign-in keys failed"),
  });
  server.addHook("onClose", stop);
  site.afterSignOut.push((session) => tellSystems(current, kernel, session));
  await mountOpenid(server, { current, endpoints, pages });
  const authorityName = async (id: string) => (await site.posts.authority(id))?.name;
  mountPages(server, interactionPages({ kernel, current, principals, draw, authorityName }), pages);
}
