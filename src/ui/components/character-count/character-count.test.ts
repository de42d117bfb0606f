import { characterCount } from "#ui/components/character-count/character-count";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("character-count", characterCount);
