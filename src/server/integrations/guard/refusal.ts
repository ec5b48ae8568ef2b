import { TurnkeepError } from '../../../contracts/errors.ts';

/** The address guard refused to connect: another try would be refused as well. */
export class AddressRefused extends TurnkeepError {
  constructor(host: string, address: string | null) {
    const isSame = address === null || host.includes(address);
    const where = isSame ? `${host} is` : `${host} stands for ${address}, which is`;
    super(
      'refused',
      `${where} an address of this computer or of a private network, and not allowed. If it is meant, name it: \`allow_addresses\` of the settings, or --allow-address.`,
    );
    this.name = 'AddressRefused';
  }
}

/** The refusal among the causes of what `fetch` threw. */
export function refusalIn(thrown: unknown): TurnkeepError | undefined {
  let at = thrown;
  for (let depth = 0; depth < 6 && at instanceof Error; depth += 1) {
    if (at instanceof TurnkeepError) return at;
    const inner: unknown = at instanceof AggregateError ? at.errors[0] : undefined;
    at = at.cause ?? inner;
  }
  return undefined;
}
