import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const DATA_RIGHTS_FAULTS = defineFaults({
  ERR_DATA_RIGHTS_NO_PORTS: text(
    "查询异议所需的存证日志尚未接通",
    "The ledger was not given to the room of data rights",
  ),
});
