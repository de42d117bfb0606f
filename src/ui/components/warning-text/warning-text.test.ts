import { warningText } from "#ui/components/warning-text/warning-text";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("warning-text", warningText);
