/** A text for the log: without the credential, and without task tokens and keys that look like one. */
export function withoutSecrets(text: string, credential: string): string {
  return text.replaceAll(credential, '(key)').replace(/\b(tk|pk|rr|cd)_[\w+/=-]+/g, '$1_…');
}
