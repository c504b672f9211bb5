import { canonical, groupsOfIpv6 } from './canonical';
import type { Action } from './classes';

/** What needs cryptography, which cores do not import. */
export interface Pseudonyms {
  /** The same for the same class and text under a key, and nothing that tells the text without it; of ASCII letters, digits and `_`. */
  token(of: string, canonical: string): string;
  /** The same for the same text everywhere: who can guess the text can check it. */
  hash(canonical: string): string;
}

/** An action on one value; `null` stands for `null` and `drop`, which leave no text. */
export function applyTo(of: string, action: Action, text: string, pseudonyms: Pseudonyms): string | null {
  switch (action) {
    case 'keep':
      return text;
    case 'mask':
      return masked(of, text);
    case 'tokenise':
      return pseudonyms.token(of, canonical(of, text));
    case 'hash':
      return pseudonyms.hash(canonical(of, text));
    case 'generalise':
      return generalised(of, text) ?? masked(of, text);
    case 'null':
    case 'drop':
      return null;
  }
}

/** Stars for a text: as many for all of a length class (up to 4, up to 16, more). */
const stars = (length: number): string => (length <= 4 ? '****' : length <= 16 ? '********' : '****************');

/** Numbers long enough that their last characters may stay, as people know them from statements. */
const LAST_CHARACTERS: Readonly<Record<string, number>> = { card: 4, iban: 4, account: 2, phone: 2 };

/** A text in whose place nothing can be told but what kind of value stood there, about how long it was, and how a long number ends. */
export function masked(of: string, text: string): string {
  if (of === 'email') return '****@****';
  const last = LAST_CHARACTERS[of];
  if (last === undefined) return stars(text.length);
  const characters = text.replace(/[^A-Za-z0-9]/g, '');
  return characters.length < last * 3 || characters.length < 8 ? '********' : `********${characters.slice(-last)}`;
}

/** A wider value of the same kind; undefined where the text is not of the form that its class has. */
function generalised(of: string, value: string): string | undefined {
  const text = value.trim();
  switch (of) {
    case 'birthdate':
      return monthOf(text);
    case 'ip':
      return networkOf(text);
    case 'postcode':
      return /^[A-Za-z0-9 -]{3,10}$/.test(text) ? `${text.slice(0, 2).trim()}***` : undefined;
    case 'email':
      return /@([^@\s]+)$/.exec(text)?.[1]?.toLowerCase();
    case 'location':
      return /^-?\d{1,3}(\.\d{1,20})?$/.test(text) ? Number(text).toFixed(1) : undefined;
    default:
      return bandOf(text) ?? monthOf(text);
  }
}

/** Year and month of a date as ISO 8601 or as `24.12.1980`. */
function monthOf(text: string): string | undefined {
  const iso = /^(\d{4})-(0[1-9]|1[0-2])(?:-\d{2}(?:T.{0,40})?)?$/.exec(text);
  if (iso) return `${iso[1]!}-${iso[2]!}`;
  const german = /^\d{1,2}\.(\d{1,2})\.(\d{4})$/.exec(text);
  const month = Number(german?.[1]);
  return german && month >= 1 && month <= 12 ? `${german[2]!}-${String(month).padStart(2, '0')}` : undefined;
}

/** The network of an address: /24 of IPv4, /48 of IPv6. */
function networkOf(text: string): string | undefined {
  const quad = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(text);
  if (quad) return `${quad[1]!}.0/24`;
  const groups = groupsOfIpv6(text.toLowerCase());
  return groups && `${groups.slice(0, 3).join(':')}::/48`;
}

/** Numbers of one first digit and one length share a band: 43,210 is in 40000-50000. */
function bandOf(text: string): string | undefined {
  const number = /^(-?)0*(\d{1,30})(?:\.\d{1,30})?$/.exec(text);
  if (!number) return undefined;
  const [, sign = '', whole = ''] = number;
  if (whole.length === 1) return `${sign}0-${sign}10`;
  const zeros = '0'.repeat(whole.length - 1);
  const first = Number(whole[0]);
  return `${sign}${first}${zeros}-${sign}${first + 1}${zeros}`;
}
