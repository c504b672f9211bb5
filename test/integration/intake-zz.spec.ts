import { startEmbeddedClickHouse } from '@holdfast/platform/testing';
import { IntakeCommitter } from '@holdfast/domains/tracking/intake/committer';
import { IntakeKnowledge } from '@holdfast/domains/tracking/intake/knowledge';
import { TrackingStore } from '@holdfast/domains/tracking/tracking.store';
import { CatalogService } from '@holdfast/domains/catalog/catalog.service';
import { event, IntakeStack, ORDERS } from './intake-stack';
const say = (t: string) => process.stderr.write(`${t}\n`);
const wrap = (o: any, name: string) => {
  const was = o.prototype[name];
  o.prototype[name] = async function (...a: any[]) {
    say(`> ${name}`);
    try { const r = await was.apply(this, a); say(`< ${name}`); return r; } catch (e) { say(`! ${name} ${String(e)} ${String((e as any).cause)}`); throw e; }
  };
};
it('x', async () => {
  wrap(IntakeCommitter, 'commit'); wrap(IntakeCommitter, 'storeBatch'); wrap(IntakeKnowledge, 'of'); wrap(TrackingStore, 'insert'); wrap(CatalogService, 'findProcesses');
  const engine = await startEmbeddedClickHouse();
  const stack = await IntakeStack.start(engine);
  await stack.putProcess('orders', ORDERS);
  say('post');
  const r = await stack.post(JSON.stringify(event()));
  say(JSON.stringify(r));
  say(JSON.stringify((await stack.post('  ' + JSON.stringify(event()) + '\n')).body));
  await stack.stop(); say('stopped');
  await engine.stop();
});
