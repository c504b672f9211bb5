import type { Micros, Wall } from '@holdfast/kernel';

export const MINUTE: Micros = 60_000_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** In the order of ISO 8601: Monday is 1 there, and the first here. */
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Midnight of a date `YYYY-MM-DD`, which must exist. */
export const wallOfDate = (date: string): Wall => Date.parse(`${date}T00:00:00Z`) * 1000;

/** A time of day `HH:MM` as microseconds since midnight of the wall. */
export const timeOfDay = (time: string): Wall => Number(time.slice(0, 2)) * HOUR + Number(time.slice(3, 5)) * MINUTE;

/** The midnight that begins the day of a wall time. */
export const midnightOf = (wall: Wall): Wall => Math.floor(wall / DAY) * DAY;

/** 0 for Monday. 1970-01-01 was a Thursday. */
export const weekdayOf = (wall: Wall): number => (((Math.floor(wall / DAY) + 3) % 7) + 7) % 7;
