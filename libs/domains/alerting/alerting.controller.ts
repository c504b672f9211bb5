import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { microsOf } from '@holdfast/kernel';
import { Answers, Caller, Idempotent, Permission, type Page, type Principal } from '@holdfast/platform/http';
import type { z } from 'zod';
import {
  AlertDetailAnswer,
  AlertId,
  AlertPage,
  ListAlerts,
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
    const { state, process, limit, cursor } = query;
    return this.alerting.alerts({ state, process }, limit, cursor);
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
