import { hint } from "#ui/components/hint/hint";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("hint", hint);
