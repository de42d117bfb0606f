import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const PARTICIPATION_FAULTS = defineFaults({
  ERR_PARTICIPATION_NO_PORTS: text(
    "评价所需的办件信息尚未接通",
    "The cases that are rated were not given to the participation room",
  ),
});
