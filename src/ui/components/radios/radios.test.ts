import { radios } from "#ui/components/radios/radios";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("radios", radios);
