import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const EXCHANGE_FAULTS = defineFaults({
  ERR_EXCHANGE_CERTIFICATE: text(
    "本节点的交换证书不可用，交换服务不能启动",
    "The node's certificate for the exchange cannot be used; the exchange does not start",
  ),
  ERR_EXCHANGE_KEY: text("本节点的报文签名密钥不能用于交换", "The node's key for messages does not serve the exchange"),
  ERR_EXCHANGE_PEER: text(
    "对方节点无法访问，或其应答不符合协议",
    "The other node cannot be reached, or does not answer as agreed",
  ),
  ERR_EXCHANGE_STOPPED: text("交换服务已停止", "The exchange was stopped"),
});
