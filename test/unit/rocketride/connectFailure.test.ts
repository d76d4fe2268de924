import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { connectFailure } from '../../../src/rocketride/connectFailure.ts';
import { serverUrl } from '../../../src/rocketride/serverUrl.ts';

/** What the socket says, and what a user reads. */
const FAILURES: readonly (readonly [{ code?: string; message: string }, RegExp])[] = [
  [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.0.0.1:5565' }, /can't be reached/],
  [{ code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND my-host' }, /can't be reached/],
  [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' }, /certificate .* not trusted/],
  [{ code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' }, /certificate .* not trusted/],
  [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', message: 'unable to verify' }, /certificate .* not trusted/],
  [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: 'Host: x. is not in the cert' }, /certificate .* not trusted/],
  [{ code: 'EPROTO', message: 'wrong version number' }, /does not speak https/],
  [{ message: 'Unexpected server response: 407' }, /proxy .* wants a login/],
  [{ message: 'Unexpected server response: 404' }, /no RocketRide server/],
  [{ message: 'Unexpected server response: 502' }, /can't be reached/],
];

suite('connect failures', () => {
  for (const [error, sentence] of FAILURES) {
    test(`"${error.message}" is told as ${sentence.source}`, () => {
      const failure = connectFailure(Object.assign(new Error(error.message), error), serverUrl('my-host'));
      assert.equal(failure.code, 'server-offline');
      assert.match(failure.message, sentence);
      assert.match(failure.message, /: http:\/\/my-host:5565\.$/);
      assert.ok(!failure.message.includes(error.message));
    });
  }
});
