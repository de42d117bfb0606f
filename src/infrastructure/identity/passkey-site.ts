import { isIP } from "node:net";
import { Fault } from "#kernel/errors/fault";
import type { Text } from "#lib/language/text";
import "./faults.ts";

/** For whom passkeys are made: a name of the network, which no address in numbers is. */
export interface PasskeySite {
  /** Relying party identifier (WebAuthn §5.4.2): the host's name. */
  readonly id: string;
  readonly origin: string;
  readonly name: Text;
}

let provided: PasskeySite | undefined;

/**
 * Tells the room under which address people reach the node, before its first operation. A node that is reached at a loopback address
 * is reached as `localhost` too, and there has passkeys.
 */
export function providePasskeySite(publicUrl: string, name: Text): void {
  const url = new URL(publicUrl);
  if (isIP(url.hostname.replaceAll(/[[\]]/g, "")) !== 0) url.hostname = "localhost";
  provided = { id: url.hostname, origin: url.origin, name };
}

/** @throws {Fault} ERR_IDENTITY_NO_PASSKEY_SITE */
export function passkeySite(): PasskeySite {
  if (provided === undefined) throw new Fault("ERR_IDENTITY_NO_PASSKEY_SITE");
  return provided;
}
