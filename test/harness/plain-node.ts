import { once } from "node:events";
import { createServer } from "node:http";
import { openDatabase } from "../../src/kernel/database/database.ts";
import type { Database } from "../../src/kernel/database/sql.ts";
import { text } from "../../src/lib/language/text.ts";
import { processIo, runCommand } from "../../src/node/command-line.ts";
import { openGround } from "../../src/node/ground.ts";
import { checkPort } from "../../src/node/port.ts";
import { runNode, type StartNode } from "../../src/node/run-node.ts";

/**
 * The least that is a node: for tests of how a node starts and stops, whatever its rooms are. `POST /` commits one row and answers
 * with how many there are; `GET /slow` takes a second; `POST /bulk` commits many megabytes elsewhere first.
 */
const SLOW_MS = 1_000;
/** About 60 MB of what does not compress. */
const BULK = `INSERT INTO bulk SELECT (SELECT string_agg(md5(n::text || m), '') FROM generate_series(1, 60) m)
  FROM generate_series(1, 30000) n`;

const startPlainNode: StartNode = async (configuration, report) => {
  const ground = await openGround(configuration, { report, beforeDatabase: () => checkPort(configuration) });
  // As a node does: what was opened is closed again when the start fails, or the server's supervisor would go on alone.
  const database = await openTable(ground.databaseUrl).catch(async (error: unknown) => {
    await ground.release();
    throw error;
  });
  const server = createServer(async (request, response) => {
    try {
      if (request.url === "/slow") await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      if (request.url === "/bulk") {
        await database.execute("CREATE TABLE IF NOT EXISTS bulk (bytes text)");
        await database.execute(BULK);
      }
      if (request.method === "POST") await database.execute("INSERT INTO acknowledged DEFAULT VALUES");
      const [row] = await database.query<{ rows: number }>("SELECT count(*) AS rows FROM acknowledged");
      response.end(String(row?.rows));
    } catch {
      response.writeHead(503).end();
    }
  });
  server.listen(configuration.port, configuration.host);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  report(text("就绪", `ready http://127.0.0.1:${port}`));
  return {
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await closed;
      await database.close();
      await ground.release();
    },
  };
};

async function openTable(url: string): Promise<Database> {
  const database = await openDatabase({ url });
  try {
    await database.execute(
      "CREATE TABLE IF NOT EXISTS acknowledged (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
    );
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

const command = { name: "start", summary: text("", ""), run: () => runNode(startPlainNode, processIo()) };
process.exitCode = await runCommand(command, process.argv.slice(2), processIo());
