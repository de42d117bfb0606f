import { tag } from "#ui/components/tag/tag";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("tag", tag);
