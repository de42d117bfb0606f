import { button } from "#ui/components/button/button";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("button", button);
