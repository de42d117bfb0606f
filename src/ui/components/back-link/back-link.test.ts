import { backLink } from "#ui/components/back-link/back-link";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("back-link", backLink);
