import type { ServerAccount } from './serverMessage.ts';

/** What an account may do by its default team, which is the one that the server goes by. */
export function accountRights(account: ServerAccount): { readonly canStore: boolean; readonly canRun: boolean } {
  const may = (permission: string) => permissions(account)?.includes(permission) ?? true;
  return { canStore: may('task.store'), canRun: may('task.control') };
}

/** Undefined when everything is allowed. */
function permissions({ organizations, organization, sysPermissions, defaultTeam }: ServerAccount) {
  if (sysPermissions.includes('sys.admin')) return undefined;
  for (const { teams, permissions } of organization ? [organization, ...organizations] : organizations) {
    const team = teams.find(({ id }) => id === defaultTeam);
    if (team) return permissions.includes('org.admin') ? undefined : team.permissions;
  }
  return [];
}
