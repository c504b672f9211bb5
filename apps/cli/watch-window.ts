import { setTimeout as pause } from 'node:timers/promises';
import { type ApiClient } from './api-client';
import { segment } from './context';
import { isJudged, type Reconciliation, type StoryEntry } from './views';

const LOOK_EVERY_MS = 500;

export interface Watch {
  /** Whether this is what was waited for. Default: the window has a verdict. */
  readonly until?: (window: Reconciliation) => boolean;
  /** Hears each step of the story once, those before the watch began too. */
  readonly onStep?: (step: StoryEntry) => void;
  /** Hears the window each time it was looked at. */
  readonly onLook?: (window: Reconciliation) => void;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

const hasVerdict = ({ state }: Reconciliation): boolean => isJudged(state);

/** Follows a window until it has come to what is waited for. @throws ProblemError when there is no such window */
export async function watchWindow(client: ApiClient, id: string, watch: Watch = {}): Promise<Reconciliation> {
  const { until = hasVerdict, onStep, onLook, everyMs = LOOK_EVERY_MS, signal } = watch;
  let told = 0;
  for (;;) {
    const window: Reconciliation = await client.get(`/v1/reconciliations/${segment(id)}`);
    for (const step of window.story.slice(told)) onStep?.(step);
    told = window.story.length;
    onLook?.(window);
    if (until(window)) return window;
    await pause(everyMs, undefined, { ...(signal && { signal }) });
  }
}
