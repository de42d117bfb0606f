import { BlockList, isIP } from "node:net";
import { Fault } from "#kernel/errors/fault";
import type { Zone } from "#kernel/system/act";
import type { Configuration } from "./configuration.ts";
import "./faults.ts";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** RFC 1918, RFC 4193. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet("10.0.0.0", 8, "ipv4");
PRIVATE.addSubnet("172.16.0.0", 12, "ipv4");
PRIVATE.addSubnet("192.168.0.0", 16, "ipv4");
PRIVATE.addSubnet("fc00::", 7, "ipv6");

/** This machine alone. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || isIn(LOOPBACK, host);
}

/** An address of a private network, or a name under `.internal`, which no public name server answers for. */
export function isPrivateHost(host: string): boolean {
  return isLoopback(host) || isIn(PRIVATE, host) || host.endsWith(".internal");
}

/**
 * A node of the intranet reaches nothing outside of it, whether its zone was said at this start or settled at an earlier one.
 * @param plugged addresses out of the files with which others' services are plugged in, by their variables
 * @throws {Fault} ERR_ZONE_REACH
 */
export function checkReach(
  zone: Zone,
  configuration: Configuration,
  plugged: Readonly<Record<string, string | undefined>> = {},
): void {
  if (zone !== "intranet") return;
  for (const [variable, address] of [...(configuration.reaches ?? []), ...Object.entries(plugged)]) {
    if (address === undefined || isPrivateHost(URL.parse(address)?.hostname ?? "")) continue;
    throw new Fault("ERR_ZONE_REACH", { message: variable });
  }
}

function isIn(list: BlockList, host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
}
