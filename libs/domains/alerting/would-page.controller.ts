import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { PreviewSchema } from '@holdfast/domains/suppression/suppression.schemas';
import { WindowService } from '@holdfast/domains/suppression/window.service';
import { formatInstant } from '@holdfast/kernel';
import { Answers, Permission } from '@holdfast/platform/http';
import type { z } from 'zod';
import { AlertId } from './alerting.schemas';
import { liveViewOf } from './alerting.service';
import type { Destination } from './core/alert';
import { PolicyId } from './escalation-policy.schemas';
import { HoldService } from './hold.service';
import { AlertWouldPageAnswer, MutedAlerts, ThoughtBody, WouldPageAnswer } from './would-page.schemas';
import { type Standing, type WouldPage, WouldPageService } from './would-page.service';

/** Alerts that one answer lists. */
const MOST_LISTED = 1_000;
const now = () => Date.now() * 1000;

/** Who would be paged, and what would be kept quiet. Changes nothing. */
@Controller('v1')
export class WouldPageController {
  constructor(
    private readonly wouldPage: WouldPageService,
    private readonly holds: HoldService,
    private readonly windows: WindowService,
  ) {}

  @Get('alerts/:id/would-page')
  @Permission('alerts:read')
  @Answers(200, 'Whom the alert would page now, level by level, and what keeps it quiet.', AlertWouldPageAnswer)
  async ofAlert(@Param('id', { schema: AlertId }) id: string) {
    const found = await this.wouldPage.ofAlert(id, now());
    const { asked, alert, state, live } = found;
    return {
      ...answerOf(found),
      ...{ alert: asked.id, raisedFor: { kind: asked.subjectKind, id: asked.subjectId }, toldBy: alert.alertId, state },
      ...(live && { live: liveViewOf(live) }),
    };
  }

  @Post('escalation-policies/:id/would-page')
  @HttpCode(200)
  @Permission('alerts:read')
  @Answers(200, 'Whom such an alert would page. Nothing is stored, nobody is paged.', WouldPageAnswer)
  async ofThought(
    @Param('id', { schema: PolicyId }) policy: string,
    @Body({ schema: ThoughtBody }) { severity, labels, process, subject, at }: z.output<typeof ThoughtBody>,
  ) {
    const thought = { alertId: 'thought', fingerprint: 'thought', facts: { open: 0, revision: 0 } };
    const alert = { ...thought, process, severity, policy, labels, subject: { kind: subject, id: '' } };
    return answerOf(await this.wouldPage.ofThought(alert, at ?? now()));
  }

  @Post('suppression-windows/preview/alerts')
  @HttpCode(200)
  @Permission('alerts:read')
  @Answers(200, 'Which alerts of [from, to) the window would have muted, and when. Nothing is stored.', MutedAlerts)
  async muted(@Body({ schema: PreviewSchema }) { id, definition, from, to }: z.output<typeof PreviewSchema>) {
    if (definition) await this.windows.check(definition, 'definition.');
    const window = definition ?? (await this.windows.window(id!)).body;
    const { muted, isWhole } = await this.holds.preview(window, from, to);
    const alerts = muted.slice(0, MOST_LISTED).map(({ alertId, spans }) => ({
      alert: alertId,
      spans: spans.map((one) => ({ from: formatInstant(one.from), to: formatInstant(one.to) })),
    }));
    return { alerts, complete: isWhole && alerts.length === muted.length };
  }
}

const answerOf = ({ at, alert, policyVersion, held, levels }: WouldPage) => ({
  ...{ at: formatInstant(at), severity: alert.severity, policy: { id: alert.policy, version: policyVersion } },
  held: held ? { ...held, until: timeOrNull(held.until) } : null,
  levels: levels.map((one) => ({ ...one, targets: one.targets.map(targetOf) })),
});

const targetOf = ({ target, page, nobody, until }: Standing) => ({
  target,
  person: page && page.person !== '' ? page.person : null,
  destinations: (page?.destinations ?? []).map(destinationOf),
  nobody: nobody ? { code: nobody.code, reason: nobody.reason } : null,
  until: timeOrNull(until),
});
const destinationOf = (one: Destination) => ({
  ...{ kind: one.kind, name: one.kind === 'channel' ? one.channel : one.routingKey },
});
const timeOrNull = (at: number | undefined): string | null => (at === undefined ? null : formatInstant(at));
