/**
 * Why a database file cannot be read: `busy` passes by itself, `corrupt` and `unsupported` do not.
 */
export type StoreFault = 'busy' | 'corrupt' | 'unsupported';

/** A database file, or a row in it, that cannot be read; the message is written for people. */
export class StoreError extends Error {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, message: string) {
    super(message);
    this.name = 'StoreError';
    this.fault = fault;
  }
}

/** For a page, cell or record that breaks SQLite's file format. */
export const corrupt = (what: string) => new StoreError('corrupt', `The store is damaged: ${what}`);
