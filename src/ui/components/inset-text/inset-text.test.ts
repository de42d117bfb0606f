import { insetText } from "#ui/components/inset-text/inset-text";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("inset-text", insetText);
