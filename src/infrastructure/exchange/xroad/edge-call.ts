import type { IncomingMessage, ServerResponse } from "node:http";
import type { Kernel } from "#kernel/system/kernel";
import type { Header } from "#lib/xroad/message-headers";
import type { XRoadRequest } from "#lib/xroad/request";
import type { KnownSystem } from "./registrations.ts";

/** One call at the edge, once it is known who calls what. */
export interface EdgeCall {
  readonly kernel: Kernel;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly headers: readonly Header[];
  readonly read: XRoadRequest;
  readonly system: KnownSystem;
  /** `X-Road-Id`: the caller's, or made here. */
  readonly id: string;
  /** `X-Road-Request-Id`. */
  readonly requestId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Aborted when the caller has gone, or the node stops. */
  readonly signal: AbortSignal;
}
