import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const PROCEDURE_FAULTS = defineFaults({
  ERR_NOTICE_FACTS: text("办件信息不足以生成文书", "A case does not say what its notice must say"),
});
