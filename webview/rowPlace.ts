/** Where a chat stands in the list. */
export interface RowPlace {
  readonly isOpen: boolean;
  /** Tab comes to this row; arrow keys go to the others. */
  readonly isTabStop: boolean;
  /** The ids of all rows, in the order shown. */
  readonly neighbours: readonly string[];
}
