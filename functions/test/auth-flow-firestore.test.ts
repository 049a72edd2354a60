/** Signing in and all that follows, over real HTTP, alike on both stores. */
import { accountCases } from './auth-flow/account.ts';
import { answerCases } from './auth-flow/answers.ts';
import { clockCases } from './auth-flow/clock.ts';
import { credentialCases } from './auth-flow/credentials.ts';
import { crossSiteCases } from './auth-flow/cross-site.ts';
import { sessionCases } from './auth-flow/sessions.ts';
import { throttleCases } from './auth-flow/throttle.ts';
import { userCases } from './auth-flow/users.ts';
import { STORES } from './support/server.ts';

for (const store of STORES) {
  describe(`auth flow on ${store}`, function () {
    this.timeout(60_000);
    answerCases(store);
    throttleCases(store);
    sessionCases(store);
    clockCases(store);
    credentialCases(store);
    crossSiteCases(store);
    accountCases(store);
    userCases(store);
  });
}
