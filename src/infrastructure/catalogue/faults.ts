import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const CATALOGUE_FAULTS = defineFaults({
  ERR_CATALOGUE_NO_PORTS: text(
    "目录尚未接通本节点的契约和访问控制",
    "The node's contracts and access were not given to the catalogue",
  ),
  ERR_CATALOGUE_DIRECTORY_SILENT: text(
    "机构目录未能回答，共享事项暂不能办理",
    "The directory did not answer; matters of sharing wait",
  ),
});
