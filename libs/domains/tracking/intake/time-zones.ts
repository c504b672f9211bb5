import type { Micros } from '@holdfast/kernel';
import { Temporal } from 'temporal-polyfill';
import type { LocalNote, TimeZones } from '../core/event-time';

const MINUTE = 60_000_000;
/** Answers that are kept, of all zones together: some 15 MB. */
const MOST_KEPT = 100_000;

interface Resolved {
  /** Local time less the instant. */
  readonly offset: Micros;
  readonly note: LocalNote;
}

/** The IANA database as this Node has it. Asking takes tens of microseconds, so answers are kept by minute: clocks change at whole ones (since 1972). */
export class IanaTimeZones implements TimeZones {
  private readonly zones = new Map<string, Map<number, Resolved>>();
  private kept = 0;

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
    if (++this.kept > MOST_KEPT) {
      this.zones.clear();
      this.kept = 1;
    }
    const minutes = this.zones.get(zone) ?? new Map<number, Resolved>();
    this.zones.set(zone, minutes.set(minute, resolved));
  }
}

const NAME = /^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/;

/** That library finds a zone in an offset and in a whole date-time too; here a zone is a place with a name. @throws RangeError */
function named(zone: string): string {
  if (!NAME.test(zone)) throw new RangeError('no name of a zone');
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
