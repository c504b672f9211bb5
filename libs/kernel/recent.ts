/**
 * Something that is asked for all the time and read now and then: what was read is given out until it is too old, and read again before that, so that in a
 * steady stream of callers nobody waits. One reading at a time, however many ask: a slow store is not asked more often for being slow.
 */
export class Recent<T> {
  private known: { readonly value: T; readonly readAt: number } | undefined;
  private reading: Promise<T> | undefined;
  private readingSince = 0;

  /**
   * @param goodForMs how old what is given out may be at the call, in milliseconds since its reading began
   * @param clock milliseconds that never go back
   */
  constructor(
    private readonly read: () => Promise<T>,
    private readonly goodForMs: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** @throws what reading throws, once what is known is too old */
  async get(): Promise<T> {
    const now = this.clock();
    const age = this.known ? now - this.known.readAt : Infinity;
    if (!this.known || age >= this.goodForMs)
      return this.reading && now - this.readingSince >= this.goodForMs ? this.fresh() : this.readAgain();
    if (age >= this.goodForMs / 2) this.readAgain().catch(() => undefined); // met by who asks when it is too old
    return this.known.value;
  }

  /** What a reading finds that begins after this call. */
  async fresh(): Promise<T> {
    await this.reading?.catch(() => undefined); // it began before
    return this.readAgain();
  }

  /** Call after what is read was changed: what was read before, or is being read, is given to nobody who asks from now on. */
  forget(): void {
    this.known = undefined;
    this.reading = undefined;
  }

  private readAgain(): Promise<T> {
    if (this.reading) return this.reading;
    const readAt = this.clock();
    this.readingSince = readAt;
    const reading = this.read().then((value) => {
      if (this.reading === reading) this.known = { value, readAt };
      return value;
    });
    this.reading = reading;
    const done = (): void => {
      if (this.reading === reading) this.reading = undefined;
    };
    reading.then(done, done);
    return reading;
  }
}
