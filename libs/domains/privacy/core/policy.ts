import type { FieldProblem } from '@holdfast/kernel';
import { type Action, BUILT_IN_CLASSES, type Category, type DataClass } from './classes';

/** Patterns that are looked for in values, by the class that they find: a closed list, since a pattern from outside could take for ever. */
export const DETECTORS = ['email', 'phone', 'ip', 'iban', 'card', 'us_ssn', 'de_tax_id', 'vat_id', 'bic'] as const;
export type Detector = (typeof DETECTORS)[number];

/** Says which fields are of a class. */
export interface FieldRule {
  readonly class: string;
  /** Member names anywhere in a record; letter case, `_`, `-` and spaces make no difference. */
  readonly names: readonly string[];
  /** Members by where they stand, such as `customer.contact.mail`; arrays count for nothing, `*` is any one member. */
  readonly paths: readonly string[];
}

/** What is done with each class in one environment. */
export interface EnvironmentActions {
  readonly actions: Readonly<Record<string, Action>>;
  /** For every class that `actions` does not name. */
  readonly otherwise: Action;
}

/** What is personal, and what becomes of it where. */
export interface PrivacyPolicyDefinition {
  readonly description?: string | undefined;
  /** Further classes, and built-in ones that mean something else here. */
  readonly classes: Readonly<Record<string, DataClass>>;
  readonly rules: readonly FieldRule[];
  readonly detectors: readonly Detector[];
  /** Fields outside of the data that name a person, by class: tokenised wherever the class is not kept, so that events still meet. */
  readonly identifiers: { readonly key?: string | undefined; readonly correlationId?: string | undefined };
  /** By HOLDFAST_ENVIRONMENT; `any` for those that are not named. */
  readonly environments: Readonly<Record<string, EnvironmentActions>>;
}

export const classOf = ({ classes }: PrivacyPolicyDefinition, name: string): DataClass | undefined => {
  if (Object.hasOwn(classes, name)) return classes[name];
  return Object.hasOwn(BUILT_IN_CLASSES, name) ? BUILT_IN_CLASSES[name as keyof typeof BUILT_IN_CLASSES] : undefined;
};

export function actionsIn({ environments }: PrivacyPolicyDefinition, environment: string): EnvironmentActions {
  return Object.hasOwn(environments, environment) ? environments[environment]! : environments['any']!;
}

export const actionFor = ({ actions, otherwise }: EnvironmentActions, name: string): Action =>
  name === 'none' ? 'keep' : Object.hasOwn(actions, name) ? actions[name]! : otherwise;

/** Whether an environment makes tokens, and so needs a key. */
export function makesTokens(policy: PrivacyPolicyDefinition, environment: string): boolean {
  const actions = actionsIn(policy, environment);
  const { key, correlationId } = policy.identifiers;
  return (
    actions.otherwise === 'tokenise' ||
    Object.values(actions.actions).includes('tokenise') ||
    [key, correlationId].some((name) => name !== undefined && actionFor(actions, name) !== 'keep')
  );
}

/** What a schema does not see: classes that nobody knows, a missing `any`, hashes that are no protection. */
export function problemsOf(policy: PrivacyPolicyDefinition): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const known = (name: string, field: string): void => {
    if (!classOf(policy, name)) problems.push({ field, reason: 'is no class, built in or of `classes`' });
  };
  if (Object.hasOwn(policy.classes, 'none'))
    problems.push({ field: 'classes.none', reason: 'has its meaning built in' });
  policy.rules.forEach((rule, index) => {
    known(rule.class, `rules.${index}.class`);
    if (rule.names.length + rule.paths.length === 0)
      problems.push({ field: `rules.${index}`, reason: 'names no field: give names or paths' });
  });
  for (const field of ['key', 'correlationId'] as const) {
    const name = policy.identifiers[field];
    if (name !== undefined) known(name, `identifiers.${field}`);
  }
  if (!Object.hasOwn(policy.environments, 'any'))
    problems.push({ field: 'environments.any', reason: 'is needed: environments that are not named must not be bare' });
  for (const [environment, { actions, otherwise }] of Object.entries(policy.environments)) {
    const at = `environments.${environment}`;
    for (const [name, action] of Object.entries(actions)) {
      known(name, `${at}.actions.${name}`);
      if (action === 'hash' && isGuessable(classOf(policy, name)?.category))
        problems.push({
          field: `${at}.actions.${name}`,
          reason: 'cannot be hash: card numbers are few enough to try all; tokenise',
        });
    }
    if (otherwise === 'hash')
      problems.push({ field: `${at}.otherwise`, reason: 'cannot be hash: it would hold for card numbers' });
  }
  return problems;
}

/** PCI DSS 4.0, requirement 3.5.1.1: hashes of card numbers are keyed. */
const isGuessable = (category: Category | undefined): boolean => category === 'pci';
