/**
 * Request limits as exchanges count them.  A pool counts always; whether an overrun is refused is the mock's choice.
 * Windows run on the system clock, because requests arrive on it whatever the clock of the mock says.
 */

/** So much weight within a window. */
export class Pool {
  /**
   * @param {object} options  limit (weight); windowMs; aligned: the window starts at its multiples, as Binance's minute does;
   *     else the last windowMs count, which is the stricter reading where an exchange does not say
   */
  constructor({ limit, windowMs, aligned = false }) {
    Object.assign(this, { limit, normal: limit, windowMs, aligned });
    this.reset();
  }

  reset() {
    this.spent = [];
    this.used = 0;
    this.most = 0;
  }

  #drop(now) {
    const from = this.aligned ? Math.floor(now / this.windowMs) * this.windowMs : now - this.windowMs + 1;
    let n = 0;
    while (n < this.spent.length && this.spent[n][0] < from) this.used -= this.spent[n++][1];
    if (n) this.spent.splice(0, n);
  }

  /** Count weight; whether the limit still holds. */
  spend(weight, now) {
    this.#drop(now);
    this.spent.push([now, weight]);
    this.used += weight;
    this.most = Math.max(this.most, this.used);
    return this.used <= this.limit;
  }

  /** How long until the window has room again. */
  resetMs(now) {
    if (this.aligned) return this.windowMs - now % this.windowMs;
    return this.spent.length ? this.spent[0][0] + this.windowMs - now : 0;
  }
}

/** The pools of one exchange, and the ban of who goes on after a refusal. */
export class Limits {
  /**
   * @param {Object<string, object>} pools  by name, see Pool; the first one is the exchange's main limit
   * @param {object} options  ban: {after, ms}: more than `after` refusals in a window start a ban; enforce: refuse
   */
  constructor(pools, { ban = null, enforce = false, wallMs = Date.now } = {}) {
    this.pools = Object.fromEntries(Object.entries(pools).map(([name, p]) => [name, new Pool(p)]));
    this.main = Object.values(this.pools)[0];
    Object.assign(this, { ban, normal: enforce, wallMs });
    this.reset();
  }

  reset() {
    this.enforce = this.normal;
    this.bannedUntil = 0;
    /* requests that exceeded a limit or came during a ban, and their pools */
    this.exceeded = 0;
    this.overrun = [];
    this.refused = 0;
    for (const pool of Object.values(this.pools)) {
      pool.limit = pool.normal;
      pool.reset();
    }
  }

  get used() {
    return this.main.used;
  }

  get most() {
    return this.main.most;
  }

  /** Refuse above `limit` of the main pool from now on, also after a reset. */
  setNormal(limit) {
    this.main.normal = limit;
    this.normal = true;
    this.reset();
  }

  /** Refuse above `limit` of the main pool; null: the exchange's own, and only count. */
  set(limit) {
    this.main.limit = limit ?? this.main.normal;
    this.enforce = limit !== null;
    this.refused = 0;
  }

  /**
   * Count a request.
   *
   * @param {Array<[string, number]>} costs  pool and weight
   * @returns {null | {pool: string, banned: boolean, resetMs: number}} a refusal
   */
  spend(costs) {
    const now = this.wallMs();
    let over = null;
    for (const [name, weight] of costs) {
      if (!this.pools[name].spend(weight, now)) over ??= name;
    }
    if (over || now < this.bannedUntil) this.overrun.push(over ?? 'banned');
    if (now < this.bannedUntil) {
      this.exceeded++;
      return { pool: over ?? costs[0][0], banned: true, resetMs: this.bannedUntil - now };
    }
    if (!over) return null;
    this.exceeded++;
    if (!this.enforce) return null;
    if (this.ban && ++this.refused > this.ban.after) this.bannedUntil = now + this.ban.ms;
    const banned = now < this.bannedUntil;
    return { pool: over, banned, resetMs: banned ? this.ban.ms : this.pools[over].resetMs(now) };
  }
}
