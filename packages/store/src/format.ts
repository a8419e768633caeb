/** The number of the store format that this code writes: that of its last migration. */
export const FORMAT = 14;
