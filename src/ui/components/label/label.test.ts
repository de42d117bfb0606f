import { label } from "#ui/components/label/label";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("label", label);
