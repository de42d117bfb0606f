import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const trustFaults = defineFaults({
  ERR_TRUST_KEY_MISSING: text("签名密钥不存在", "There is no signing key under this label"),
  ERR_TRUST_KEY_FILE: text("密钥文件不可用或权限过宽", "A key file cannot be used or is readable by others"),
  ERR_TRUST_PASSPHRASE: text(
    "打不开密钥：口令缺失或不正确，密钥未作任何改动",
    "The keys cannot be opened: the passphrase is missing or wrong; nothing was changed",
  ),
  ERR_TRUST_KEY_BESIDE: text(
    "本节点不是演示节点，打开密钥的文件不得与密钥放在一起，密钥未作任何改动。请把口令（至少 12 个字符）写入数据文件夹之外、权限为 0600 的文件，用 ZHENGTONG_KEYS_PASSPHRASE_FILE 指明它；或者用 systemd 凭据 zhengtong-keys-passphrase 提供口令；或者用 ZHENGTONG_KEYS_TOKEN 指明密码设备。已有密钥的节点，先停止它并运行 zhengtong keys passphrase --new 该文件",
    "This node is no demonstration: what opens its keys must not lie beside them; no key was changed. Write a passphrase of at least 12 characters into a file of mode 0600 outside the data folder and name it by ZHENGTONG_KEYS_PASSPHRASE_FILE; or give it as the systemd credential zhengtong-keys-passphrase; or name a PKCS #11 token by ZHENGTONG_KEYS_TOKEN. Where there are keys already, stop the node and run first: zhengtong keys passphrase --new THAT-FILE",
  ),
  ERR_TRUST_NO_SEAL: text("该机关没有有效的电子印章", "The authority has no valid electronic seal"),
  ERR_TRUST_CEASED: text("该持有人的签名权已终止", "The holder's right to sign has ended"),
  ERR_TRUST_NO_AUTHORITY: text(
    "本节点没有签发这类证书的机构，或者其密钥不在本节点",
    "This node has no authority that issues such certificates, or not its key",
  ),
  ERR_TRUST_AWAITING_ROOT: text(
    "已向离线根申请签发机构证书，请先安装根证书和签发机构证书：zhengtong trust issuer install",
    "The authorities' certificates were asked for from an off-line root: install them first, with zhengtong trust issuer install",
  ),
  ERR_TRUST_TOKEN: text(
    "密码设备不可用：请检查模块、设备和 PIN；密钥未作任何改动",
    "The cryptographic token cannot be used: check module, token and PIN; no key was changed",
  ),
  ERR_TRUST_KEY_PROCESSES: text(
    "有进程没有跟上节点密钥的更换，更换尚未完成：新旧密钥都还能打开全部密钥，业务照常。该进程可能是旧版本，或者启动后口令已更改：请用现在的口令重新启动节点，再运行一次 zhengtong keys renew",
    "A process did not follow the renewal of the node's key, which is not finished: both keys open everything, and work goes on. It may be of an older version, or have started before the passphrase was changed: start the node anew with the passphrase of now, and run zhengtong keys renew again",
  ),
  ERR_TRUST_RENEWING: text(
    "节点密钥正在更换，请等它完成",
    "The node's key is being renewed already: wait until that is over",
  ),
  ERR_TRUST_NO_PORTS: text("密钥服务尚未就绪", "The keys are not ready yet"),
  ERR_TRUST_NO_STAMP: text(
    "外部时间戳服务没有给出可信的时间戳，请稍后重试并核对 ZHENGTONG_TIMESTAMP_URL",
    "The outside time-stamp service gave no stamp that can be relied on: try again later, and look at ZHENGTONG_TIMESTAMP_URL",
  ),
  ERR_TRUST_SEAL_SETTINGS: text(
    "印章服务的设置文件或其中所列的文件无法读取或内容不符，请核对 ZHENGTONG_SEAL_SERVICE",
    "The settings of the seal service, or a file that they name, cannot be read or say something else: look at ZHENGTONG_SEAL_SERVICE",
  ),
  ERR_TRUST_SEAL_SERVICE: text(
    "外部印章服务没有给出可信的印章签名，文件未盖章，请稍后重试并联系印章服务方",
    "The outside seal service gave no signature that can be relied on; nothing was sealed: try again later, and ask who runs it",
  ),
  ERR_TRUST_SILENT: text("证书登记未能回答", "The register of certificates did not answer"),
});
