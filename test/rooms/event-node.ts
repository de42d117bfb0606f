import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { events } from "#infrastructure/events";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import type { Act } from "#kernel/system/act";
import type { Front } from "#kernel/system/context";
import type { System } from "#kernel/system/system";
import { Distribution, type DistributionOptions } from "../../src/infrastructure/events/distribution.ts";
import eventsSystem from "../../src/infrastructure/events/system.ts";
import { type TestNode, testNode } from "../../src/node/testing.ts";

export const ROOM = "CN/GOV/990101/civil-affairs";
export const PUBLISHER = "CN/GOV/990101/registry";

export interface EventNode extends TestNode {
  readonly distribution: Distribution;
  /** As the node itself, which keeps the rooms. */
  readonly keeper: Front<typeof events>;
  /** As a system that the edge has recognized. */
  system(member: string, about?: Partial<Act>): Front<typeof events>;
}

/** A node with the event room, one room of civil affairs in it, and the type `newBirth`, ordered by `mother`. */
export async function eventNode(
  options: { readonly systems?: readonly System[]; readonly onStep?: DistributionOptions["onStep"] } = {},
): Promise<EventNode> {
  const node = await testNode({ systems: [eventsSystem, ...(options.systems ?? [])] });
  const { kernel } = node;
  const keeper = node.as(events, { kind: "node", room: "events" }, { purpose: "administration" });
  const system = (member: string, about: Partial<Act> = {}) =>
    node.as(
      events,
      { kind: "node", room: "events" },
      { purpose: "administration", origin: { node: "here", client: member }, ...about },
    );
  const distribution = new Distribution({
    kernel,
    onFault: (fault) => {
      throw fault;
    },
    ...(options.onStep && { onStep: options.onStep }),
  });
  answered(await keeper.openRoom({ room: ROOM, title: "民政", retentionDays: 30 }));
  answered(await keeper.defineType({ room: ROOM, type: "newBirth", schema: NEW_BIRTH, orderBy: "mother" }));
  answered(await admitted(keeper, PUBLISHER, { mayPublish: true }));
  return { ...node, distribution, keeper, system };
}

const NEW_BIRTH = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  properties: { mother: { type: "string", maxLength: 50 }, number: { type: "integer" } },
  required: ["mother"],
};

export function admitted(
  keeper: Front<typeof events>,
  member: string,
  may: { readonly mayPublish?: boolean; readonly maySubscribe?: boolean; readonly target?: string },
) {
  const { target, ...rights } = may;
  return keeper.admit({
    ...{ room: ROOM, member, mayPublish: false, maySubscribe: false, mayManage: false },
    ...rights,
    ...(target !== undefined && { target }),
  });
}

/** The value, where it is no refusal. */
export function answered<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`${answer.room}.${answer.code}: ${JSON.stringify(answer.text.en)}`);
  return answer as T;
}

/** A system that takes events over HTTP, on this machine. */
export async function hook(answer: (body: string, request: IncomingMessage) => number) {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    response.writeHead(answer(body, request)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    close: () => {
      server.closeAllConnections();
      return new Promise<unknown>((resolve) => server.close(resolve));
    },
  };
}
