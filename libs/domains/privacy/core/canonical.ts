/**
 * One text for all texts of a value of a class, so that tokens and hashes of it are equal: `Jane@Example.com ` and `jane@example.com`, an IBAN in groups and in
 * one. Names and addresses are folded too. Identifiers are not, which may tell `a1` from `A1`; nor are classes that a policy adds.
 */
export function canonical(of: string, value: string): string {
  const text = value.trim();
  switch (of) {
    case 'email':
      return text.toLowerCase().normalize('NFC');
    case 'card':
    case 'us_ssn':
    case 'de_tax_id':
      return text.replace(/\D/g, '') || text;
    case 'phone': {
      const digits = text.replace(/\D/g, '');
      return text.startsWith('+') ? `+${digits}` : digits.startsWith('00') ? `+${digits.slice(2)}` : digits || text;
    }
    case 'iban':
    case 'bic':
    case 'vat_id':
      return text.replace(/[\s.-]/g, '').toUpperCase();
    case 'ip':
      return groupsOfIpv6(text.toLowerCase())?.join(':') ?? text.toLowerCase();
    case 'person_name':
    case 'address':
    case 'postcode':
      return text.replace(/\s+/g, ' ').toLowerCase().normalize('NFC');
    default:
      return text.normalize('NFC');
  }
}

/** The eight groups of an IPv6 address without leading zeros; undefined for every other text. */
export function groupsOfIpv6(text: string): string[] | undefined {
  const quad = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (quad) {
    const [, before, ...parts] = quad as unknown as [string, string, string, string, string, string];
    const [a, b, c, d] = parts.map(Number) as [number, number, number, number];
    return groupsOfIpv6(`${before}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`);
  }
  const [head = '', tail, more] = text.split('::');
  if (!text.includes(':') || more !== undefined) return undefined;
  const listed = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = listed(head);
  const after = listed(tail ?? '');
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))
    ? groups.map((group) => group.replace(/^0+(?=.)/, ''))
    : undefined;
}
