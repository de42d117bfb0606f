/** Tells systems that somebody signed out at the node itself (OpenID Connect Back-Channel Logout 1.0). */
import type { Kernel } from "#kernel/system/kernel";
import { Artifacts, endArtifactsOf } from "./artifacts.ts";
import type { CurrentProvider } from "./current-provider.ts";

interface LogoutClient {
  readonly clientId: string;
  readonly backchannelLogoutUri?: string;
  backchannelLogout(accountId: string, sid: string): Promise<void>;
}

/**
 * Tells each system into which a session of the node was signed, and ends what it gave. A system that cannot be told is left behind, and the
 * operator is told: its tokens have ended all the same.
 */
export async function tellSystems(
  current: Pick<CurrentProvider, "provider">,
  { database, vault }: Pick<Kernel, "database" | "vault">,
  session: string,
): Promise<void> {
  const sessions = await new Artifacts("Session", { database, vault }).ofSession(session);
  if (sessions.length === 0) return await endArtifactsOf(database, session);
  const provider = await current.provider();
  const told = sessions.flatMap(({ accountId, authorizations = {} }) =>
    Object.entries(authorizations).map(async ([id, { sid }]) => {
      const client = (await provider.Client.find(id)) as unknown as LogoutClient | undefined;
      if (!client?.backchannelLogoutUri || accountId === undefined || sid === undefined) return;
      await client
        .backchannelLogout(accountId, sid)
        .catch((error: Error) => provider.emit("backchannel.error", undefined, error, client, accountId, sid));
    }),
  );
  await Promise.all(told);
  await endArtifactsOf(database, session);
}
