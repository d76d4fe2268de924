import { timingSafeEqual } from 'node:crypto';
import { Refusal } from './refusal.ts';
import type { Tasks } from './tasks.ts';

export type Permission = 'task.control' | 'task.data' | 'task.monitor' | 'task.debug' | 'task.store';

/** Somebody with a key. */
export interface Account {
  readonly key: string;
  readonly userId: string;
  /** Default: everything. */
  readonly permissions?: readonly Permission[];
}

/** A connection that has logged in. */
export interface Login {
  readonly userId: string;
  readonly permissions: readonly string[];
  /** The only task that it may speak of: that of its `tk_` or `pk_`. */
  readonly ownToken: string | undefined;
  /** What the login is answered with. */
  readonly body: Readonly<Record<string, unknown>>;
}

const TASK_PERMISSIONS: readonly Permission[] = [
  'task.control',
  'task.data',
  'task.monitor',
  'task.debug',
  'task.store',
];

/** @throws Refusal for a credential that nobody knows. */
export function logIn(given: unknown, accounts: readonly Account[], tasks: Tasks): Login {
  const credential = typeof given === 'string' ? given.replace(/^Bearer /, '') : '';
  if (credential === '') throw new Refusal('No authorization provided');
  if (credential.startsWith('tk_') || credential.startsWith('pk_')) return taskLogin(credential, tasks);
  const account = accounts.find(({ key }) => isSame(key, credential));
  if (!account) throw new Refusal('Invalid API key');
  const permissions = account.permissions ?? ['team.admin', 'read', 'write', 'execute', ...TASK_PERMISSIONS];
  const names = { displayName: 'RocketRide Developer', preferredUsername: 'developer' };
  const organization = {
    id: 'local',
    name: 'Local',
    permissions: account.permissions ? [] : ['org.admin'],
    teams: [{ id: 'local', name: 'Development', permissions }],
  };
  const body = accountBody({ userToken: credential, userId: account.userId, ...names }, organization, ['oss']);
  return { userId: account.userId, permissions, ownToken: undefined, body };
}

function taskLogin(credential: string, tasks: Tasks): Login {
  const isPublic = credential.startsWith('pk_');
  const task = isPublic ? tasks.byPublicToken(credential) : tasks.byToken(credential);
  if (!task) throw new Refusal('Bad request');
  const permissions: readonly Permission[] = isPublic ? ['task.data'] : TASK_PERMISSIONS;
  const teams = [{ id: 'local', name: '', permissions }];
  const organization = { id: 'local', name: '', permissions: [], teams };
  const body = accountBody({ userToken: credential, userId: task.userId }, organization, []);
  return { userId: task.userId, permissions, ownToken: task.token, body };
}

function accountBody(names: object, organization: object, capabilities: readonly string[]) {
  return {
    displayName: '',
    givenName: '',
    familyName: '',
    preferredUsername: '',
    email: '',
    emailVerified: false,
    phoneNumber: '',
    phoneNumberVerified: false,
    locale: '',
    defaultTeam: 'local',
    ...names,
    organizations: [organization],
    apps: [],
    capabilities,
  };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
