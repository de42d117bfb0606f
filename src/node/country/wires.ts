/** On what the nodes of a country talk: all on the loopback of one machine, or each in a network namespace of its own. */
import { type Text, text } from "#lib/language/text";
import { freePort } from "../demo/temporary-node.ts";

/** Where a node listens. */
export interface NodePlace {
  readonly host: string;
  readonly port: number;
  readonly exchangePort: number;
  readonly edgePort: number;
}

export interface Wires {
  readonly kind: "loopback" | "namespaces";
  /** What a reader of the output has to know of it. */
  readonly words: Text;
  placeOf(code: string): Promise<NodePlace>;
  /** How a program of this Node is started where a node lives. */
  startingAt(code: string, program: readonly string[]): readonly [command: string, ...args: string[]];
  close(): Promise<void>;
}

const LOOPBACK_HOST = "127.0.0.1";

/** @param why no namespaces, where they were asked for */
export function loopbackWires(why?: Text): Wires {
  const { zh, en } = why ?? text("", "");
  return {
    kind: "loopback",
    words: text(
      `网络：各节点都在本机回环地址上，节点之间没有真实的线路${zh && `（${zh}）`}`,
      `Network: all nodes are on the loopback of this machine; no real links between them${en && ` (${en})`}`,
    ),
    placeOf: async () => ({
      ...{ host: LOOPBACK_HOST, port: await freePort() },
      ...{ exchangePort: await freePort(), edgePort: await freePort() },
    }),
    startingAt: (_code, program) => [process.execPath, ...process.execArgv, ...program],
    close: async () => undefined,
  };
}
