import { input } from "#ui/components/input/input";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("input", input);
