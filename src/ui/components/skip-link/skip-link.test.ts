import { skipLink } from "#ui/components/skip-link/skip-link";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("skip-link", skipLink);
