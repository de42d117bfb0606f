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
  ERR_EXCHANGE_REFUSED: text(
    "对方节点不再承认本节点的证书：已被签发机构吊销或者暂停，或者已从节点目录中除去",
    "The other node does not take this node's certificate any more: its issuer revoked or suspended it, or it was struck from the directory",
  ),
  ERR_EXCHANGE_FILE: text(
    "收到的文件与所说的不符，已丢弃",
    "What came is not the file that was said; it was thrown away",
  ),
  ERR_EXCHANGE_STOPPED: text("交换服务已停止", "The exchange was stopped"),
  ERR_EDGE_CERTIFICATE: text(
    "外部系统接入的证书或密钥不能使用，接入服务没有启动",
    "Certificate or key of the edge cannot be used; the edge was not opened",
  ),
  ERR_PROVIDER_AWAY: text(
    "外部系统无法连接或未答复，稍后自动再试",
    "A foreign system cannot be reached or does not answer; it is tried again",
  ),
  ERR_EDGE_NO_PORTS: text("外部系统接入尚未接通本节点", "The edge was not joined to its node"),
});
