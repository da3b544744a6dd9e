import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { play } from '../../src/examples/play.ts';
import {
  examples,
  type Known,
  knownAt,
  readSequence,
  type SequenceRequest,
} from '../../src/examples/sequence.ts';
import { storyPages } from '../../src/examples/story-page.ts';
import { steps as table } from '../../src/referral/workflow/steps.ts';
import { example } from '../api/referrals.ts';
import { onEachEngine, type TestServer } from '../environment/server.ts';

const namesIn = (folder: string) =>
  readdirSync(`${examples}${folder}`)
    .map((file) => file.replace('.json', ''))
    .sort();
const steps = namesIn('steps');
const refused = namesIn('refused-steps');
const readme = readFileSync(`${examples}README.md`, 'utf8');

describe('the README says of each sequence what it says itself:', () => {
  test.each(steps)('steps/%s', (name) => {
    expect(readme).toContain(`| \`${name}\` | ${readSequence(`steps/${name}`).text.en}`);
  });

  test.each(refused)('refused-steps/%s', (name) => {
    const { text, requests } = readSequence(`refused-steps/${name}`);
    const { status, errors } = requests.at(-1)!.answer;
    expect(errors).toHaveLength(1);
    expect(readme).toContain(`| \`${name}\` | ${status} | \`${errors![0]}\` | ${text.en}`);
  });
});

test.each([...storyPages()])('examples/%s is what the story gives (npm run story)', (path, text) => {
  expect(readFileSync(examples + path, 'utf8')).toBe(text);
});

test('a referral is left in every state of the table', () => {
  const left = steps.flatMap((name) => [...finalStates(readSequence(`steps/${name}`).requests).values()]);
  const all = new Set<string>(table.flatMap(({ to }) => to));
  expect([...all].filter((state) => !left.includes(state))).toEqual([]);
});

onEachEngine(
  (server) => {
    beforeAll(async () => {
      await server.post('/', example('community')).expect(200);
    });

    test.each(steps)('steps/%s is answered as it says', async (name) => {
      await playAll(server, readSequence(`steps/${name}`).requests);
    });

    test('the story is answered as it says, from the village to the return', async () => {
      await playAll(server, readSequence('story/story').requests);
    });

    test.each(refused)(
      'refused-steps/%s is refused by its row alone, and nothing is changed',
      async (name) => {
        const { requests } = readSequence(`refused-steps/${name}`);
        const known = await playAll(server, requests.slice(0, -1));
        const before = await latest(server);
        const last = requests.at(-1)!;
        const { answer, resource } = await play(last, { base: server.base, known });
        expect(answer).toEqual(last.answer);
        const [error] = resource!.issue as { details: { text: string } }[];
        expect(error!.details.text).toMatch(/[\u4e00-\u9fff].* \/ .*[A-Za-z]/);
        expect(await latest(server)).toEqual(before);
      },
    );
  },
  {
    // What happens by itself does not happen in between.
    JOB_INTERVAL: '3600000',
  },
);

/** Plays requests, and holds each to its answer. Gives what is known then. */
async function playAll({ base }: TestServer, requests: readonly SequenceRequest[]): Promise<Known> {
  const known = knownAt(Date.now());
  for (const request of requests) {
    const { answer, resource } = await play(request, { base, known });
    const why = answer.status === request.answer.status ? undefined : resource;
    expect({ request: request.text.en, ...answer, why }).toEqual({
      request: request.text.en,
      ...request.answer,
      why: undefined,
    });
  }
  return known;
}

/** The latest version that the server holds of what is sent; that a referral was refused it counts in a Basic. */
async function latest(server: TestServer): Promise<object> {
  const { body } = await server
    .get('/_history?_count=1&_type=ServiceRequest,Task,Patient,Encounter,Appointment,Organization')
    .expect(200);
  expect(body.entry).toHaveLength(1);
  return body.entry[0];
}

/** The state in which requests leave each Task, by its name. */
function finalStates(requests: readonly SequenceRequest[]): Map<string, string | undefined> {
  return new Map(requests.map(({ task = 'task', answer }) => [task, answer.state]));
}
