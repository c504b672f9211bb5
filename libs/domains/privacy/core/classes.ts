/** Which rules of law or of an industry a value falls under. `security` are credentials, which no law names and nobody may store. */
export const CATEGORIES = ['gdpr_personal', 'gdpr_special', 'hipaa', 'pci', 'financial', 'security', 'none'] as const;
export type Category = (typeof CATEGORIES)[number];

/**
 * How much a value tells of a person, from least to most: nothing; a figure over many; what somebody did; somebody who is known only by a number;
 * somebody; what hurts somebody when it is known.
 */
export const SENSITIVITIES = ['public', 'aggregate', 'behavioural', 'pseudonymous', 'pii', 'sensitive'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/** What a kind of field means, whatever its name. */
export interface DataClass {
  readonly category: Category;
  readonly sensitivity: Sensitivity;
}

const of = (category: Category, sensitivity: Sensitivity): DataClass => ({ category, sensitivity });

/** Classes that every policy knows; it may add others, and say otherwise of these. */
export const BUILT_IN_CLASSES = {
  email: of('gdpr_personal', 'pii'),
  phone: of('gdpr_personal', 'pii'),
  person_name: of('gdpr_personal', 'pii'),
  address: of('gdpr_personal', 'pii'),
  postcode: of('gdpr_personal', 'pii'),
  birthdate: of('gdpr_personal', 'pii'),
  /** Anything about a person that has no class of its own; also what a contract calls by a class that nobody knows. */
  personal: of('gdpr_personal', 'pii'),
  /** Somebody's number in a system: names a person to those who have the list. */
  person_id: of('gdpr_personal', 'pseudonymous'),
  ip: of('gdpr_personal', 'pseudonymous'),
  device_id: of('gdpr_personal', 'pseudonymous'),
  behaviour: of('gdpr_personal', 'behavioural'),
  location: of('gdpr_personal', 'behavioural'),
  us_ssn: of('gdpr_personal', 'sensitive'),
  de_tax_id: of('gdpr_personal', 'sensitive'),
  /** GDPR, article 9: health, belief, origin, orientation, biometrics, membership of a union. */
  special: of('gdpr_special', 'sensitive'),
  medical_record: of('hipaa', 'sensitive'),
  iban: of('financial', 'pii'),
  account: of('financial', 'pii'),
  income: of('financial', 'sensitive'),
  /** Names a bank, and no customer of it. */
  bic: of('financial', 'public'),
  /** Names a business, which may be one person. */
  vat_id: of('financial', 'pseudonymous'),
  card: of('pci', 'sensitive'),
  /** Verification codes, PINs, magnetic stripes: never to be stored (PCI DSS 4.0, requirement 3.3). */
  card_secret: of('pci', 'sensitive'),
  credential: of('security', 'sensitive'),
  statistic: of('none', 'aggregate'),
  /** Says that a field is none of these; nothing is looked for in it. */
  none: of('none', 'public'),
} as const satisfies Readonly<Record<string, DataClass>>;
export type BuiltInClass = keyof typeof BUILT_IN_CLASSES;

/** What is done to a value. */
export const ACTIONS = ['keep', 'mask', 'tokenise', 'hash', 'null', 'generalise', 'drop'] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * What is left of a class after an action. A token or a hash still stands for a person (GDPR, recital 26): category stays, sensitivity is at most
 * `pseudonymous`. What was generalised tells of a group. What was masked or taken away tells nothing.
 */
export function storedAs({ category, sensitivity }: DataClass, action: Action): DataClass {
  if (action === 'keep') return { category, sensitivity };
  const most =
    action === 'tokenise' || action === 'hash' ? 'pseudonymous' : action === 'generalise' ? 'aggregate' : 'public';
  if (most === 'public') return { category: 'none', sensitivity: 'public' };
  const rank = Math.min(SENSITIVITIES.indexOf(sensitivity), SENSITIVITIES.indexOf(most));
  return { category, sensitivity: SENSITIVITIES[rank]! };
}
