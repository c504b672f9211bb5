import { Module } from '@nestjs/common';
import { OnCallLookupModule } from '@holdfast/domains/oncall/on-call-lookup.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { AlertRaiser } from './alert-raiser.service';
import { AlertingActivities } from './alerting.activities';
import { AlertingController } from './alerting.controller';
import { AlertingService } from './alerting.service';
import { AlertingStore } from './alerting.store';
import { EscalationPolicyController } from './escalation-policy.controller';
import { EscalationPolicyService } from './escalation-policy.service';
import { GroupStore } from './group.store';
import { HoldService } from './hold.service';
import { PageComposer } from './page-composer';
import { Pager } from './pager';
import { ResponderService } from './responder.service';
import { WebhookController } from './webhook.controller';
import { WebhookDeliveryStore } from './webhook-delivery.store';
import { WebhookService } from './webhook.service';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule, OnCallLookupModule],
  controllers: [AlertingController, EscalationPolicyController, WebhookController],
  providers: [
    AlertRaiser,
    AlertingService,
    EscalationPolicyService,
    WebhookService,
    AlertingStore,
    GroupStore,
    WebhookDeliveryStore,
  ],
  exports: [AlertRaiser, AlertingService],
})
export class AlertingModule {}

/** For processes that run workflows: other domains' activities ask about alerts. */
@Module({
  imports: [RegisterModule, OnCallLookupModule],
  providers: [
    AlertRaiser,
    AlertingActivities,
    AlertingService,
    EscalationPolicyService,
    HoldService,
    PageComposer,
    Pager,
    ResponderService,
    AlertingStore,
    GroupStore,
  ],
  exports: [AlertRaiser, AlertingService],
})
export class AlertingWorkerModule {}
