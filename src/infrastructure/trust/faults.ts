import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const trustFaults = defineFaults({
  ERR_TRUST_KEY_MISSING: text("签名密钥不存在", "There is no signing key under this label"),
  ERR_TRUST_KEY_FILE: text("密钥文件不可用或权限过宽", "A key file cannot be used or is readable by others"),
  ERR_TRUST_PASSPHRASE: text(
    "打不开密钥：口令缺失或不正确，密钥未作任何改动",
    "The keys cannot be opened: the passphrase is missing or wrong; nothing was changed",
  ),
  ERR_TRUST_NO_SEAL: text("该机关没有有效的电子印章", "The authority has no valid electronic seal"),
  ERR_TRUST_CEASED: text("该持有人的签名权已终止", "The holder's right to sign has ended"),
  ERR_TRUST_SILENT: text("证书登记未能回答", "The register of certificates did not answer"),
});
