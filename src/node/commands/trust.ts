import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import { type Command, UsageError } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { begin, lists, show, sign } from "../trust/ceremony-commands.ts";
import { addAnchor, fingerprints, install, request } from "../trust/issuer-commands.ts";

const list = { type: "string", multiple: true } as const;
const one = { type: "string" } as const;

export const command: Command = {
  name: "trust",
  usage:
    "ceremony begin|sign|list|show --folder DIR … | issuer request|install … | anchor add FILE… --fingerprint HEX | fingerprint FILE…; see docs/guides/root-ceremony.md",
  summary: text(
    "离线根密钥仪式；为本节点的签发机构申请和安装证书",
    "The ceremony of an off-line root; ask for the certificates of this node's authorities and install them",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ folder: one, operator: one, threshold: one, url: one, as: one, province: one, out: one, lang: one },
        ...{ custodian: list, suite: list, present: list, share: list, passphrase: list, request: list },
        ...{ host: list, revoke: list, fingerprint: list },
      },
    });
    const [what, how, ...files] = positionals;
    const ceremony = { begin, sign, list: lists, show }[how as "begin"];
    if (what === "ceremony" && ceremony !== undefined && files.length === 0) {
      await ceremony(values, io);
      return EXIT_CODES.OK;
    }
    if (what === "issuer" && how === "request" && files.length === 0) return request(values, io);
    if (what === "issuer" && how === "install") return install(files, values, io);
    if (what === "anchor" && how === "add" && files.length > 0) return addAnchor(files, values, io);
    if (what === "fingerprint" && how !== undefined) return fingerprints([how, ...files], io);
    throw new UsageError(text("请说明要做什么", "Say what is to be done"));
  },
};
