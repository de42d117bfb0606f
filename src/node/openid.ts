import type { FastifyInstance } from "fastify";
import { identity } from "#infrastructure/identity";
import { frontOf, mountPages, type PageOptions } from "#kernel/http/pages";
import type { Site } from "#kernel/http/site";
import { type Draw, EndpointPages } from "../infrastructure/identity/openid/endpoint-pages.ts";
import { interactionPages } from "../infrastructure/identity/openid/interaction-pages.ts";
import { mountOpenid } from "../infrastructure/identity/openid/mount.ts";
import { openidProvider } from "../infrastructure/identity/openid/provider.ts";
import { tellSystems } from "../infrastructure/identity/openid/tell-systems.ts";
import type { IdentityPrincipals } from "../infrastructure/identity/ports.ts";
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
  const provider = openidProvider({
    kernel,
    principals,
    publicUrl: site.publicUrl,
    keys: await needs.trust.tokenKeys(kernel.now()),
    pages: endpoints,
    endSession: (session) => frontOf(kernel, identity, () => nodeActOf(kernel, identity.id)).signOut({ session }),
  });
  site.afterSignOut.push((session) => tellSystems(provider, kernel, session));
  await mountOpenid(server, { provider, endpoints, pages });
  const authorityName = async (id: string) => (await site.posts.authority(id))?.name;
  mountPages(server, interactionPages({ kernel, provider, principals, draw, authorityName }), pages);
}
