import { createServer, type Server } from "node:http";
import Provider from "oidc-provider";

export const PLATFORM_SECRET = "a secret of at least thirty-two characters";

/** Who is signed in there, and what it says of them. */
export interface Said {
  readonly subject: string;
  readonly name?: string;
  readonly number?: string;
  readonly acr?: string;
}

/** An identity platform above a node: another instance of the provider library, with people and claims of its own. */
export interface IdentityPlatform {
  readonly issuer: string;
  /** Who signs in there from now on; `undefined`: they turn away. */
  signsIn(said: Said | undefined): void;
  /** Answers nothing any more, or again, under the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** What an operator writes into the file that plugs it in. */
export function platformSettings(issuer: string) {
  return {
    ...{ issuer, clientId: "qingyuan", clientSecretFile: "secret", scopes: ["person"] },
    title: { zh: "省统一身份认证", en: "Provincial identity" },
    claims: { name: "full_name", identityNumber: "id_number" },
    assurance: { "level-two": 2 },
  };
}

/** @param callback where it sends browsers back to */
export async function identityPlatform(callback: string): Promise<IdentityPlatform> {
  let said: Said | undefined;
  let answer: Parameters<typeof createServer>[1];
  let server: Server | undefined;
  const listen = async (port: number): Promise<number> => {
    const opened = createServer((request, response) => answer?.(request as never, response as never));
    await new Promise<void>((resolve) => opened.listen(port, "127.0.0.1", resolve));
    server = opened;
    const address = opened.address();
    return typeof address === "object" && address ? address.port : 0;
  };
  const stop = async () => {
    const closing = server;
    server = undefined;
    if (!closing) return;
    closing.closeAllConnections();
    await new Promise((resolve) => closing.close(resolve));
  };
  const port = await listen(0);
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "qingyuan", client_secret: PLATFORM_SECRET, redirect_uris: [callback] }],
    claims: { openid: ["sub", "acr", "auth_time"], person: ["full_name", "id_number"] },
    scopes: ["openid", "person"],
    acrValues: ["level-two"],
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["k"] },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, full_name: said?.name, id_number: said?.number }),
    }),
    loadExistingGrant: async (ctx) => {
      const { Client, Session } = ctx.oidc.entities;
      const grant = new ctx.oidc.provider.Grant({
        clientId: Client?.clientId ?? "",
        accountId: Session?.accountId ?? "",
      });
      grant.addOIDCScope("openid person");
      await grant.save();
      return grant;
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  });
  provider.silent = true;
  const protocol = provider.callback();
  answer = (request, response) => {
    if (!request.url?.startsWith("/interaction/")) return protocol(request, response);
    const result = said
      ? { login: { accountId: said.subject, ...(said.acr !== undefined && { acr: said.acr }) } }
      : { error: "access_denied", error_description: "turned away" };
    provider.interactionFinished(request, response, result).catch((error: unknown) => response.destroy(error as Error));
  };
  return {
    issuer,
    signsIn: (next) => {
      said = next;
    },
    stop,
    start: async () => {
      await listen(port);
    },
    close: stop,
  };
}
