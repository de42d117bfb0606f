import { text } from "#lib/language/text";
import { defineFaults } from "./fault.ts";

export const ERROR_FAULTS = defineFaults({
  ERR_ASSERTION: text("程序内部约束不成立", "The program broke one of its own rules"),
});
