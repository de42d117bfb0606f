import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const CATALOGUE_FAULTS = defineFaults({
  ERR_CATALOGUE_NO_PORTS: text(
    "目录尚未接通本节点的契约和访问控制",
    "The node's contracts and access were not given to the catalogue",
  ),
});
