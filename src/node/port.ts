import { once } from "node:events";
import { createServer } from "node:net";
import { Fault } from "#kernel/errors/fault";
import "./faults.ts";

/**
 * Finds out, before anything is started, that the port cannot be listened on.
 * @throws ERR_PORT_TAKEN; ERR_CONFIGURATION when this machine has no such address or the port is not ours to take
 */
export async function checkPort({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") throw new Fault("ERR_PORT_TAKEN", { message: `${host}:${port}` });
    throw new Fault("ERR_CONFIGURATION", { message: `${host}:${port}: ${code}`, cause: error });
  } finally {
    server.close();
  }
}
