import { Module } from '@nestjs/common';
import { OnCallLookupModule } from '@holdfast/domains/oncall/on-call-lookup.module';
import { ChannelsModule, ChannelsWorkerModule } from '@holdfast/domains/channels/channels.module';
import { SuppressionModule, SuppressionWorkerModule } from '@holdfast/domains/suppression/suppression.module';
import { RegisterModule } from '@holdfast/domains/register/register.module';
import { AcknowledgeLinkController } from './acknowledge-link.controller';
import { AcknowledgeLinkService } from './acknowledge-link.service';
import { AlertRaiser } from './alert-raiser.service';
import { AlertingActivities } from './alerting.activities';
import { AlertingController } from './alerting.controller';
import { AlertingService } from './alerting.service';
import { AlertingStore } from './alerting.store';
import { AlertmanagerInController } from './alertmanager-in.controller';
import { AlertmanagerInService } from './alertmanager-in.service';
import { EffectivenessController } from './effectiveness.controller';
import { EffectivenessService } from './effectiveness.service';
import { EffectivenessStore } from './effectiveness.store';
import { EscalationPolicyController } from './escalation-policy.controller';
import { EscalationPolicyService } from './escalation-policy.service';
import { FiringStore } from './firing.store';
import { GroupStore } from './group.store';
import { HoldService } from './hold.service';
import { PageComposer } from './page-composer';
import { IncidentActivities } from './incident.activities';
import { IncidentFollower } from './incident-follower.service';
import { IncidentStore } from './incident.store';
import { Pager } from './pager';
import { ResponderService } from './responder.service';
import { SlackWebhookController } from './slack-webhook.controller';
import { SlackWebhookService } from './slack-webhook.service';
import { WebhookController } from './webhook.controller';
import { WebhookDeliveryStore } from './webhook-delivery.store';
import { WebhookService } from './webhook.service';
import { WouldPageController } from './would-page.controller';
import { WouldPageService } from './would-page.service';

/** For processes that answer requests. */
@Module({
  imports: [RegisterModule, OnCallLookupModule, ChannelsModule, SuppressionModule],
  controllers: [
    AcknowledgeLinkController,
    AlertingController,
    EffectivenessController,
    EscalationPolicyController,
    WebhookController,
    SlackWebhookController,
    AlertmanagerInController,
    WouldPageController,
  ],
  providers: [
    AcknowledgeLinkService,
    AlertRaiser,
    AlertingService,
    AlertmanagerInService,
    EffectivenessService,
    EffectivenessStore,
    EscalationPolicyService,
    WebhookService,
    SlackWebhookService,
    AlertingStore,
    FiringStore,
    GroupStore,
    HoldService,
    IncidentStore,
    ResponderService,
    WebhookDeliveryStore,
    WouldPageService,
  ],
  exports: [AlertRaiser, AlertingService],
})
export class AlertingModule {}

/** For processes that run workflows: other domains' activities ask about alerts. */
@Module({
  imports: [RegisterModule, OnCallLookupModule, ChannelsWorkerModule, SuppressionWorkerModule],
  providers: [
    AcknowledgeLinkService,
    AlertRaiser,
    AlertingActivities,
    AlertingService,
    EscalationPolicyService,
    FiringStore,
    HoldService,
    IncidentActivities,
    IncidentFollower,
    IncidentStore,
    PageComposer,
    Pager,
    ResponderService,
    AlertingStore,
    GroupStore,
  ],
  exports: [AlertRaiser, AlertingService],
})
export class AlertingWorkerModule {}
