/** Whether the user lets a key go to a server. */
export interface KeyConsent {
  /**
   * Asked before every question that sends the value of `keyName` to `origin` (scheme, host and port: `https://api.example.com`).
   * What the user allowed once is remembered by the implementation, not by the caller.
   */
  allow(keyName: string, origin: string): Promise<boolean>;
}
