import { parseInstant, type Micros } from '@holdfast/kernel';

/** What had to be decided to make an instant of a local time: its clock skipped it (`gap`), or showed it twice (`fold`). */
export type LocalNote = 'none' | 'gap' | 'fold';

/** A time as it was sent. */
export interface EventTime {
  readonly at: Micros;
  /** The sender's text, where the instant alone does not give it back; else ''. A zone that stood beside it stands behind it in brackets. */
  readonly text: string;
  readonly note: LocalNote;
}

/** Knows the world's clocks. */
export interface TimeZones {
  /**
   * The instant of a local time, given as if it were UTC. A time that the zone's clocks skip is as long after the change as it pretends to be; of one that they
   * show twice it is the first (RFC 5545, section 3.3.5).
   * @returns undefined when there is no such zone
   */
  instantOf(zone: string, local: Micros): { readonly at: Micros; readonly note: LocalNote } | undefined;
  /** How far the zone's clocks are ahead of UTC at an instant; undefined when there is no such zone. */
  offsetAt(zone: string, at: Micros): Micros | undefined;
}

/** Why a text or number is no time. */
export interface NoTime {
  readonly code: 'invalid_time' | 'unknown_time_zone' | 'contradictory_time' | 'wrong_type';
  readonly reason: string;
}

const no = (code: NoTime['code'], reason: string): NoTime => ({ code, reason });
const NO_ZONE = no('unknown_time_zone', 'names a time zone that the IANA database does not have');
const FORMS = 'must be an RFC 3339 date-time with an offset, a local one with its time zone, or time since 1970';

/**
 * Reads a time in any form that intake takes: RFC 3339 with an offset; a local date-time with a zone of the IANA database, beside it or behind it in brackets
 * (RFC 9557); seconds, milliseconds, microseconds or nanoseconds since 1970, as a number or in digits: which of them, its magnitude tells for all times from
 * 1970-04-26 to 5138. Digits past the microsecond are cut off.
 * @param zone of local times that name none
 */
export function readTime(value: unknown, zone: string | undefined, zones: TimeZones): EventTime | NoTime {
  if (typeof value === 'string') {
    const at = zone === undefined ? parseInstant(value) : undefined;
    if (at !== undefined) return { at, text: isCanonical(value, at) ? '' : value, note: 'none' };
    return readEpoch(value) ?? readLocal(value, zone, zones);
  }
  if (typeof value === 'number') return readEpoch(digitsOf(value)) ?? no('invalid_time', FORMS);
  return no('wrong_type', 'must be a string or a number');
}

/** Whether formatInstant gives the text back; told by its form, which costs less than to make the text. */
function isCanonical(text: string, at: Micros): boolean {
  const { length } = text;
  if (text.charCodeAt(length - 1) !== 0x5a || text.charCodeAt(10) !== 0x54 || text.charCodeAt(17) === 0x36)
    return false;
  const rest = at % 1_000_000;
  return length === (rest === 0 ? 20 : rest % 1_000 === 0 ? 24 : 27);
}

/** The number without exponent; doubles of 2^53 and more are integers, and read as such. */
const digitsOf = (value: number): string =>
  Number.isSafeInteger(value) || Math.abs(value) < 1e15
    ? String(value)
    : Number.isFinite(value)
      ? BigInt(Math.trunc(value)).toString()
      : '';

const EPOCH = /^(\d{8,19})(?:\.(\d{1,9}))?$/;
/** Digits before the point, and what they then count: units in a second, as a power of ten. */
const UNITS = [
  { digits: 11, power: 0 },
  { digits: 14, power: 3 },
  { digits: 17, power: 6 },
  { digits: 19, power: 9 },
] as const;

function readEpoch(text: string): EventTime | undefined {
  const [, whole, fraction = ''] = EPOCH.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const { power } = UNITS.find(({ digits }) => whole.length <= digits)!;
  // As a count of seconds with the point moved: exact, whatever a double would round.
  const digits = whole.padStart(power + 1, '0') + fraction;
  const seconds = digits.length - power - fraction.length;
  const at = Number(digits.slice(0, seconds)) * 1_000_000 + Number(digits.slice(seconds, seconds + 6).padEnd(6, '0'));
  return { at, text, note: 'none' };
}

const LOCAL =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?(?:\[!?([^\]=]{1,64})\])?(?:\[[a-z_][a-z0-9_-]*=[^\]]{1,64}\])*$/;

function readLocal(text: string, beside: string | undefined, zones: TimeZones): EventTime | NoTime {
  const [, date, minute, second = ':00', offset, behind] = LOCAL.exec(text) ?? [];
  if (date === undefined) return no('invalid_time', FORMS);
  const zone = behind ?? beside;
  const local = parseInstant(`${date}T${minute}${second}Z`);
  if (local === undefined) return no('invalid_time', 'names a day or a time of day that does not exist');
  if (zone === undefined) return no('invalid_time', 'has neither an offset nor a time zone');
  const said = behind === undefined ? `${text}[${zone}]` : text;
  if (offset === undefined) {
    const found = zones.instantOf(zone, local);
    return found ? { ...found, text: said } : NO_ZONE;
  }
  const at = parseInstant(`${date}T${minute}${second}${offset}`);
  if (at === undefined) return no('invalid_time', FORMS);
  const there = zones.offsetAt(zone, at);
  if (there === undefined) return NO_ZONE;
  // Z and -00:00 say nothing of the place's own offset (RFC 9557, section 2.2).
  return /^(?:z|-00:00)$/i.test(offset) || there === local - at
    ? { at, text: said, note: 'none' }
    : no('contradictory_time', 'has an offset that its time zone does not have then');
}
