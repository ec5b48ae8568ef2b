/** Version of this build; the bundler puts the package's version in. */
export const VERSION = process.env.TURNKEEP_VERSION ?? '0.0.0-dev';
