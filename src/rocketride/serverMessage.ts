import * as z from 'zod/mini';

/** Absent when there is nothing to tell. */
const body = z.pipe(
  z.nullish(z.record(z.string(), z.unknown())),
  z.transform((value) => value ?? {}),
);

/** What the server pushes: `apaevt_sse`, `apaevt_task`, `apaevt_status_update` and others. */
export const serverEvent = z.object({
  type: z.literal('event'),
  event: z.string(),
  body,
});
export type ServerEvent = Omit<z.infer<typeof serverEvent>, 'type'>;

/** The answer to one request; a missing `success` counts as success. */
export const serverResponse = z.object({
  type: z.literal('response'),
  request_seq: z.number(),
  success: z.nullish(z.boolean()),
  message: z.nullish(z.string()),
  body,
});

const serverTeam = z.looseObject({ id: z.string(), permissions: z._default(z.array(z.string()), []) });
const serverOrganization = z.looseObject({
  permissions: z._default(z.array(z.string()), []),
  teams: z._default(z.array(serverTeam), []),
});

/** The answer to a login, as far as a client needs it. */
export const serverAccount = z.looseObject({
  /** Replaces the credential for logins after this one. */
  userToken: z.string(),
  userId: z.string(),
  defaultTeam: z.optional(z.string()),
  organizations: z._default(z.array(serverOrganization), []),
  /** Newer servers tell one organization, or null, instead of the list. */
  organization: z.nullish(serverOrganization),
  /** Rights that do not come from a team: `sys.admin`. */
  sysPermissions: z._default(z.array(z.string()), []),
  capabilities: z._default(z.array(z.string()), []),
});
export type ServerAccount = z.infer<typeof serverAccount>;
