import type { CaptureHealth } from '../../../contracts/capture.ts';

/** What `/health` says of automatic capture. */
export type BriefHealth = { paused: boolean; findings: number };

/** Looking at everything takes a while; `/health` is asked every few seconds. */
const FRESH_MS = 15_000;

/** The capture's health in short: never waits for more than the settings. */
export class Brief {
  private readonly look: () => Promise<CaptureHealth>;
  private readonly paused: () => Promise<boolean>;
  private findings = 0;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private looking: Promise<void> | null = null;

  constructor(look: () => Promise<CaptureHealth>, paused: () => Promise<boolean>) {
    this.look = look;
    this.paused = paused;
  }

  /** The state of now, with the number of findings as it was at the last look. */
  async now(): Promise<BriefHealth> {
    if (!this.looking && Date.now() - this.lookedAt > FRESH_MS) this.looking = this.refresh();
    return { paused: await this.paused(), findings: this.findings };
  }

  /** Resolves when no look is under way. */
  async settled(): Promise<void> {
    await this.looking;
  }

  private async refresh(): Promise<void> {
    try {
      const health = await this.look();
      this.findings = [health, ...health.agents].reduce((sum, one) => sum + one.findings.length, 0);
    } catch {
      // `/health` tells of the database itself; the number stays what it was.
    }
    this.lookedAt = Date.now();
    this.looking = null;
  }
}
