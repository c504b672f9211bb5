/** What every channel that has an account states. */
interface Accounted {
  /** Name of an entry of HOLDFAST_CHANNEL_ADDRESSES and HOLDFAST_CHANNEL_SECRETS. */
  readonly account: string;
  /** Messages in any minute, instead of what the vendor documents. */
  readonly callsPerMinute?: number | undefined;
}

/** Signed JSON for a system of one's own. */
export interface WebhookChannel extends Accounted {
  readonly type: 'webhook';
}

/** Mail by SMTP. */
export interface EmailChannel extends Accounted {
  readonly type: 'email';
  readonly from: string;
  /** Who gets what is sent to nobody in particular. */
  readonly to?: readonly string[] | undefined;
}

/** A conversation of Slack, or direct messages. */
export interface SlackChannel extends Accounted {
  readonly type: 'slack';
  /** Id of the conversation for what is sent to nobody in particular. */
  readonly conversation?: string | undefined;
  /** Whether messages have a button that Slack sends to `POST /v1/webhooks/slack`; a link otherwise. */
  readonly acknowledgeButton: boolean;
}

/** A workflow of Microsoft Teams. */
export interface TeamsChannel extends Accounted {
  readonly type: 'teams';
}

/** Issues of a project of Jira: one for each alert. */
export interface JiraChannel extends Accounted {
  readonly type: 'jira';
  readonly project: string;
  readonly issueType: string;
  /** The transition that ends an issue; the first that leads to a status of the category `done` where none is given. */
  readonly resolveTransition?: string | undefined;
  /** Names of the site's priorities by severity; the project's default where none is given. */
  readonly priorities?:
    Readonly<Partial<Record<'critical' | 'error' | 'warning' | 'info', string | undefined>>> | undefined;
}

/** Records of a table of ServiceNow: one for each alert. */
export interface ServiceNowChannel extends Accounted {
  readonly type: 'servicenow';
  readonly table: string;
  /** Further fields of new records, such as `assignment_group`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** Fields that an acknowledgement and a resolution set. */
  readonly acknowledged: Readonly<Record<string, string>>;
  readonly resolved: Readonly<Record<string, string>>;
}

/** Alertmanager, which routes further. */
export interface AlertmanagerChannel extends Accounted {
  readonly type: 'alertmanager';
  /** Further labels of every alert. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** How long an alert fires that nobody resolves. */
  readonly fireForHours: number;
}

/** A service of PagerDuty, by its Events API v2. */
export interface PagerDutyChannel {
  readonly type: 'pagerduty';
  /** Name of an entry of HOLDFAST_PAGERDUTY_ROUTING_KEYS. */
  readonly routingKey: string;
}

/** How people are reached: a versioned document. Secrets and addresses stand in the configuration, under the name that the document says. */
export type ChannelDefinition =
  | WebhookChannel
  | EmailChannel
  | SlackChannel
  | TeamsChannel
  | JiraChannel
  | ServiceNowChannel
  | AlertmanagerChannel
  | PagerDutyChannel;

export type ChannelType = ChannelDefinition['type'];

/** How often a channel may be called, unless it says otherwise: in any minute, and at once after a rest. */
export interface Rate {
  readonly callsPerMinute: number;
  readonly burst: number;
}

/** What names the channel's secret in the configuration. */
export const accountNameOf = (channel: ChannelDefinition): string =>
  channel.type === 'pagerduty' ? channel.routingKey : channel.account;
