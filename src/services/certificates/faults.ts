import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const CERTIFICATE_FAULTS = defineFaults({
  ERR_CERTIFICATES_NO_PORTS: text(
    "证照制作所需的排版和印章尚未接通",
    "Typesetting and seals were not given to the certificates room",
  ),
});
