import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { microsOf } from '@holdfast/kernel';
import { Answers, Caller, Idempotent, Permission, type Page, type Principal } from '@holdfast/platform/http';
import type { z } from 'zod';
import {
  AlertDetailAnswer,
  AlertId,
  AlertPage,
  FollowPolicyBody,
  ListAlerts,
  SeverityBody,
  SnoozeBody,
  TargetsBody,
  TestAnswer,
  type AlertDetailView,
  type AlertView,
} from './alerting.schemas';
import { AlertingService } from './alerting.service';
import { PolicyId } from './escalation-policy.schemas';

const now = () => microsOf(new Date().toISOString());

@Controller('v1')
export class AlertingController {
  constructor(@Inject(AlertingService) private readonly alerting: AlertingService) {}

  @Get('alerts')
  @Permission('alerts:read')
  @Answers(200, 'Alerts, newest first.', AlertPage)
  list(@Query({ schema: ListAlerts }) query: z.output<typeof ListAlerts>): Promise<Page<AlertView>> {
    const { limit, cursor, ...filter } = query;
    return this.alerting.alerts(filter, limit, cursor);
  }

  @Get('alerts/:id')
  @Permission('alerts:read')
  @Answers(200, 'The alert, and everything that happened to it.', AlertDetailAnswer)
  get(@Param('id', { schema: AlertId }) id: string): Promise<AlertDetailView> {
    return this.alerting.alert(id);
  }

  @Post('alerts/:id/acknowledge')
  @HttpCode(200)
  @Permission('alerts:respond')
  @Answers(200, 'Acknowledged: nobody else is paged.', AlertDetailAnswer)
  acknowledge(@Param('id', { schema: AlertId }) id: string, @Caller() caller: Principal): Promise<AlertDetailView> {
    return this.alerting.acknowledge(id, caller.id, now());
  }

  @Post('alerts/:id/resolve')
  @HttpCode(200)
  @Permission('alerts:respond')
  @Answers(200, 'Resolved by hand; its incidents in PagerDuty are being closed.', AlertDetailAnswer)
  resolve(@Param('id', { schema: AlertId }) id: string, @Caller() caller: Principal): Promise<AlertDetailView> {
    return this.alerting.resolve(id, caller.id, now());
  }

  @Post('alerts/:id/snooze')
  @HttpCode(200)
  @Permission('alerts:respond')
  @Answers(200, 'Nobody is paged until then.', AlertDetailAnswer)
  snooze(
    @Param('id', { schema: AlertId }) id: string,
    @Body({ schema: SnoozeBody }) { until }: z.output<typeof SnoozeBody>,
    @Caller() { id: by }: Principal,
  ): Promise<AlertDetailView> {
    return this.alerting.respond(id, { do: 'snooze', by, until: microsOf(until) });
  }

  @Post('alerts/:id/take-back')
  @HttpCode(200)
  @Permission('alerts:respond')
  @Answers(
    200,
    'The acknowledgement or the snooze does not count any more: it pages again from level 1 on.',
    AlertDetailAnswer,
  )
  takeBack(@Param('id', { schema: AlertId }) id: string, @Caller() { id: by }: Principal): Promise<AlertDetailView> {
    return this.alerting.respond(id, { do: 'take_back', by });
  }

  @Post('alerts/:id/reassign')
  @HttpCode(200)
  @Permission('alerts:respond')
  @Answers(200, 'These are paged now; when they do not acknowledge, the ladder begins at level 1.', AlertDetailAnswer)
  reassign(
    @Param('id', { schema: AlertId }) id: string,
    @Body({ schema: TargetsBody }) { targets }: z.output<typeof TargetsBody>,
    @Caller() { id: by }: Principal,
  ): Promise<AlertDetailView> {
    return this.alerting.respond(id, { do: 'reassign', by, targets });
  }

  @Post('alerts/:id/responders')
  @HttpCode(200)
  @Permission('alerts:respond')
  @Answers(200, 'These are paged too; the ladder goes on as before.', AlertDetailAnswer)
  addResponders(
    @Param('id', { schema: AlertId }) id: string,
    @Body({ schema: TargetsBody }) { targets }: z.output<typeof TargetsBody>,
    @Caller() { id: by }: Principal,
  ): Promise<AlertDetailView> {
    return this.alerting.respond(id, { do: 'add_responders', by, targets });
  }

  @Post('alerts/:id/severity')
  @HttpCode(200)
  @Permission('alerts:respond')
  @Answers(200, 'Pages from here on have this severity, and quiet hours go by it.', AlertDetailAnswer)
  changeSeverity(
    @Param('id', { schema: AlertId }) id: string,
    @Body({ schema: SeverityBody }) { severity }: z.output<typeof SeverityBody>,
    @Caller() { id: by }: Principal,
  ): Promise<AlertDetailView> {
    return this.alerting.respond(id, { do: 'change_severity', by, severity });
  }

  @Post('alerts/:id/policy')
  @HttpCode(200)
  @Permission('alerts:respond')
  @Answers(
    200,
    'The escalation follows the newest version of the policy; the level that it is at ends as it began.',
    AlertDetailAnswer,
  )
  followPolicy(
    @Param('id', { schema: AlertId }) id: string,
    @Body({ schema: FollowPolicyBody }) { policy }: z.output<typeof FollowPolicyBody>,
    @Caller() { id: by }: Principal,
  ): Promise<AlertDetailView> {
    return this.alerting.respond(id, { do: 'follow_policy', by, policy });
  }

  @Post('escalation-policies/:id/test')
  @HttpCode(202)
  @Permission('alerts:test')
  @Idempotent()
  @Answers(202, 'A test alert is escalated by the policy; acknowledging it resolves it.', TestAnswer)
  async test(
    @Param('id', { schema: PolicyId }) id: string,
    @Caller() caller: Principal,
  ): Promise<z.output<typeof TestAnswer>> {
    const alert = await this.alerting.test(id, caller.id);
    return { alert, links: { alert: `/v1/alerts/${alert}` } };
  }
}
