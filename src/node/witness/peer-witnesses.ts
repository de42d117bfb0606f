/** Nodes of a directory vouch for the logs of those directly above and below them, and are vouched for by them (decision 0037). */
import type { Database } from "#kernel/database/sql";
import { seenRows } from "#kernel/witnessing/seen-rows";
import { Witness, type WitnessAnswer } from "#kernel/witnessing/witness";
import type { Witness as ReachedWitness } from "#kernel/witnessing/witnessing";
import type { NodeEntry } from "#lib/directory/entries";
import { logNameOf } from "#lib/directory/log-name";
import type { DirectoryView } from "#lib/directory/view";
import { formatWitnessKey, parseWitnessKey } from "#lib/merkle/cosignature";
import { type NoteVerifier, parseVerifierKey } from "#lib/merkle/note";
import type { NodeDirectory } from "../../infrastructure/directory/network/node-directory.ts";
import { witnessAt } from "./witness-client.ts";

/** Where a node takes checkpoints of others: `POST {site}/witness/add-checkpoint`. */
export const WITNESS_PREFIX = "/witness";

/** Those that this node asks for their word, the one above first. A node of the intranet asks nobody over a wire. */
export function peerWitnesses(view: DirectoryView | undefined): readonly ReachedWitness[] {
  if (view?.node(view.self)?.zone === "intranet") return [];
  return near(view).flatMap(({ site, cosigningKeys: [line = ""] = [] }) => {
    const key = parseWitnessKey(line);
    return key === undefined || site === undefined ? [] : [witnessAt(key, `${site}${WITNESS_PREFIX}`)];
  });
}

/** The logs that this node vouches for. A name that two nodes claim is followed for neither: one of them is not who it says. */
export function followedLogs(view: DirectoryView | undefined): readonly NoteVerifier[] {
  const owners = new Map<string, Set<string>>();
  for (const { code, logKeys } of view?.nodes() ?? []) {
    for (const line of logKeys) {
      const name = logNameOf(line);
      owners.set(name, (owners.get(name) ?? new Set()).add(code));
    }
  }
  const keys = near(view).flatMap(({ logKeys }) => logKeys.flatMap((line) => parseVerifierKey(line) ?? []));
  return keys.filter(({ name }) => owners.get(name)?.size === 1);
}

function near(view: DirectoryView | undefined): readonly NodeEntry[] {
  if (view === undefined) return [];
  const above = view.node(view.self)?.above;
  const found = view.nodes().filter((one) => one.state !== "left" && (one.code === above || one.above === view.self));
  return found.sort((one, other) => Number(other.code === above) - Number(one.code === above));
}

/** This node as a witness; nobody's where it belongs to no directory. */
export class NodeWitness {
  readonly #options: { readonly database: Database; readonly nodes: NodeDirectory; readonly now: () => string };
  #open: { readonly line: string; readonly witness: Witness } | undefined;

  constructor(options: { readonly database: Database; readonly nodes: NodeDirectory; readonly now: () => string }) {
    this.#options = options;
  }

  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer | undefined> {
    return await (await this.#opened())?.witness.addCheckpoint(body);
  }

  /** Its key as a line; undefined where it vouches for nobody. */
  async key(): Promise<string | undefined> {
    return (await this.#opened())?.line;
  }

  async #opened() {
    const { database, nodes, now } = this.#options;
    const key = await nodes.cosigningKey();
    if (key === undefined) return undefined;
    const line = formatWitnessKey(key.key);
    if (this.#open?.line !== line) {
      const witness = new Witness({
        ...{ key, seen: seenRows(database, now) },
        logs: () => followedLogs(nodes.view()),
        now: () => Math.floor(Date.parse(now()) / 1_000),
      });
      this.#open = { line, witness };
    }
    return this.#open;
  }
}
