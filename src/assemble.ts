import { createClientGuard } from './access/identity/client-guard.ts';
import { createWriteGuard } from './access/write-guard.ts';
import type { SearchParameters } from './fhir/search/parameters.ts';
import type { Validator } from './fhir/validation/validator.ts';
import { createCursor } from './http/cursor.ts';
import type { Operation } from './interactions/operation.ts';
import { fhirOperations } from './interactions/operations/fhir-operations.ts';
import { createSearchParameterGuard } from './interactions/search-parameters/guard.ts';
import type { Outlook, ParameterChanges } from './interactions/search-parameters/outlook.ts';
import type { Limits, Server } from './interactions/server.ts';
import { createSubscriptionGuard } from './notifications/guard.ts';
import { createSeal } from './notifications/secrets.ts';
import { createTargets } from './notifications/targets.ts';
import { topicsOf } from './notifications/topics.ts';
import { createAppointmentGuard } from './referral/appointments/guard.ts';
import { createCancellationGuard } from './referral/duties/cancellation-request.ts';
import { createDutyGuard } from './referral/duties/guard.ts';
import { createReferralGuard } from './referral/guard.ts';
import { createCheckIndications } from './referral/indications/check-indications.ts';
import { createMappingGuard } from './referral/intake/mapping-guard.ts';
import { referralOperations } from './referral/operations.ts';
import { isReferralTask } from './referral/recognise.ts';
import { weeklyLedgerGuard } from './referral/registers/weekly/guard.ts';
import { createRulesGuard } from './referral/rules/guard.ts';
import type { RulesInForce } from './referral/rules/rules-in-force.ts';
import { formDocument } from './referral/submission/form-document.ts';
import { createBegin } from './referral/workflow/begin.ts';
import { createClocksGuard } from './referral/workflow/clocks-guard.ts';
import { createWorkflowGuard } from './referral/workflow/guard.ts';
import type { Settings } from './settings.ts';

/** The settings that the parts go by. */
export type AssembledBy = Limits &
  Pick<
    Settings,
    'auth' | 'audit' | 'importHistory' | 'subscriptionNetworks' | 'subscriptionHttp' | 'maxSubscriptions'
  >;

/** What differs between the thread that serves and one that runs a large request. */
export interface Given
  extends Pick<
    Server,
    'definitions' | 'base' | 'store' | 'stored' | 'codeTables' | 'security' | 'subscriptions' | 'now'
  > {
  settings: AssembledBy;
  /** Page links are sealed with it. */
  secret: string;
  /** The secrets of subscriptions are sealed with it: 32 bytes, base64url. */
  sealKey: string;
  /** The search parameters in force. */
  parameters(): SearchParameters;
  /** What would become of the stored ones. */
  outlook(changes: ParameterChanges): Outlook;
  /** What resources are validated by. */
  validator: Validator;
  /** The rules that referrals are judged by. */
  rules: RulesInForce;
  /** Operations that only the thread that serves has: they remember who has asked, or have a thread of their own. */
  operations?: readonly Operation[];
}

/** Puts the parts together that interactions work with. */
export function assemble({
  settings,
  secret,
  sealKey,
  parameters,
  outlook,
  operations = [],
  rules,
  validator,
  ...given
}: Given): Server {
  const { definitions, base } = given;
  const importsHistory = settings.importHistory;
  const searching = {
    definitions,
    base,
    now: given.now,
    get parameters() {
      return parameters();
    },
  };
  return {
    ...given,
    get parameters() {
      return parameters();
    },
    validator,
    guards: [
      ...(settings.auth === 'on' ? [createWriteGuard(searching, isReferralTask)] : []),
      createClientGuard(validator),
      createSubscriptionGuard({
        searching,
        topics: topicsOf(definitions),
        seal: createSeal(sealKey),
        targets: createTargets({
          networks: settings.subscriptionNetworks,
          http: settings.subscriptionHttp,
        }),
        most: settings.maxSubscriptions,
      }),
      createSearchParameterGuard({ definitions, outlook }),
      createRulesGuard({ definitions, rules }),
      createClocksGuard(),
      createWorkflowGuard({ definitions, base, importsHistory }),
      createAppointmentGuard({ definitions, base }),
      createDutyGuard(base),
      createCancellationGuard(definitions, base),
      createMappingGuard(definitions),
      weeklyLedgerGuard,
      createReferralGuard({
        definitions,
        validator,
        base,
        importsHistory,
        begin: createBegin(definitions),
        rules,
      }),
    ],
    operations: [...fhirOperations, ...referralOperations, createCheckIndications(rules), ...operations],
    filings: [formDocument],
    cursor: createCursor(secret),
    limits: settings,
    ...(settings.audit && { readOnlyTypes: new Set(['AuditEvent']) }),
  };
}
