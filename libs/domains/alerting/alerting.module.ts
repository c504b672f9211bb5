import { Module } from '@nestjs/common';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { AlertingActivities } from './alerting.activities';
import { AlertingController } from './alerting.controller';
import { AlertingService } from './alerting.service';
import { AlertingStore } from './alerting.store';
import { EscalationPolicyController } from './escalation-policy.controller';
import { EscalationPolicyService } from './escalation-policy.service';
import { Pager } from './pager';
import { SlackWebhookController } from './slack-webhook.controller';
import { SlackWebhookService } from './slack-webhook.service';
import { WebhookController } from './webhook.controller';
import { WebhookService } from './webhook.service';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule],
  controllers: [AlertingController, EscalationPolicyController, WebhookController, SlackWebhookController],
  providers: [AlertingService, EscalationPolicyService, WebhookService, SlackWebhookService, AlertingStore],
  exports: [AlertingService],
})
export class AlertingModule {}

/** For processes that run workflows: other domains' activities ask about alerts. */
@Module({
  imports: [RegisterModule],
  providers: [AlertingActivities, AlertingService, EscalationPolicyService, Pager, AlertingStore],
  exports: [AlertingService],
})
export class AlertingWorkerModule {}
