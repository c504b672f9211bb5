import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req, StreamableFile } from '@nestjs/common';
import { Answers, Audited, cursorOf, NotAudited, pageOf, paginate, Permission } from '@holdfast/platform/http';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import * as schemas from './audit.schemas';
import { AuditService } from './audit.service';
import { readEntry } from './core/entry';

const bySequence = cursorOf('audit-entries', z.tuple([z.int()]));
const ONLY_HASHES = 'hashes and signatures, which say nothing of anybody; who mirrors the log asks for thousands';
const BYTES = 'application/octet-stream';
/** The part of an address before a tile's path. */
const LOG = '/v1/audit/log/';

/** Who did what, and the proof of it. */
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get('entries')
  @Permission('audit:inspect')
  @Answers(200, 'Entries, newest first.', pageOf(schemas.EntryAnswer))
  async list(@Query({ schema: schemas.EntriesQuery }) query: z.output<typeof schemas.EntriesQuery>) {
    const { cursor, limit, ...asked } = query;
    const [before] = cursor === undefined ? [undefined] : bySequence.decode(cursor);
    const filter = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const found = await this.audit.entries(filter, before, limit + 1);
    return paginate(found, limit, bySequence, ({ sequence }) => [sequence]);
  }

  @Get('entries/:sequence')
  @Permission('audit:inspect')
  @Answers(200, 'An entry with what its leaf is made of.', schemas.EntryWithText)
  async entry(@Param('sequence', { schema: schemas.Sequence }) sequence: number) {
    const found = await this.audit.entry(sequence);
    if ('erasedBy' in found) return { sequence, entry: null, salt: null, text: null, erasedBy: found.erasedBy };
    const { salt, entry: text } = found;
    return { sequence, entry: readEntry(text), salt, text, erasedBy: null };
  }

  @Get('entries/:sequence/proof')
  @Permission('audit:inspect')
  @Answers(
    200,
    'Proof that the entry is in the log of this size, the newest where none is named.',
    schemas.InclusionAnswer,
  )
  proof(
    @Param('sequence', { schema: schemas.Sequence }) sequence: number,
    @Query({ schema: schemas.ProofQuery }) { size }: z.output<typeof schemas.ProofQuery>,
  ) {
    return this.audit.inclusion(sequence, size);
  }

  @Get('rows')
  @Permission('audit:inspect')
  @Audited('export')
  @Answers(
    200,
    `Rows of [from, to) as the store has them, ${schemas.MOST_ROWS} at most: a line \`<sequence> <commit> <salt> <entry>\` each, for a verifier. Read docs/guides/audit.md.`,
    z.string(),
  )
  async rows(@Query({ schema: schemas.RowsQuery }) { from, to }: z.output<typeof schemas.RowsQuery>) {
    const lines = await this.audit.rows(from, to, schemas.MOST_ROWS);
    return new StreamableFile(Buffer.from(lines), { type: 'text/plain; charset=utf-8' });
  }

  @Get('log')
  @Permission('audit:witness')
  @NotAudited(ONLY_HASHES)
  @Answers(200, 'What log this is, its keys, and what witnesses have co-signed last.', schemas.LogAnswer)
  log() {
    return this.audit.state();
  }

  @Get('log/checkpoint')
  @Permission('audit:witness')
  @NotAudited(ONLY_HASHES)
  @Header('content-type', 'text/plain; charset=utf-8')
  @Answers(200, 'The newest checkpoint: a signed note (C2SP tlog-checkpoint).', z.string())
  checkpoint() {
    return this.audit.checkpoint();
  }

  @Get('log/consistency')
  @Permission('audit:witness')
  @NotAudited(ONLY_HASHES)
  @Answers(200, 'Proof that the log of size `from` is the beginning of that of size `to`.', schemas.ConsistencyAnswer)
  consistency(@Query({ schema: schemas.ConsistencyQuery }) { from, to }: z.output<typeof schemas.ConsistencyQuery>) {
    return this.audit.consistency(from, to);
  }

  @Get(['log/tile/:level/:a', 'log/tile/:level/:a/:b', 'log/tile/:level/:a/:b/:c', 'log/tile/:level/:a/:b/:c/:d'])
  @Permission('audit:witness')
  @NotAudited(ONLY_HASHES)
  @Answers(
    200,
    'A tile or a bundle of entries by its path (C2SP tlog-tiles), such as `tile/0/x001/067.p/8`.',
    z.string(),
  )
  async tile(@Req() request: FastifyRequest) {
    const path = request.url.slice(request.url.indexOf(LOG) + LOG.length).split('?', 1)[0]!;
    return new StreamableFile(await this.audit.tile(path), { type: BYTES });
  }

  @Post('log/cosignatures')
  @HttpCode(200)
  @Permission('audit:witness')
  @Answers(200, 'The co-signatures were checked and are kept.', schemas.CosignatureAnswer)
  async cosign(@Body({ schema: schemas.CosignatureBody }) { note }: z.output<typeof schemas.CosignatureBody>) {
    return { witnesses: await this.audit.cosign(note) };
  }
}
