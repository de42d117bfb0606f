import { textarea } from "#ui/components/textarea/textarea";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("textarea", textarea);
