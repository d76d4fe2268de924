/** Where the values behind `${ROCKETRIDE_…}` come from. */
export interface SecretSource {
  /** The value set for a name such as `ROCKETRIDE_OPENAI_KEY`; undefined when nobody has set it. */
  get(name: string): Promise<string | undefined>;
}
