/** How this node belongs to others: the directory that says where rooms are, the exchange that takes calls there. */
import type { Logger } from "pino";
import { trust as trustRoom } from "#infrastructure/trust";
import type { Fault } from "#kernel/errors/fault";
import { frontOf } from "#kernel/http/pages";
import type { NodeKeys, TlsKey } from "#kernel/ports";
import type { Elsewhere } from "#kernel/system/elsewhere";
import type { Kernel } from "#kernel/system/kernel";
import type { System } from "#kernel/system/system";
import type { Text } from "#lib/language/text";
import { text } from "#lib/language/text";
import type { NodeDirectory } from "../../infrastructure/directory/network/node-directory.ts";
import { Exchange } from "../../infrastructure/exchange/exchange.ts";
import { directoryProofs, letterSecret } from "../../infrastructure/exchange/proofs.ts";
import { KEYS_CHANGED_CHANNEL } from "../../infrastructure/trust/keys/data-key-rows.ts";
import { Standing } from "../../infrastructure/trust/relying/standing.ts";
import type { ExchangeConfiguration } from "../exchange-configuration.ts";
import { nodeActOf } from "../node-act.ts";
import { nodeDirectory, tellIncident } from "./open-directory.ts";

export interface NodeNetwork {
  readonly nodes: NodeDirectory;
  readonly exchange: Exchange;
  readonly elsewhere: Elsewhere;
  /** What became of certificates, for whoever is shown one. */
  readonly standing: Standing;
  /** Gives the exchange the kernel that was made with this network. */
  connect(kernel: Kernel): Promise<void>;
  /** Begins to answer other nodes, now or as soon as this node belongs to a directory, and keeps the directory up to date. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function openNetwork(options: {
  readonly database: Kernel["database"];
  readonly keys: NodeKeys;
  readonly systems: readonly System[];
  readonly kernelOf: () => Kernel;
  /** Where other nodes reach this one; absent: it calls others, and none calls it. */
  readonly listen: ExchangeConfiguration | undefined;
  readonly log: Logger;
  readonly report: (progress: Text) => void;
  readonly now?: (() => string) | undefined;
  readonly callTimeoutMs?: number | undefined;
}): Promise<NodeNetwork> {
  const { database, keys, systems, kernelOf, now, log, report, listen } = options;
  const nodes = nodeDirectory({
    ...{ database, keys, systems, kernelOf, now },
    onIncident: (incident: Text | Fault) => tellIncident(incident, { log, report }),
  });
  await nodes.open();
  const standing = new Standing({
    database,
    front: () => frontOf(kernelOf(), trustRoom, () => nodeActOf(kernelOf(), trustRoom.id)),
    mayAsk: (address) => nodes.view()?.isSite(address.origin) === true,
    now: now ?? (() => Temporal.Now.instant().toString()),
    onFault: (fault) => log.error({ code: (fault as { code?: unknown }).code }, "looking at certificates failed"),
  });
  let unlisten: (() => Promise<void>) | undefined;
  let tlsKey: TlsKey | undefined;
  const exchange = new Exchange({
    view: () => nodes.view(),
    signer: () => keys.messageSigner(),
    standing,
    tls: () => ({ key: tlsKey?.privateKey ?? "", cert: nodes.membership?.chain ?? "" }),
    onFault: (fault) => log.error({ code: (fault as { code?: unknown }).code }, "exchange"),
    ...(options.callTimeoutMs !== undefined && { callTimeoutMs: options.callTimeoutMs }),
  });
  let shown: string | undefined;
  /** The certificate is there once the node belongs to a directory, and another one from time to time. */
  const follow = async () => {
    const chain = nodes.membership?.chain;
    if (chain === undefined || chain === shown) return;
    tlsKey = await keys.tlsKey(chain);
    const isFirst = shown === undefined;
    shown = chain;
    if (!isFirst) return exchange.renew();
    if (listen === undefined) return;
    const port = await exchange.listen(listen);
    report(
      text(`节点间交换：https://${listen.host}:${port}`, `Exchange with other nodes: https://${listen.host}:${port}`),
    );
  };
  const following = () =>
    follow().catch((error: unknown) => log.error({ code: (error as { code?: unknown }).code }, "exchange"));
  // What others keep can be asked for before this node answers them: by what is loaded at its start, say.
  if (nodes.membership !== undefined) tlsKey = await keys.tlsKey(nodes.membership.chain);
  const forget = nodes.onChange(() => void following());
  return {
    ...{ nodes, exchange, standing },
    elsewhere: {
      ...{ routes: nodes.routes, transport: exchange },
      proofs: directoryProofs({
        ...{ view: () => nodes.view(), signer: () => keys.messageSigner() },
        secret: (suite) => letterSecret(kernelOf().vault, suite),
      }),
    },
    async connect(kernel) {
      await exchange.connect(kernel);
      await standing.start();
    },
    async start() {
      await follow();
      nodes.start();
      // A key that counts as compromised is replaced without waiting for the next round.
      unlisten = await database.listen(KEYS_CHANGED_CHANNEL, () => void nodes.soon());
    },
    async stop() {
      forget();
      await unlisten?.();
      await nodes.stop();
      await exchange.close();
      await standing.stop();
    },
  };
}
