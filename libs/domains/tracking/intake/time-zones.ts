import type { Micros } from '@holdfast/kernel';
import { Temporal } from 'temporal-polyfill';
import type { LocalNote, TimeZones } from '../core/event-time';

const MINUTE = 60_000_000;
/** Local minutes of which a zone's answer is kept; clocks change at whole minutes (since 1972). */
const MOST_MINUTES = 20_000;
/** More than the database has, for those who write the names in other letters. */
const MOST_ZONES = 1_000;

interface Resolved {
  /** Local time less the instant. */
  readonly offset: Micros;
  readonly note: LocalNote;
}

/** The IANA database as this Node has it. Asking takes tens of microseconds, so answers are kept by minute. */
export class IanaTimeZones implements TimeZones {
  private readonly zones = new Map<string, Map<number, Resolved>>();

  instantOf(zone: string, local: Micros): { at: Micros; note: LocalNote } | undefined {
    const minute = Math.floor(local / MINUTE);
    const known = this.zones.get(zone);
    let found = known?.get(minute);
    if (!found) {
      found = resolve(zone, minute);
      if (!found) return undefined;
      this.keep(zone, minute, found);
    }
    return { at: local - found.offset, note: found.note };
  }

  offsetAt(zone: string, at: Micros): Micros | undefined {
    try {
      return (
        Temporal.Instant.fromEpochMilliseconds(Math.floor(at / 1000)).toZonedDateTimeISO(named(zone))
          .offsetNanoseconds / 1000
      );
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  private keep(zone: string, minute: number, resolved: Resolved): void {
    let minutes = this.zones.get(zone);
    if (!minutes) {
      if (this.zones.size >= MOST_ZONES) this.zones.clear();
      this.zones.set(zone, (minutes = new Map<number, Resolved>()));
    }
    if (minutes.size >= MOST_MINUTES) minutes.clear();
    minutes.set(minute, resolved);
  }
}

/** Offsets pass for zones in that library; here a zone is a place with a name. @throws RangeError */
function named(zone: string): string {
  if (/^[+-]/.test(zone)) throw new RangeError('an offset is no zone');
  return zone;
}

function resolve(zone: string, minute: number): Resolved | undefined {
  const {
    year,
    month,
    day,
    hour,
    minute: of,
  } = Temporal.Instant.fromEpochMilliseconds(minute * 60_000).toZonedDateTimeISO('UTC');
  const local = new Temporal.PlainDateTime(year, month, day, hour, of);
  try {
    const name = named(zone);
    const [first, second] = [
      local.toZonedDateTime(name, { disambiguation: 'earlier' }),
      local.toZonedDateTime(name, { disambiguation: 'later' }),
    ];
    const isFold = first.toPlainDateTime().equals(local);
    const note = first.epochMilliseconds === second.epochMilliseconds ? 'none' : isFold ? 'fold' : 'gap';
    // Of a skipped time, the later reading is the one by the offset before the change.
    const chosen = note === 'gap' ? second : first;
    return { offset: minute * MINUTE - chosen.epochMilliseconds * 1000, note };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
