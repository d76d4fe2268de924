/** What a run of the suite inside VS Code needs. */
export interface HostRun {
  /** The compiled suite. */
  readonly suite: string;
  /** The folder that the window opens. */
  readonly workspace: string;
  /** The folder of the extension. */
  readonly extension: string;
  /** Added to what the extension host sees. */
  readonly env: Readonly<Record<string, string>>;
  /** The run is given up after this time. */
  readonly limitMs: number;
}
