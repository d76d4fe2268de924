/** Where a turn stands in its chat. */
export interface TurnPlace {
  readonly chatId: string;
  /** Counted from 1 over the whole chat, also over turns that are not in sight. */
  readonly number: number;
  readonly total: number;
  readonly isNewest: boolean;
  readonly canRetry: boolean;
}
