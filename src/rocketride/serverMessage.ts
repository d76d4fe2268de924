import * as z from 'zod/mini';

/** What the server pushes: `apaevt_sse`, `apaevt_task`, `apaevt_status_update` and others. */
export const serverEvent = z.object({ event: z.string(), body: z._default(z.record(z.string(), z.unknown()), {}) });
export type ServerEvent = z.infer<typeof serverEvent>;

/** The answer to a login, as far as a client needs it. */
export const serverAccount = z.looseObject({
  /** Replaces the credential for logins after this one. */
  userToken: z.string(),
  userId: z.string(),
  defaultTeam: z.optional(z.string()),
  organizations: z._default(
    z.array(
      z.looseObject({
        permissions: z._default(z.array(z.string()), []),
        teams: z._default(
          z.array(z.looseObject({ id: z.string(), permissions: z._default(z.array(z.string()), []) })),
          [],
        ),
      }),
    ),
    [],
  ),
  capabilities: z._default(z.array(z.string()), []),
});
export type ServerAccount = z.infer<typeof serverAccount>;
