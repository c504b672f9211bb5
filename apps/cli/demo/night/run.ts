import { randomBytes } from 'node:crypto';
import { startMailServer, startSlack } from '@holdfast/platform/channel-emulators';
import { startStack } from '../../../standalone/stack';
import { ApiClient } from '../../api-client';
import { EXIT, type ExitCode } from '../../exit';
import { type DemoOptions, onStackOfItsOwn, OWN_SERVERS, PATIENCE_MS, places } from '../run';
import { CHAT, MAIL, PEOPLE } from './documents';
import type { NightScene } from './scene';
import { tellNight } from './story';

/** Plays a night on call: a flapping feed, a maintenance window, lost orders, a responder who sleeps on, a shift change, a chat that is down. @returns what the process ends with */
export const runNight = (options: DemoOptions): Promise<ExitCode> =>
  onStackOfItsOwn(options, async (dataDir, narrator, signal, onStack) => {
    narrator.title('Holdfast demo: a night on call');
    narrator.step('Holdfast starts');
    const token = `xoxb-${randomBytes(12).toString('hex')}`;
    const signingSecret = randomBytes(16).toString('hex');
    const channels = Object.values(PEOPLE).map(({ member }) => member);
    const [chat, mail] = await Promise.all([
      startSlack({ tokens: [token], signingSecret, channels }),
      startMailServer({ tls: 'none' }),
    ]);
    try {
      const stack = await startStack({
        dataDir,
        freePorts: true,
        env: {
          ...OWN_SERVERS,
          HOLDFAST_LATE_EVENTS_EVERY_MS: '500',
          HOLDFAST_CHANNEL_ADDRESSES: `${CHAT}=${chat.url},${MAIL}=smtp://127.0.0.1:${mail.port}?starttls=off`,
          HOLDFAST_CHANNEL_SECRETS: `${CHAT}=${token}`,
          HOLDFAST_SLACK_SIGNING_SECRETS: signingSecret,
        },
        onProgress: (message) => !signal.aborted && narrator.moment(message),
      });
      onStack(stack);
      signal.throwIfAborted();
      narrator.say();
      narrator.say(places(stack));
      narrator.say('People are told through emulators of Slack and of a mail server.');
      const client = new ApiClient({ url: stack.url, key: stack.adminKey(), patienceMs: PATIENCE_MS, signal });
      const scene: NightScene = { narrator, stack, client, chat, mail, signal, checks: [], alerts: new Map() };
      await tellNight(scene);
      const isGood = scene.checks.every(({ holds }) => holds);
      narrator.step(isGood ? 'Everything is as planned' : 'NOT everything is as planned');
      for (const { what, holds } of scene.checks) narrator.say(`${holds ? 'yes' : 'NO '}  ${what}`);
      if (options.json) process.stdout.write(`${JSON.stringify({ ok: isGood, checks: scene.checks })}\n`);
      return isGood ? EXIT.ok : EXIT.no;
    } finally {
      await Promise.all([chat.stop(), mail.stop()]);
    }
  });
