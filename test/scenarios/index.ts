/** All scenarios. */
import { peopleScenarios } from './people.ts';
import { placeScenarios } from './places.ts';
import { policyScenarios } from './policies.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [...peopleScenarios, ...placeScenarios, ...policyScenarios];
