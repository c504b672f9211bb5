import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { startVendorServer, type VendorAnswer, type VendorRequest, type VendorServer } from './vendor-server';

/** A message as the conversation shows it. */
export interface EmulatedSlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  readonly isEdited: boolean;
}

export interface SlackEmulatorOptions {
  /** Of the bot; several while one replaces the other. */
  readonly tokens: readonly string[];
  readonly signingSecret: string;
  /** Conversations that the bot is in. */
  readonly channels: readonly string[];
}

/** What Slack sends when somebody presses a button. */
export interface SlackInteraction {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Slack: Web API for messages, and interactivity. */
export interface SlackEmulator extends VendorServer {
  messages(): readonly EmulatedSlackMessage[];
  /** A member presses a button of a message. @param at seconds since 1970; now where not given */
  press(
    message: { readonly channel: string; readonly ts: string },
    actionId: string,
    user: string,
    at?: number,
  ): SlackInteraction;
}

const plain = (most: number) => z.object({ type: z.literal('plain_text'), text: z.string().min(1).max(most) });
const mrkdwn = (most: number) => z.object({ type: z.literal('mrkdwn'), text: z.string().min(1).max(most) });
/** The limits of Block Kit's reference. */
const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plain(150) }),
  z.strictObject({ type: z.literal('section'), text: mrkdwn(3_000) }),
  z.strictObject({ type: z.literal('context'), elements: z.array(mrkdwn(3_000)).min(1).max(10) }),
  z.strictObject({
    type: z.literal('actions'),
    elements: z
      .array(
        z.strictObject({
          type: z.literal('button'),
          text: plain(75),
          action_id: z.string().max(255),
          value: z.string().max(2_000),
          style: z.enum(['primary', 'danger']).optional(),
        }),
      )
      .min(1)
      .max(25),
  }),
]);
type SlackBlock = z.output<typeof Block>;
const Blocks = z.array(Block).max(50);
const Post = z.object({ channel: z.string(), text: z.string(), blocks: z.unknown() });

/** Starts Slack on loopback. */
export async function startSlack({ tokens, signingSecret, channels }: SlackEmulatorOptions): Promise<SlackEmulator> {
  const messages = new Map<string, EmulatedSlackMessage>();
  let clock = 1_503_435_956;
  const told = (body: object): VendorAnswer => ({ status: 200, body });
  const no = (error: string): VendorAnswer => told({ ok: false, error });

  function serve({ path, headers, json }: VendorRequest): VendorAnswer {
    const token = headers['authorization']?.replace(/^Bearer /, '');
    if (token === undefined) return no('not_authed');
    if (!tokens.includes(token)) return no('invalid_auth');
    const post = Post.safeParse(json);
    if (!post.success) return no('invalid_arguments');
    const { channel, text } = post.data;
    const blocks = Blocks.safeParse(post.data.blocks);
    if (!blocks.success) return no('invalid_blocks');
    if (!channels.includes(channel)) return no('channel_not_found');
    if (path === '/api/chat.postMessage') {
      clock += 1;
      const message = { channel, ts: `${clock}.000247`, text, blocks: blocks.data, isEdited: false };
      messages.set(`${channel}/${message.ts}`, message);
      return told({ ok: true, channel, ts: message.ts, message: { type: 'message', subtype: 'bot_message', text } });
    }
    if (path === '/api/chat.update') {
      const { ts } = json as { ts: string };
      const found = messages.get(`${channel}/${ts}`);
      if (!found) return no('message_not_found');
      messages.set(`${channel}/${ts}`, { ...found, text, blocks: blocks.data, isEdited: true });
      return told({ ok: true, channel, ts, text });
    }
    return no('unknown_method');
  }

  const server = await startVendorServer(serve);
  return {
    ...server,
    messages: () => [...messages.values()],
    press({ channel, ts }, actionId, user, at = Math.floor(Date.now() / 1000)) {
      const message = messages.get(`${channel}/${ts}`);
      const button = message?.blocks
        .flatMap((block) => (block.type === 'actions' ? block.elements : []))
        .find((element) => element.action_id === actionId);
      if (!button) throw new Error('there is no such button');
      return interactionOf({ channel, ts, user, action: button }, signingSecret, at);
    },
  };
}

interface Press {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly action: { readonly action_id: string; readonly value: string; readonly type: string };
}

/** In the form of the reference of block_actions payloads. */
function interactionOf({ channel, ts, user, action }: Press, secret: string, at: number): SlackInteraction {
  const payload = {
    type: 'block_actions',
    team: { id: 'T9TK3CUKW', domain: 'example' },
    user: { id: user, username: 'member', team_id: 'T9TK3CUKW' },
    api_app_id: 'AABA1ABCD',
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    trigger_id: '12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3',
    channel: { id: channel, name: 'alerts' },
    response_url: 'https://hooks.slack.com/actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209',
    actions: [{ ...action, block_id: '=qXel', action_ts: `${at}.426150` }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const signature = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  };
}
