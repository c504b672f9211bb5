import type { Weekday } from './wall-time';

/** How turns follow one another. Turns of `custom` are of so many hours of the wall clock: docs/adr/0019 says why. */
export type Rotation =
  | { readonly kind: 'daily' }
  | { readonly kind: 'weekly'; readonly weekday: Weekday }
  | { readonly kind: 'custom'; readonly hours: number };

/** When a layer applies, in local time. A part that ends before it begins goes across midnight, or across the end of the week. */
export type Restriction =
  | { readonly kind: 'day'; readonly from: string; readonly to: string; readonly days?: readonly Weekday[] | undefined }
  | {
      readonly kind: 'week';
      readonly fromDay: Weekday;
      readonly from: string;
      readonly toDay: Weekday;
      readonly to: string;
    };

/** One rotation of people. */
export interface Layer {
  readonly name: string;
  readonly rotation: Rotation;
  /** `HH:MM`, local. */
  readonly handover: string;
  /** `YYYY-MM-DD`: the first turn begins on this day at the handover. */
  readonly start: string;
  /** The layer ends on this day at the handover. */
  readonly end?: string | undefined;
  /** Ids of people in their order; who is named twice has two turns. */
  readonly participants: readonly string[];
  /** It applies in any of these; always where there is none. */
  readonly restrictions: readonly Restriction[];
}

/** A document of the register. */
export interface ScheduleDefinition {
  readonly description?: string | undefined;
  /** Of the IANA database. */
  readonly zone: string;
  /** A later layer wins over an earlier one where it has somebody. */
  readonly layers: readonly Layer[];
  /** Who answers for it: the owner of what is found of it. */
  readonly owner: string;
  /** Whether gaps are told before they happen: not so of a schedule that is not meant to cover all of the time. */
  readonly reportGaps: boolean;
  /** Who is paged when a gap comes near; nobody where it is not given. */
  readonly escalationPolicy?: string | undefined;
}

/** A way to reach somebody: a routing key of PagerDuty by its name, or a channel, with the address that the person has on it. */
export type Contact =
  | { readonly kind: 'pagerduty'; readonly routingKey: string }
  | { readonly kind: 'channel'; readonly channel: string; readonly to?: string | undefined };

/** A document of the register. */
export interface PersonDefinition {
  readonly name?: string | undefined;
  /** Tried in this order; nobody can be paged without one. */
  readonly contacts?: readonly Contact[] | undefined;
  readonly zone: string;
  /** Local; across midnight where they end before they begin. The days are those on which they begin; the others are weekend. */
  readonly businessHours: { readonly days: readonly Weekday[]; readonly from: string; readonly to: string };
  readonly sleepHours: { readonly from: string; readonly to: string };
}
