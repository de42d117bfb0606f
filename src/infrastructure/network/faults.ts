import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const NETWORK_FAULTS = defineFaults({
  ERR_NETWORK_NO_PORTS: text("网络与摆渡尚未接通签名", "The network room was not given what it signs with"),
});
