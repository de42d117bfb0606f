import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const IDENTITY_FAULTS = defineFaults({
  ERR_IDENTITY_NO_MESSAGES: text(
    "邮件通道尚未接通",
    "The port through which messages leave was not given to the identity room",
  ),
});
