import { daysOf, frequencyOf, timeOfDay } from './calendar.ts';
import { communityOf, type Institution, institutions } from './institutions.ts';
import { type Life, lifeOf, type Outcome } from './life.ts';
import type { MadeReferral } from './made-referral.ts';
import { personOf } from './people.ts';
import { type Plan, readPlan, type Tier } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import { transactionOf } from './referral-bundle.ts';

/** What is to be made. */
export interface YearRequest {
  /** How many referrals. */
  referrals: number;
  seed: number;
  year: number;
}

/**
 * Makes the referrals of a county year, one transaction after the other: first the community, then each referral with its
 * patient, papers, and what has become of it, by the time at which it was written. The same request makes the same bundles.
 */
export function* generateYear({ referrals, seed, year }: YearRequest): Generator<object, undefined> {
  const plan = readPlan();
  const random = createRandom(seed);
  const until = Date.UTC(year + 1, 0, 1) - 8 * 3_600_000;
  yield communityOf(year);
  let made = 0;
  let wanted = 0;
  /** Referrals down that came of a return, for each of which one less comes by itself. */
  let returned = 0;
  for (const { start, share } of daysOf(year, plan)) {
    wanted += share * referrals;
    const times: number[] = [];
    while (made + times.length < Math.round(wanted)) times.push(start + timeOfDay(plan, random));
    for (const written of times.sort((a, b) => a - b)) {
      if (made >= Math.round(wanted)) break;
      const isDown = random.chance(plan.directions.down / (plan.directions.up + plan.directions.down));
      const isMadeUpFor = isDown && returned > 0;
      if (isMadeUpFor) returned--;
      const referral = referralAt(written, made, {
        ...{ plan, random, seed, until },
        direction: isDown && !isMadeUpFor ? 'down' : 'up',
        mayReturn: made + 2 <= referrals,
      });
      yield transactionOf(referral);
      made += referral.back ? 2 : 1;
      if (referral.back) returned++;
    }
  }
}

interface Circumstances {
  plan: Plan;
  random: Random;
  seed: number;
  until: number;
  direction: 'up' | 'down';
  /** There may be a referral back. */
  mayReturn: boolean;
}

function referralAt(
  written: number,
  number: number,
  { plan, random, seed, until, direction, mayReturn }: Circumstances,
): MadeReferral {
  const routes = plan.routes.filter((route) => route.direction === direction);
  const { from } = random.pick(routes.map((route) => [route, route.weight] as const));
  const [sender, receiver] = partiesOf(direction, from, random);
  const fitting = plan.diseases.filter(
    (disease) =>
      disease.directions.includes(direction) && (direction === 'down' || disease.from.includes(from)),
  );
  const disease = random.pick(fitting.map((each) => [each, frequencyOf(each, written)] as const));
  const person = personOf(disease, plan, random, number, written);
  const priority = direction === 'down' ? 'routine' : random.pick(Object.entries(plan.priorities));
  const wanted = random.pick(Object.entries(plan.outcomes)) as Outcome;
  // Only what goes up between members can go on to another institution.
  const outcome =
    wanted === 'redirected' && (direction === 'down' || from !== 'township') ? 'completed' : wanted;
  const inpatient = receiver.tier !== 'township' && (priority !== 'routine' || random.chance(0.55));
  // The form is sent some minutes after it was written.
  const submitted = written + random.between(1, 8) * 60_000;
  const returns =
    mayReturn &&
    inpatient &&
    from === 'township' &&
    direction === 'up' &&
    disease.directions.includes('down') &&
    random.chance(plan.detours.returned);
  const life = lifeOf({ outcome, direction, priority, submitted, until, inpatient, returns }, plan, random);
  const [end] = life.taken.slice(-1);
  const municipal = institutions.find(({ tier }) => tier === 'municipal')!;
  const onward =
    life.state === 'cancelled:superseded'
      ? {
          receiver: municipal,
          life: onwardOf(
            lifeOf(
              { outcome: 'completed', direction, priority, submitted: end!.time, until, inpatient },
              plan,
              random,
            ),
          ),
        }
      : undefined;
  const referral: MadeReferral = {
    ...{ number, seed, written, direction, priority, disease, person, sender, receiver, inpatient },
    ...{ life, onward, random },
  };
  return life.state === 'completed:returned'
    ? { ...referral, back: backOf(referral, end!.time, until, plan) }
    : referral;
}

/** The referral down by which a patient returns to the sender, written when the episode ended. */
function backOf(referral: MadeReferral, written: number, until: number, plan: Plan): MadeReferral {
  const { sender, receiver, random } = referral;
  const submitted = Math.min(written + random.between(1, 8) * 60_000, until);
  const shared = { direction: 'down', priority: 'routine' } as const;
  const life = lifeOf({ ...shared, outcome: 'completed', submitted, until, inpatient: false }, plan, random);
  return {
    ...referral,
    ...shared,
    ...{ written, sender: receiver, receiver: sender, inpatient: false, life, onward: undefined },
  };
}

/** Who sends and who receives: a clinic to the health centre above it, and so on. */
function partiesOf(direction: 'up' | 'down', from: Tier, random: Random): [Institution, Institution] {
  const sender = random.one(institutions.filter(({ tier }) => tier === from));
  const of = (tier: Tier) => institutions.filter((each) => each.tier === tier);
  switch (from) {
    case 'village':
      return [sender, institutions.find(({ id }) => id === sender.above)!];
    case 'township': {
      const below = institutions.filter(({ above }) => above === sender.id);
      if (direction === 'up') return [sender, of('county')[0]!];
      return below.length > 0 ? [sender, random.one(below)] : [of('county')[0]!, sender];
    }
    default:
      return [sender, direction === 'up' ? of('municipal')[0]! : random.one(of('township'))];
  }
}

/** The life of a Task that goes on from another: its first step is that it was sent on. */
function onwardOf(life: Life): Life {
  const [first, ...others] = life.taken;
  const state = life.state === 'requested:submitted' ? 'requested:redirected' : life.state;
  return { ...life, state, taken: [{ ...first!, step: 'send-on' }, ...others] };
}
