import { PostedAlerts } from '@holdfast/domains/alerting/alertmanager-in.schemas';
import { formatInstant } from '@holdfast/kernel';
import fc from 'fast-check';

const name = fc.stringMatching(/^[a-zA-Z_]\w{0,20}$/).filter((one) => one !== '__proto__');
const at = fc.integer({ min: 0, max: 4_000_000_000_000_000 });
const posted = fc.record({
  labels: fc.dictionary(name, fc.string({ maxLength: 50 })).map((labels) => ({ ...labels, alertname: 'a' })),
  annotations: fc.dictionary(name, fc.string()),
  startsAt: at,
  endsAt: at,
  generatorURL: fc.string(),
});

test('whatever is posted is read or refused, never a fault', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      expect(PostedAlerts.safeParse(body).success).toBe(false);
    }),
  );
  const spoiled = fc.tuple(posted, fc.constantFrom('labels', 'annotations', 'startsAt', 'endsAt'), fc.jsonValue());
  fc.assert(
    fc.property(spoiled, ([alert, member, value]) => {
      expect(typeof PostedAlerts.safeParse([{ ...alert, [member]: value }]).success).toBe('boolean');
    }),
  );
});

test('what Prometheus posts is read as it was meant, with members that are not known', () => {
  fc.assert(
    fc.property(fc.array(posted, { minLength: 1, maxLength: 20 }), (alerts) => {
      const body = alerts.map((one) => ({
        ...{ ...one, status: 'firing' },
        ...{ startsAt: formatInstant(one.startsAt), endsAt: formatInstant(one.endsAt) },
      }));
      expect(PostedAlerts.parse(body)).toEqual(alerts);
    }),
  );
});
