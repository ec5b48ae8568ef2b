declare module 'pino-roll' {
  import type { SonicBoom } from 'sonic-boom';

  type RollOptions = {
    file: string;
    extension?: string;
    size?: string;
    limit?: { count: number };
    mkdir?: boolean;
    sync?: boolean;
  };
  function build(options: RollOptions): Promise<SonicBoom>;
  export = build;
}
