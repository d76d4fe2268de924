import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { accountRights } from '../../../src/rocketride/accountRights.ts';
import { serverAccount } from '../../../src/rocketride/serverMessage.ts';
import { readWireTranscript } from '../../support/wireTranscript.ts';

const rights = (body: Record<string, unknown>) =>
  accountRights(serverAccount.parse({ userToken: '', userId: '', defaultTeam: 'mine', ...body }));
const all = { canStore: true, canRun: true };
const none = { canStore: false, canRun: false };

suite('account rights', () => {
  test('an API key and a task token may all, a public key only chat', () => {
    const logins = readWireTranscript()
      .flat()
      .filter(({ request }) => request.json.command === 'auth')
      .flatMap(({ request, replies }) => {
        const account = serverAccount.safeParse(replies[0]?.json.body);
        const [key = ''] = JSON.stringify(request.json.arguments).match(/MYAPIKEY|pk_|tk_/) ?? [];
        return account.success ? [{ key, ...accountRights(account.data) }] : [];
      });
    assert.deepEqual(logins, [
      { key: 'MYAPIKEY', ...all },
      { key: 'MYAPIKEY', ...all },
      { key: 'pk_', ...none },
      { key: 'tk_', ...all },
    ]);
  });

  test('the rights are those of the default team', () => {
    const teams = [
      { id: 'other', permissions: ['task.store', 'task.control'] },
      { id: 'mine', permissions: ['task.store'] },
    ];
    assert.deepEqual(rights({ organizations: [{ teams }] }), { canStore: true, canRun: false });
  });

  test('who administers the organization of the default team may all, and of another one nothing', () => {
    const admin = { permissions: ['org.admin'], teams: [{ id: 'mine' }] };
    assert.deepEqual(rights({ organizations: [admin] }), all);
    assert.deepEqual(rights({ organizations: [admin], defaultTeam: 'other' }), none);
  });

  test('a newer server tells of one organization, or of none', () => {
    assert.deepEqual(rights({ organization: { teams: [{ id: 'mine', permissions: ['task.control'] }] } }), {
      canStore: false,
      canRun: true,
    });
    assert.deepEqual(rights({ organization: null }), none);
    assert.deepEqual(rights({ organization: null, sysPermissions: ['sys.admin'] }), all);
  });
});
