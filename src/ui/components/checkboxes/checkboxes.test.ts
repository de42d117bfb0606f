import { checkboxes } from "#ui/components/checkboxes/checkboxes";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("checkboxes", checkboxes);
