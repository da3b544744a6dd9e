import { beforeAll, describe, expect, test } from '@jest/globals';
import { elements, string } from '../../src/fhir/elements.ts';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { example, newReferral, numberOf, the } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';
import { askingOn, at, system } from './asking.ts';

/** Who has nothing to do with the referral, by what they are. */
const strangers: Record<string, Actor> = {
  'of another institution': at('elsewhere'),
  'of the same alliance': at('baiyun-health-centre'),
  'the office of another alliance': {
    organization: 'Organization/other-alliance',
    roles: ['alliance-office'],
  },
  'an insurer': { organization: 'Organization/insurer', roles: ['insurer'] },
  'the platform': { organization: 'Organization/platform', roles: ['platform'] },
  'an administrator': { roles: ['administrator'] },
  nobody: { roles: [] },
};
const author = at('qingshi-health-centre');

/** An operation as `/metadata` names it: on what it can be called, and what it takes. */
interface Called {
  name: string;
  places: readonly string[];
  takes: readonly Element[];
  changes: boolean;
}

onEachEngine(
  (server) => {
    const ask = askingOn(server);
    const ids: Record<string, string> = {};
    let operations: Called[];
    /** What nobody may learn who may not see the referral, unless they have said it themselves. */
    let secrets: string[];
    let number: string;

    beforeAll(async () => {
      await ask(system, 'POST', '/', example('community'));
      const bundle = newReferral();
      const patient = the(bundle, 'Patient');
      patient.name = [{ text: '欧阳不言' }];
      patient.telecom = [{ system: 'phone', value: '13955550123' }];
      const sent = await ask(author, 'POST', '/', bundle);
      expect([sent.status, sent.text]).toEqual([200, expect.anything()]);
      for (const path of sent.shown) {
        const [type, id] = path.split('/') as [string, string];
        ids[type] ??= id;
      }
      number = numberOf(patient);
      secrets = ['欧阳不言', '13955550123', numberOf(the(bundle, 'ServiceRequest')), ...Object.values(ids)];
      operations = await readOperations();
    });

    /** Every operation that the server says it has: what is added to it is asked here as well. */
    async function readOperations(): Promise<Called[]> {
      const { body } = await ask(system, 'GET', '/metadata');
      const [rest] = elements(body, 'rest');
      const named = [rest!, ...elements(rest!, 'resource')].flatMap((part) => elements(part, 'operation'));
      const urls = new Set(named.map((each) => String(each.definition)));
      const found: Called[] = [];
      for (const url of urls) {
        const answer = await ask(system, 'GET', `/OperationDefinition?url=${encodeURIComponent(url)}`);
        const definition = elements(answer.body, 'entry')[0]!.resource as Resource;
        const name = `$${string(definition, 'code')}`;
        const own = (definition.resource as string[] | undefined) ?? ['Patient'];
        const places = [
          ...(definition.system ? [`/${name}`] : []),
          ...(definition.type ? own.map((type) => `/${type}/${name}`) : []),
          ...(definition.instance
            ? (own.includes('Resource') ? Object.keys(ids) : own)
                .filter((type) => ids[type])
                .map((type) => `/${type}/${ids[type]}/${name}`)
            : []),
        ];
        const takes = elements(definition, 'parameter').filter(({ use }) => use === 'in');
        found.push({ name, places, takes, changes: definition.affectsState === true });
      }
      return found;
    }

    /** Parameters that name the patient, the referral and a long time, wherever a parameter takes such a thing. */
    function parametersFor(takes: readonly Element[]): Resource {
      const parameter = takes.flatMap((taken) => {
        const name = String(taken.name);
        const value = valueFor(name, string(taken, 'type'));
        return value ? [{ name, ...value }] : [];
      });
      return { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
    }

    function valueFor(name: string, type: string | undefined): object | undefined {
      const isEnd = /end|until|last/i.test(name);
      if (name === 'organization') return { valueString: 'Organization/qingshi-health-centre' };
      if (name === 'identifier') return { valueString: `urn:oid:2.16.156.10011.1.3|${number}` };
      if (type === 'Reference' && /patient|subject/.test(name))
        return { valueReference: { reference: `Patient/${ids.Patient}` } };
      if (type === 'Reference' && name === 'task')
        return { valueReference: { reference: `Task/${ids.Task}` } };
      if (type === 'Reference' && name === 'receiver')
        return { valueReference: { reference: 'Organization/linjiang-municipal-hospital' } };
      if (type === 'CodeableConcept') return { valueCodeableConcept: { text: '问问' } };
      if (name === 'start' || name === 'end') return { valueDate: isEnd ? '2099-12-31' : '2020-01-01' };
      if (type === 'date') return { valueDate: isEnd ? '2099-12-31' : '2020-01-01' };
      if (type === 'dateTime')
        return { valueDateTime: isEnd ? '2099-12-31T00:00:00Z' : '2020-01-01T00:00:00Z' };
      return undefined;
    }

    /** Everything that an operation answers to somebody, wherever it can be called, and what was said in asking. */
    async function answersTo(
      who: Actor,
      { places, takes }: Called,
    ): Promise<{ said: string; text: string }[]> {
      const answers: { said: string; text: string }[] = [];
      for (const place of places)
        for (const body of [parametersFor(takes), { resourceType: 'Parameters' }]) {
          const { text } = await ask(who, 'POST', place, body);
          answers.push({ said: place + JSON.stringify(body), text });
        }
      return answers;
    }

    const toldIn = ({ said, text }: { said: string; text: string }) =>
      secrets.filter((secret) => text.includes(secret) && !said.includes(secret));

    describe.each(Object.keys(strangers))('who is %s', (name) => {
      test('learns nothing of the referral by any operation that there is', async () => {
        const leaks: string[] = [];
        for (const operation of operations)
          for (const answer of await answersTo(strangers[name]!, operation))
            for (const secret of toldIn(answer)) leaks.push(`${answer.said}: ${secret}`);
        expect(leaks).toEqual([]);
      }, 120_000);
    });

    test('who sent it learns of it by those that are made for that', async () => {
      const telling = new Set<string>();
      for (const operation of operations.filter(({ changes }) => !changes))
        for (const answer of await answersTo(author, operation))
          if (toldIn(answer).length > 0) telling.add(operation.name);
      expect([...telling]).toEqual(
        expect.arrayContaining(['$everything', '$referral-history', '$document', '$ledger']),
      );
    }, 120_000);

    test('and nothing of it was changed', async () => {
      for (const type of ['Patient', 'ServiceRequest', 'Condition'] as const) {
        const { body } = await ask(system, 'GET', `/${type}/${ids[type]}`);
        expect((body.meta as { versionId: string }).versionId).toBe('1');
      }
    });
  },
  { AUTH: 'on' },
);
