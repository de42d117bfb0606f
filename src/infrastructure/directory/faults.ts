import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const DIRECTORY_FAULTS = defineFaults({
  ERR_DIRECTORY_SILENT: text("机构目录未能回答", "The directory did not answer"),
});
