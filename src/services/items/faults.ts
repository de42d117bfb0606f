import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const ITEMS_FAULTS = defineFaults({
  ERR_ITEMS_NO_PORTS: text(
    "事项目录所需的契约尚未接通",
    "The contracts that the catalogue of items is made of were not given to its room",
  ),
});
