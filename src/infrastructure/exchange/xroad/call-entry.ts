import type { LedgerEntry } from "#kernel/ledger/entry";
import { serviceText } from "#lib/xroad/identifier";
import type { EdgeCall } from "./edge-call.ts";
import { edgePorts } from "./ports.ts";
import { policyOf, type Right } from "./registrations.ts";

/**
 * Enters a call in the ledger before its answer leaves: who asked what of whom, by which right, in whose name and on what occasion, and
 * how it ended. The query is bound by the request's hash and is not told: it may name people.
 */
export async function enterCall(
  call: EdgeCall,
  ended: {
    readonly outcome: string;
    readonly right: Right | undefined;
    readonly actId?: string;
    readonly requestHash?: string;
  },
): Promise<void> {
  const { kernel, read, system, at } = call;
  const { outcome, right, actId, requestHash } = ended;
  const { userId, issue, representedParty: party } = read;
  const entry: LedgerEntry = {
    type: right === undefined ? "refused" : "exchange",
    at,
    room: "exchange",
    operation: "callService",
    actId: actId ?? call.requestId,
    actor: { kind: "node", id: system.client },
    origin: { node: edgePorts(kernel.database).self, client: system.client },
    purpose: right?.purpose ?? "none",
    legalBasis: (right?.legalBasis ?? []).map(({ law, article }) => `${law.zh} ${article}`),
    subjects: [],
    outcome,
    ...(right && { policies: [policyOf(right)] }),
    detail: {
      service: serviceText(read.service),
      method: read.method,
      path: read.path,
      id: call.id,
      requestId: call.requestId,
      ...(requestHash !== undefined && { requestHash }),
      ...(userId !== undefined && { userId }),
      ...(issue !== undefined && { issue }),
      ...(party && {
        representedParty: [party.memberClass, party.memberCode].filter((part) => part !== undefined).join("/"),
      }),
    },
  };
  await kernel.ledger.append(kernel.database, [entry]);
}

/** The same of a question about what there is, and of a request that is not of the protocol. Its own words are not told: they may name people. */
export async function enterQuestion(
  { kernel, system, at, requestId }: Pick<EdgeCall, "kernel" | "system" | "at" | "requestId">,
  asked: { readonly operation: MetadataName | "callService"; readonly outcome: string; readonly service?: string },
): Promise<void> {
  const { operation, outcome, service } = asked;
  await kernel.ledger.append(kernel.database, [
    {
      ...{ type: outcome === "answered" ? "exchange" : "refused", at, room: "exchange", operation, actId: requestId },
      actor: { kind: "node", id: system.client },
      origin: { node: edgePorts(kernel.database).self, client: system.client },
      ...{ purpose: "administration", legalBasis: [], subjects: [], outcome },
      detail: { requestId, ...(service !== undefined && { service }) },
    },
  ]);
}

export type MetadataName = "listClients" | "listMethods" | "allowedMethods" | "getOpenAPI";
