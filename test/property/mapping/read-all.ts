import { bodyMapper } from '@holdfast/domains/mapping/body-mapper';
import { mappingProblems } from '@holdfast/domains/mapping/core/check-mapping';
import type { MappingRejection } from '@holdfast/domains/mapping/core/mapped';
import { MappingSchema } from '@holdfast/domains/mapping/mapping.schemas';
import type { z } from 'zod';

export type MappingInput = z.input<typeof MappingSchema>;

/** What a mapping made of a body. */
export interface ReadAll {
  readonly events: any[];
  readonly texts: string[];
  readonly rejections: MappingRejection[];
  readonly skipped: number;
  readonly broken: MappingRejection | undefined;
  /** In the order of the records. */
  readonly order: string[];
}

/** A body, or its messages, read in parts that end at the given places. */
export function readAll(
  input: MappingInput,
  body: string | Buffer | readonly unknown[],
  cuts: readonly number[] = [],
): ReadAll {
  const definition = MappingSchema.parse(input);
  expect(mappingProblems(definition)).toEqual([]);
  const mapper = bodyMapper(definition);
  const texts: string[] = [];
  const rejections: MappingRejection[] = [];
  const order: string[] = [];
  let skipped = 0;
  let broken: MappingRejection | undefined;
  const take = (mapped: ReturnType<Extract<typeof mapper, { takes: 'messages' }>['map']>): void => {
    if ('skipped' in mapped) skipped++;
    else if ('rejection' in mapped) rejections.push(mapped.rejection);
    else texts.push(mapped.json);
    order.push('skipped' in mapped ? 'skipped' : 'rejection' in mapped ? mapped.rejection.code : 'event');
  };
  if (mapper.takes === 'messages') {
    const messages = Array.isArray(body) ? body : [body];
    for (const one of messages)
      take(mapper.map(Buffer.isBuffer(one) ? one : Buffer.from(typeof one === 'string' ? one : JSON.stringify(one))));
  } else {
    const bytes = Buffer.from(body as string);
    const places = [0, ...cuts.map((one) => one % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
    for (let i = 1; i <= places.length && !broken; i++) {
      const reading = i < places.length ? mapper.read(bytes.subarray(places[i - 1], places[i])) : mapper.end();
      for (const one of reading.records) take(one);
      broken = reading.broken;
    }
  }
  return { events: texts.map((text) => JSON.parse(text)), texts, rejections, skipped, broken, order };
}

/** Fields of events that every mapping of a test has alike. */
export const PLACE = { source: { value: 'partner' }, process: { value: 'orders' }, stage: { value: 'shop' } } as const;
