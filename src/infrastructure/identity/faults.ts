import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const IDENTITY_FAULTS = defineFaults({
  ERR_IDENTITY_NO_MESSAGES: text(
    "邮件通道尚未接通",
    "The port through which messages leave was not given to the identity room",
  ),
  ERR_IDENTITY_NO_PASSKEY_SITE: text(
    "没有告知身份认证系统本节点的网址",
    "The identity room was not told under which address people reach the node",
  ),
  ERR_IDENTITY_UPSTREAM: text(
    "身份平台的设置有误，请检查 ZHENGTONG_UPSTREAM 所指的文件",
    "The settings of the identity platform are wrong; check the file that ZHENGTONG_UPSTREAM names",
  ),
});
