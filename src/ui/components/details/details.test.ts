import { details } from "#ui/components/details/details";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("details", details);
