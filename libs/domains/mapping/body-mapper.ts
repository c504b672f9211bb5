import { createHash } from 'node:crypto';
import { csvLookup, CsvReader } from './core/csv';
import { DebeziumMapper } from './core/debezium';
import { decode } from './core/decode';
import { EDIFACT, X12 } from './core/edi-dialects';
import { ediLookup } from './core/edi-path';
import { EdiReader } from './core/edi-reader';
import { type EventMaker, eventMaker, type Lookup } from './core/event-mapper';
import type { MappingDefinition } from './core/mapping';
import {
  type BodyMapper,
  type BodyReader,
  type Mapped,
  type MappingRejection,
  rejected,
  wasRefused,
} from './core/mapped';
import { xmlLookup } from './core/xml-path';
import { XmlReader } from './xml-reader';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Puts a mapping to work on one body. The mapping has been checked. */
export function bodyMapper(definition: MappingDefinition): BodyMapper {
  const { format } = definition;
  const reading = <R extends object>(
    reader: BodyReader<R | { readonly rejection: MappingRejection }>,
    lookup: Lookup<R>,
  ): BodyMapper => mapping(reader, eventMaker(definition, lookup, sha256));
  switch (format.kind) {
    case 'csv': {
      const reader = new CsvReader(format);
      return reading(reader, csvLookup(reader));
    }
    case 'xml':
      return reading(new XmlReader(format), xmlLookup(format.namespaces));
    case 'x12':
      return reading(new EdiReader({ ...format, dialect: X12 }), ediLookup);
    case 'edifact':
      return reading(new EdiReader({ ...format, dialect: EDIFACT }), ediLookup);
    case 'debezium': {
      const mapper = new DebeziumMapper(definition, format, sha256);
      const map = (message: Buffer): Mapped => {
        const text = decode(message, 'utf-8');
        return text === undefined ? rejected('invalid_utf8', '', 'is not UTF-8') : mapper.map(text);
      };
      return { takes: 'messages', map };
    }
  }
}

/** Events are made one by one as they are asked for: records of a message share its headers, and together may be far larger than it. */
function mapping<R extends object>(
  reader: BodyReader<R | { readonly rejection: MappingRejection }>,
  make: EventMaker<R>,
): BodyMapper {
  const lazily = function* (records: Iterable<R | { readonly rejection: MappingRejection }>): Generator<Mapped> {
    for (const one of records) yield wasRefused(one) ? one : make(one);
  };
  return {
    takes: 'body',
    read(chunk) {
      const { records, ...rest } = reader.read(chunk);
      return { records: lazily(records), ...rest };
    },
    end() {
      const { records, ...rest } = reader.end();
      return { records: lazily(records), ...rest };
    },
  };
}
