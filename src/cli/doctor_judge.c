/* What is wrong with an exchange, in words that name what was expected. */
#include "doctor.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "field.h"
#include "liqmap/interval.h"

/* Two clocks that differ by more cannot agree which candle is forming. */
#define CLOCK_MOST_MS INT64_C(30000)
/* As in exchange=all: prices of one coin do not differ by more. */
#define PRICE_APART 0.05
/* Exchanges differ in size, but not by a unit taken for another: a hundred or a
 * thousand.  Coin-margined contracts are the smaller ones. */
#define INTEREST_APART 20.0
#define INTEREST_APART_INVERSE 100.0

static void find(struct cli_check *c, bool wrong, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void find(struct cli_check *c, bool wrong, const char *format, ...)
{
    struct cli_finding *f;
    va_list ap;

    if (c->n_finding == CLI_FINDINGS)
        return;
    f = &c->finding[c->n_finding++];
    f->wrong = wrong;
    va_start(ap, format);
    vsnprintf(f->text, sizeof f->text, format, ap);
    va_end(ap);
}

bool cli_check_is_wrong(const struct cli_check *c)
{
    for (size_t i = 0; i < c->n_finding; i++) {
        if (c->finding[i].wrong)
            return true;
    }
    return false;
}

bool cli_route_is_good(const struct cli_route *r)
{
    return r->sent && r->why.code == LIQ_OK;
}

/* --- routes --------------------------------------------------------------- */

static bool same_fault(const struct cli_route *a, const struct cli_route *b)
{
    return strcmp(a->what, b->what) == 0 && a->sent == b->sent &&
           a->why.code == b->why.code && strcmp(a->why.text, b->why.text) == 0;
}

/* How many routes have the fault of route i; 0: one before it has it too. */
static size_t count_fault(const struct cli_check *c, size_t i)
{
    size_t n = 0;

    for (size_t j = 0; j < c->n_route; j++) {
        if (!same_fault(&c->route[i], &c->route[j]))
            continue;
        if (j < i)
            return 0;
        n++;
    }
    return n;
}

/* What should have come instead. */
static void expected(const struct cli_route *r, char *out, size_t size)
{
    int status = r->http ? r->http->status : 0;

    if (status == 0)
        snprintf(out, size, "expected an HTTP response");
    else if (status != 200)
        snprintf(out, size, "expected HTTP 200");
    else if (r->http->head[0] == '<' || strstr(r->why.text, "not JSON"))
        snprintf(out, size, "it begins \"%.24s\"; expected JSON",
                 r->http->head);
    else if (strncmp(r->why.text, "HTTP 200", 8) == 0)
        snprintf(out, size, "it begins \"%.24s\"; expected one of success",
                 r->http->head);
    else
        snprintf(out, size, "expected the documented shape");
}

static void judge_routes(struct cli_check *c)
{
    char words[96], times[40];

    for (size_t i = 0; i < c->n_route; i++) {
        const struct cli_route *r = &c->route[i];
        size_t n = cli_route_is_good(r) ? 0 : count_fault(c, i);

        if (n == 0)
            continue;
        times[0] = '\0';
        if (n > 1)
            snprintf(times, sizeof times, " (%zu requests)", n);
        if (!r->sent) {
            find(c, false, "%s: not requested%s: %.120s", r->what, times,
                 r->why.text);
            continue;
        }
        expected(r, words, sizeof words);
        find(c, true, "%s%s: %.150s; %s", r->what, times, r->why.text, words);
    }
}

/* What the exchange is known not to say is said once. */
static void judge_absent(struct cli_check *c)
{
    for (size_t i = 0; i < c->n_route; i++) {
        const struct cli_route *r = &c->route[i];
        bool before = false;

        for (size_t j = 0; j < i && !before; j++)
            before = strcmp(r->what, c->route[j].what) == 0 &&
                     strcmp(r->absent, c->route[j].absent) == 0;
        if (cli_route_is_good(r) && r->absent[0] && !before)
            find(c, false, "%s: no %s in the body", r->what, r->absent);
    }
}

static bool has_wrong_route(const struct cli_check *c)
{
    for (size_t i = 0; i < c->n_route; i++) {
        if (c->route[i].sent && c->route[i].why.code != LIQ_OK)
            return true;
    }
    return false;
}

/* Failures of a whole fetch that no route explains. */
static void judge_steps(struct cli_check *c)
{
    static const char *const name[CLI_STEPS] = {"clock", "data of now",
                                                "data of the past",
                                                "order book", "symbol list"};

    for (int i = 0; i < CLI_STEPS; i++) {
        if (c->asked[i] && c->why[i].code != LIQ_OK && !has_wrong_route(c))
            find(c, true, "%s: %.180s", name[i], c->why[i].text);
    }
}

/* --- candles -------------------------------------------------------------- */

/* Candles between two pages, and rows that both have.  One row may lie on
 * either side of a bound: whether bounds are in or out is the exchange's
 * choice, and we request accordingly. */
static void judge_seam(struct cli_check *c, const struct liq_observed_page *a,
                       const struct liq_observed_page *b)
{
    int64_t steps = (b->first_ms - a->last_ms) / a->step_ms;
    char at[CLI_TEXT];

    cli_time((double)(a->last_ms + a->step_ms), at);
    if (steps > 1)
        find(c, true,
             "candles: %lld missing from %s on, where two pages meet; expected "
             "none",
             (long long)(steps - 1), at);
    if (steps < -1)
        find(c, true,
             "candles: two pages share %lld from %s on; expected each candle "
             "once",
             (long long)(1 - steps), cli_time((double)b->first_ms, at));
}

static void judge_page(struct cli_check *c, const struct liq_observed_page *p)
{
    char at[CLI_TEXT];

    cli_time((double)p->first_ms, at);
    if (p->repeated > 0)
        find(c, true,
             "candles: %zu on the page from %s repeat an open time; expected "
             "each once",
             p->repeated, at);
    if (p->missing > 0)
        find(c, false,
             "candles: %zu without a row on the page from %s: no trades, or an "
             "outage of the exchange",
             p->missing, at);
}

/* The pages before it may lie before the contract's first candle. */
static void judge_first_page(struct cli_check *c,
                             const struct liq_observed_page *p)
{
    char at[CLI_TEXT], from[CLI_TEXT];

    if (p->first_ms > p->start_ms)
        find(c, false,
             "candles: they begin at %s, requested from %s: is the contract "
             "that young?",
             cli_time((double)p->first_ms, at),
             cli_time((double)p->start_ms, from));
}

static void judge_next_page(struct cli_check *c,
                            const struct liq_observed_page *a,
                            const struct liq_observed_page *b)
{
    char at[CLI_TEXT];

    if (b->rows == 0)
        find(c, true, "candles: the page from %s is empty; expected rows",
             cli_time((double)b->start_ms, at));
    else if (a->rows > 0)
        judge_seam(c, a, b);
}

/* Pages of one fetch begin where the one before ends. */
static void judge_candles(struct cli_check *c)
{
    const struct liq_observed_page *last = NULL;
    char at[CLI_TEXT];
    int64_t age_ms = c->data.server_ms - c->newest_ms;

    if (c->why[CLI_NOW].code != LIQ_OK || !c->asked[CLI_NOW])
        return;
    for (size_t i = 0; i < c->n_route; i++) {
        const struct liq_observed_page *p = &c->route[i].page;

        if (strcmp(c->route[i].what, "candles") != 0)
            continue;
        judge_page(c, p);
        if (last && last->end_ms + 1 == p->start_ms)
            judge_next_page(c, last, p);
        else if (!last && p->rows > 0)
            judge_first_page(c, p);
        if (last || p->rows > 0)
            last = p;
    }
    if (age_ms > 2 * c->engine_ms)
        find(c, true,
             "candles: the newest is of %s, %lld minutes old; expected the "
             "forming one",
             cli_time((double)c->newest_ms, at),
             (long long)(age_ms / LIQ_MINUTE_MS));
}

/* --- clocks --------------------------------------------------------------- */

/* The first response that says the time; a Date header is cut to seconds. */
static void measure_clock(struct cli_check *c)
{
    for (size_t i = 0; i < c->n_route && !c->offset_known; i++) {
        const struct cli_route *r = &c->route[i];

        if (!r->http || r->clock_ms == 0 || !cli_route_is_good(r))
            continue;
        c->offset_known = true;
        c->offset_ms = r->clock_ms - r->http->wall_ms +
                       (r->http->received_ms - r->http->sent_ms) / 2;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* NaN when there is none. */
static double median(double *x, size_t n)
{
    if (n == 0)
        return NAN;
    qsort(x, n, sizeof *x, ascending);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2.0;
}

typedef double value_fn(const struct cli_check *c);

static double offset_of(const struct cli_check *c)
{
    return c->offset_known ? (double)c->offset_ms : (double)NAN;
}

static double last_of(const struct cli_check *c)
{
    return c->data.ticker.last;
}

static double interest_of(const struct cli_check *c)
{
    return c->data.statistics.open_interest_usd;
}

/* Of what the other exchanges say; NaN when they say nothing. */
static double others(const struct cli_doctor *d, const struct cli_check *except,
                     value_fn *value)
{
    double *x = calloc(d->n + 1, sizeof *x), m;
    size_t n = 0;

    for (size_t i = 0; x && i < d->n; i++) {
        double v = value(&d->check[i]);

        if (&d->check[i] != except && isfinite(v))
            x[n++] = v;
    }
    m = x ? median(x, n) : (double)NAN;
    free(x);
    return m;
}

static void judge_clock(const struct cli_doctor *d, struct cli_check *c)
{
    double by = (double)c->offset_ms / 1000.0;
    double all = others(d, c, offset_of) / 1000.0;

    if (!c->offset_known || fabs(by) <= (double)CLOCK_MOST_MS / 1000.0)
        return;
    if (d->n > 1 && fabs(by - all) <= (double)CLOCK_MOST_MS / 1000.0)
        find(c, true,
             "clock: %+.0f s from this machine's, as the others': set this "
             "machine's clock; expected at most %d s",
             by, (int)(CLOCK_MOST_MS / 1000));
    else
        find(c, true,
             "clock: %+.0f s from this machine's; expected at most %d s", by,
             (int)(CLOCK_MOST_MS / 1000));
}

/* --- against the others --------------------------------------------------- */

static void judge_price(const struct cli_doctor *d, struct cli_check *c)
{
    double last = last_of(c), all = others(d, c, last_of);
    double apart = last / all - 1.0;

    if (c->why[CLI_NOW].code != LIQ_OK || !c->asked[CLI_NOW])
        return;
    if (isnan(last))
        find(c, true, "last price: none; expected one of %s", d->symbol);
    else if (fabs(apart) > PRICE_APART)
        find(c, true,
             "last price: %.6g is %+.1f %% from the others' median %.6g; "
             "expected at most %.0f %%",
             last, 100.0 * apart, all, 100.0 * PRICE_APART);
}

static bool is_spot(const struct cli_check *c)
{
    return strcmp(c->x->kind, "spot") == 0;
}

static void judge_interest(const struct cli_doctor *d, struct cli_check *c)
{
    double usd = interest_of(c), all = others(d, c, interest_of);
    double most = INTEREST_APART;
    double least = c->inverse ? INTEREST_APART_INVERSE : INTEREST_APART;
    char mine[CLI_TEXT], theirs[CLI_TEXT];

    if (c->why[CLI_NOW].code != LIQ_OK || !c->asked[CLI_NOW] || is_spot(c))
        return;
    cli_short(usd, mine);
    cli_short(all, theirs);
    if (isnan(usd))
        find(c, true, "open interest: none; expected some of a perpetual");
    else if (usd > most * all)
        find(c, true,
             "open interest: $ %s is %.0f times the others' median %s; "
             "expected at most %.0f times: is its unit another?",
             mine, usd / all, theirs, most);
    else if (usd * least < all)
        find(c, true,
             "open interest: $ %s is 1/%.0f of the others' median %s; expected "
             "at least 1/%.0f: is its unit another?",
             mine, all / usd, theirs, least);
}

/* --- the rest ------------------------------------------------------------- */

static void judge_symbols(struct cli_check *c)
{
    bool found = c->why[CLI_NOW].code == LIQ_OK;

    if (!c->asked[CLI_SYMBOLS] || c->why[CLI_SYMBOLS].code != LIQ_OK)
        return;
    if (found && !c->listed)
        find(c, true,
             "symbol list: %s is not among its %zu, but has candles; expected "
             "it there",
             c->doctor->symbol, c->n_symbol);
}

/* Farther from the last price, as a part of it, it is another contract's or in
 * another unit. */
#define DEPTH_APART 0.01

static void judge_depth(struct cli_check *c)
{
    double last = c->data.ticker.last;

    if (!c->asked[CLI_DEPTH] || c->why[CLI_DEPTH].code != LIQ_OK ||
        c->why[CLI_NOW].code != LIQ_OK || !(last > 0.0) ||
        fabs(c->middle / last - 1.0) <= DEPTH_APART)
        return;
    find(c, true,
         "order book: its middle is %g, the last price %g; expected at most 1 "
         "%% between them",
         c->middle, last);
}

static void judge_limits(struct cli_check *c)
{
    const struct liq_contract *k = &c->data.contract;

    if (c->why[CLI_NOW].code != LIQ_OK || !c->asked[CLI_NOW] || is_spot(c))
        return;
    if (k->source == NULL)
        find(c, false,
             "contract limits: not public here; maps borrow another "
             "exchange's, or assume 100x and 0.4 %%");
    else if (strcmp(k->source, "documented") == 0)
        find(c, false,
             "contract limits: not public here; %gx and %g %% as documented",
             k->max_leverage, 100.0 * k->maintenance_margin_rate);
}

/* How many routes before this one asked for the same. */
static size_t before(const struct cli_check *c, size_t i)
{
    size_t n = 0;

    for (size_t j = 0; j < i; j++)
        n += c->route[j].sent &&
             strcmp(c->route[j].url, c->route[i].url) == 0 &&
             strcmp(c->route[j].post, c->route[i].post) == 0;
    return n;
}

static void sum_up(struct cli_check *c)
{
    for (size_t i = 0; i < c->n_route; i++) {
        struct cli_route *r = &c->route[i];

        if (r->sent)
            r->http = cli_tape_find(&c->tape, r->url, r->post, before(c, i));
        if (r->sent && r->pool == 0)
            c->weight += r->weight;
        if (i == 0 && r->http)
            c->ms = r->http->received_ms - r->http->sent_ms;
    }
    measure_clock(c);
}

/* A symbol that an exchange does not have is no fault of either. */
static bool is_unlisted(const struct cli_check *c)
{
    return c->asked[CLI_SYMBOLS] && c->why[CLI_SYMBOLS].code == LIQ_OK &&
           !c->listed && c->why[CLI_NOW].code == LIQ_ENOTFOUND;
}

static void judge(const struct cli_doctor *d, struct cli_check *c)
{
    judge_clock(d, c);
    if (is_unlisted(c)) {
        find(c, false, "%s is not listed here", d->symbol);
        return;
    }
    judge_routes(c);
    judge_steps(c);
    judge_candles(c);
    judge_price(d, c);
    judge_interest(d, c);
    judge_depth(c);
    judge_symbols(c);
    judge_limits(c);
    judge_absent(c);
}

void cli_doctor_judge(struct cli_doctor *d)
{
    for (size_t i = 0; i < d->n; i++)
        sum_up(&d->check[i]);
    for (size_t i = 0; i < d->n; i++)
        judge(d, &d->check[i]);
}
