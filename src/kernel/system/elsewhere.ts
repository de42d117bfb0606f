import type { Operation } from "../contract/contract.ts";
import { doorRefusal } from "../contract/door-refusals.ts";
import type { Refusal } from "../contract/refusal.ts";
import type { NodeProofs, RoomCall, Route, Routes, Transport } from "../ports.ts";
import type { Act } from "./act.ts";
import type { Kernel } from "./kernel.ts";

/** How calls leave this node. */
export interface Elsewhere {
  readonly routes: Routes;
  readonly transport: Transport;
  /** Absent where nothing goes from node to node by way of others. */
  readonly proofs?: NodeProofs;
}

/**
 * Where a call is answered that is not answered here; undefined where it is. What another node asks is answered here or nowhere: it is
 * not passed on a second time.
 */
export function turning(kernel: Kernel, act: Act, call: RoomCall): (() => Promise<unknown | Refusal>) | undefined {
  const { elsewhere } = kernel;
  if (elsewhere === undefined)
    return call.at === undefined ? undefined : async () => doorRefusal(call.room, "unavailable");
  const route = routeOf(kernel, elsewhere, call, act.origin?.division);
  if (route.kind === "here") return undefined;
  const passedOn = act.origin !== undefined && act.origin.node !== elsewhere.routes.self;
  if (route.kind === "nowhere" || passedOn) return async () => doorRefusal(call.room, "unavailable");
  return () => elsewhere.transport.carry(route.node, act, call);
}

/** Whether another node keeps what this call is for. */
export function isElsewhere(kernel: Kernel, call: RoomCall): boolean {
  return kernel.elsewhere !== undefined && routeOf(kernel, kernel.elsewhere, call).kind !== "here";
}

/** The node that keeps what this call is for, where it is another. */
export function nodeOf(kernel: Kernel, call: RoomCall): string | undefined {
  if (kernel.elsewhere === undefined) return undefined;
  const route = routeOf(kernel, kernel.elsewhere, call);
  return route.kind === "node" ? route.node : undefined;
}

function routeOf(
  kernel: Kernel,
  { routes }: Elsewhere,
  { room, operation, input, at }: RoomCall,
  asking?: string,
): Route {
  if (at !== undefined) return at === routes.self ? { kind: "here" } : { kind: "node", node: at };
  const declared = kernel.systems.get(room)?.contract.operations[operation];
  return routes.hostOf(room, divisionConcerned(declared, input) ?? asking);
}

/** What the input says where the contract names the attribute; the callee holds it against its schema. */
function divisionConcerned(operation: Operation | undefined, input: unknown): string | undefined {
  if (operation?.concerns === undefined || typeof input !== "object" || input === null) return undefined;
  const value: unknown = (input as Readonly<Record<string, unknown>>)[operation.concerns];
  return typeof value === "string" ? value : undefined;
}
