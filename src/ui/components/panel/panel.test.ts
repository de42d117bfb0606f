import { panel } from "#ui/components/panel/panel";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("panel", panel);
