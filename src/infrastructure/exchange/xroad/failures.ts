import { text } from "#lib/language/text";
import { xRoadError } from "#lib/xroad/error";

/** What the edge says when it says no. */
export const FAILED = {
  stranger: xRoadError(
    "Server.ClientProxy.SslAuthenticationFailed",
    text(
      "未出示已登记且在有效期内的 TLS 客户端证书。请核对证书，或请接入单位办理登记。未作任何更改。",
      "No TLS client certificate that is registered and valid was shown. Check the certificate, or have it registered. Nothing was changed.",
    ),
  ),
  withdrawn: xRoadError(
    "Server.ClientProxy.SslAuthenticationFailed",
    text(
      "所出示的 TLS 客户端证书已被签发机构吊销或者暂停。请换用另一张已登记的证书，或请接入单位登记新证书。未作任何更改。",
      "The TLS client certificate that was shown has been revoked or suspended by its issuer. Use another one that is registered, or have a new one registered. Nothing was changed.",
    ),
  ),
  otherClient: xRoadError(
    "Server.ClientProxy.SslAuthenticationFailed",
    text(
      "X-Road-Client 与证书登记的系统不符。未作任何更改。",
      "X-Road-Client is not the system for which this certificate is registered. Nothing was changed.",
    ),
  ),
  otherInstance: xRoadError(
    "Server.ClientProxy.UnknownMember",
    text("本节点不通往该实例。未作任何更改。", "This node does not lead to that instance. Nothing was changed."),
  ),
  minute: xRoadError(
    "Server.ClientProxy.QuotaExceeded",
    text(
      "本系统的每分钟次数已用完，请稍后重试。未作任何更改。",
      "This system has used up its calls a minute; try again later. Nothing was changed.",
    ),
  ),
  busy: xRoadError(
    "Server.ClientProxy.Busy",
    text(
      "同时进行的请求过多，请稍后重试。未作任何更改。",
      "There are too many calls under way; try again soon. Nothing was changed.",
    ),
  ),
  unknownService: xRoadError(
    "Server.ServerProxy.UnknownService",
    text(
      "没有这个服务。可用 listMethods 查询。未作任何更改。",
      "There is no such service; listMethods tells what there is. Nothing was changed.",
    ),
  ),
  denied: xRoadError(
    "Server.ServerProxy.AccessDenied",
    text(
      "未登记允许本系统以此目的调用这项操作。可用 allowedMethods 查询。未作任何更改。",
      "Nothing is registered that lets this system call this operation for this purpose; allowedMethods tells what it may. Nothing was changed.",
    ),
  ),
  notJson: xRoadError(
    "Client.BadRequest",
    text(
      "请求内容须为 JSON（UTF-8，未压缩）。未作任何更改。",
      "The body must be JSON (UTF-8, not compressed). Nothing was changed.",
    ),
  ),
  tooLarge: xRoadError(
    "Client.BadRequest",
    text("请求内容过大。未作任何更改。", "The body is too large. Nothing was changed."),
  ),
  marked: xRoadError(
    "Client.BadRequest",
    text(
      "请求中有标有国家秘密的内容，不得经本节点传送，未予转交。请删除后重发，并按保密规定处理。",
      "Something in the request is marked as a state secret, which does not go by this node; it was not passed on. Take it out, and see to it as the law on secrets asks.",
    ),
  ),
  noKey: xRoadError(
    "Client.BadRequest",
    text(
      "办理类操作须有 X-Road-Id 或 Idempotency-Key 请求头：同一编号只执行一次。未作任何更改。",
      "What changes something needs the header X-Road-Id or Idempotency-Key: the same one takes effect once. Nothing was changed.",
    ),
  ),
  noOperation: xRoadError(
    "Client.BadRequest",
    text(
      "服务的说明中没有此操作。可用 getOpenAPI 查询。未作任何更改。",
      "The service describes no such operation; getOpenAPI tells what there is. Nothing was changed.",
    ),
  ),
  noServiceCode: xRoadError(
    "Client.BadRequest",
    text("缺少查询参数 serviceCode。", "The query parameter serviceCode is missing."),
  ),
  unreachable: xRoadError(
    "Server.ServerProxy.NetworkError",
    text(
      "对方系统无法连接、证书与登记不符，或未按时应答。对方是否已办理，请向对方核实。",
      "The provider cannot be reached, shows another certificate than is registered, or did not answer in time. Whether it did anything, ask the provider.",
    ),
  ),
  providerWithdrawn: xRoadError(
    "Server.ServerProxy.NetworkError",
    text(
      "对方系统登记的证书已被签发机构吊销或者暂停，未与其连接，对方没有收到请求。请由登记该服务的单位更换证书。",
      "The certificate that is registered of the provider has been revoked or suspended by its issuer. It was not connected to and has received nothing. Whoever registered the service replaces the certificate.",
    ),
  ),
  badAnswer: xRoadError(
    "Server.ServerProxy.ServiceFailed.InvalidResponse",
    text(
      "对方系统的应答与其说明不符，未予转交。",
      "The provider's answer is not what it describes; it was not passed on.",
    ),
  ),
  edge: xRoadError(
    "Server.ClientProxy.InternalError",
    text(
      "本节点的接入服务出错，请求未予转交，编号见 detail，已有记录。",
      "The edge of this node failed and passed nothing on; detail names the record of it.",
    ),
  ),
  markedAnswer: xRoadError(
    "Server.ServerProxy.ServiceFailed.InvalidResponse",
    text(
      "对方系统的应答中有标有国家秘密的内容，不得经本节点传送，未予转交。",
      "Something in the provider's answer is marked as a state secret, which does not go by this node; it was not passed on.",
    ),
  ),
  node: xRoadError(
    "Server.ServerProxy.InternalError",
    text(
      "被调用的系统或提供它的节点出错，编号见 detail，已有记录。是否已办理，请以同一 X-Road-Id 重发或者核实。",
      "The system that was called, or the node behind it, failed; detail names the record of it. Whether anything was done, ask again with the same X-Road-Id, or inquire.",
    ),
  ),
} as const;
