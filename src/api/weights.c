#include "weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/decimal.h"
#include "liqmap/interval.h"
#include "state.h"

/* Another thread may publish between our read and publish, at most once per
 * exchange. */
#define TRIES LIQ_SOURCES_MAX

/* At the close of a candle weights are held on until one exchange has moved by
 * more than this against another ... */
#define APART 1.05
/* ... or all of them, so that one that joins is weighed as they are. */
#define FAR_OFF 2.0

struct table {
    struct liq_item item; /* must be first */
    int64_t open_ms;
    size_t n;
    const struct liq_exchange *exchange[LIQ_SOURCES_MAX];
    double weight[LIQ_SOURCES_MAX];
};

static void table_destroy(struct liq_item *item)
{
    free(item);
}

static size_t find(const struct table *t, const struct liq_exchange *x)
{
    size_t i = 0;

    while (i < t->n && t->exchange[i] != x)
        i++;
    return i;
}

/* Whether the weights of a new candle differ so little from those held, against
 * one another, that those go on: then no closed column changes. */
static bool go_on(const struct table *held,
                  struct liq_exchange *const *exchange, const double *weight,
                  size_t n)
{
    double least = INFINITY, most = 0.0;

    for (size_t i = 0; i < n; i++) {
        size_t at = find(held, exchange[i]);
        double by;

        if (at == held->n)
            return false;
        by = weight[i] / held->weight[at];
        if (!isfinite(by))
            return false;
        least = fmin(least, by);
        most = fmax(most, by);
    }
    return most <= APART * least && least >= 1.0 / FAR_OFF && most <= FAR_OFF;
}

/* The weights of old (NULL: none), and of each exchange that is not in it. */
static struct table *table_new(const struct table *old, int64_t open_ms,
                               struct liq_exchange *const *exchange,
                               const double *weight, size_t n)
{
    struct table *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    if (old) {
        memcpy(t->exchange, old->exchange, sizeof t->exchange);
        memcpy(t->weight, old->weight, sizeof t->weight);
        t->n = old->n;
    }
    for (size_t i = 0; i < n && t->n < LIQ_SOURCES_MAX; i++) {
        if (find(t, exchange[i]) < t->n)
            continue;
        t->exchange[t->n] = exchange[i];
        t->weight[t->n++] = weight[i];
    }
    t->open_ms = open_ms;
    liq_item_init(&t->item, table_destroy);
    t->item.bytes = sizeof *t;
    t->item.rank = LIQ_RANK_LIVE;
    t->item.usable_until_ms = INT64_MAX;
    /* A later candle wins, then more exchanges.  Open times differ by more than
     * LIQ_SOURCES_MAX ms. */
    t->item.order = open_ms + (int64_t)t->n;
    return t;
}

/* Replace weight[] by those of t; whether t has them all. */
static bool apply(const struct table *t, struct liq_exchange *const *exchange,
                  double *weight, size_t n)
{
    bool all = true;

    for (size_t i = 0; i < n; i++) {
        size_t at = find(t, exchange[i]);

        if (at < t->n)
            weight[i] = t->weight[at];
        else
            all = false;
    }
    return all;
}

void liq_weights_hold(struct liq_api *a, const char *symbol, int64_t display_ms,
                      int64_t open_ms, struct liq_exchange *const *exchange,
                      double *weight, size_t n)
{
    struct liq_key key = liq_key_of(LIQ_KIND_WEIGHTS, NULL, symbol);
    struct liq_cache *cache = a->options.cache;
    int64_t now_ms = liq_api_now(a);
    struct table *held, *mine;
    bool done = false, changed = false, keep;

    key.display_ms = display_ms;
    held = (struct table *)(void *)liq_cache_peek(cache, &key, now_ms);
    for (int i = 0; i < TRIES && !done; i++) {
        if (held && held->open_ms >= open_ms)
            done = apply(held, exchange, weight, n) || held->open_ms > open_ms;
        if (done)
            break;
        keep = held &&
               (held->open_ms == open_ms || go_on(held, exchange, weight, n));
        mine = table_new(keep ? held : NULL, open_ms, exchange, weight, n);
        if (held)
            liq_item_release(&held->item);
        if (!mine)
            return; /* these weights hold for this response alone */
        held = (struct table *)(void *)liq_cache_offer(cache, &key, now_ms,
                                                       &mine->item);
        changed = true;
    }
    if (changed)
        liq_state_changed(a);
    if (held)
        liq_item_release(&held->item);
}

/* --- lines of the state file ---------------------------------------------- */
/* "weights BTCUSDT 1h 1795208400000 binance=1.25 bybit=0.5" */

#define WORD "weights"
/* So many symbols and intervals, those that were asked for last. */
#define LINES_MAX 2048
/* A candle that opens so far in the future is a mistake: it would be held until
 * then. */
#define AHEAD_MS LIQ_DAY_MS

static void write_table(const struct liq_key *key, const struct table *t,
                        struct liq_buf *out)
{
    const char *interval = liq_interval_name(key->display_ms);

    if (!interval)
        return;
    liq_buf_format(out, WORD " %s %s %lld", key->symbol, interval,
                   (long long)t->open_ms);
    for (size_t i = 0; i < t->n; i++) {
        char weight[LIQ_DECIMAL_SIZE];

        liq_decimal_format(t->weight[i], weight);
        liq_buf_format(out, " %s=%s", t->exchange[i]->name, weight);
    }
    liq_buf_char(out, '\n');
}

void liq_weights_write(struct liq_api *a, struct liq_buf *out)
{
    struct liq_cache_entry *entry = calloc(LINES_MAX, sizeof *entry);
    size_t n;

    if (!entry) {
        out->err = LIQ_ENOMEM;
        return;
    }
    n = liq_cache_list(a->options.cache, LIQ_KIND_WEIGHTS, entry, LINES_MAX);
    for (size_t i = 0; i < n; i++) {
        if (entry[i].item)
            write_table(&entry[i].key,
                        (const struct table *)(void *)entry[i].item, out);
        liq_item_release(entry[i].item);
    }
    free(entry);
}

/* The next word of a line, up to a space; false: none, or it does not fit. */
static bool next_word(const char **line, char *out, size_t size)
{
    size_t n = strcspn(*line, " ");

    if (n == 0 || n >= size)
        return false;
    memcpy(out, *line, n);
    out[n] = '\0';
    *line += n;
    if (**line == ' ')
        ++*line;
    return true;
}

static struct liq_exchange *exchange_of(const struct liq_api *a,
                                        const char *name)
{
    for (size_t i = 0; i < a->scope.n_exchange; i++) {
        if (strcmp(a->scope.exchange[i]->name, name) == 0)
            return a->scope.exchange[i];
    }
    return NULL;
}

/* "binance=1.25" words. */
static bool read_weights(const struct liq_api *a, const char *line,
                         struct liq_exchange **exchange, double *weight,
                         size_t *n)
{
    char word[64];

    for (*n = 0; *line;) {
        char *equals;
        double w;

        if (!next_word(&line, word, sizeof word))
            return false;
        equals = strchr(word, '=');
        if (!equals || equals == word ||
            !liq_decimal_parse(equals + 1, strlen(equals + 1), &w) || !(w >= 0))
            return false;
        *equals = '\0';
        exchange[*n] = exchange_of(a, word);
        if (!exchange[*n])
            continue;
        if (*n + 1 == LIQ_SOURCES_MAX)
            return false;
        weight[(*n)++] = w;
    }
    return true;
}

static void hold_read(struct liq_api *a, const struct liq_key *key,
                      int64_t open_ms, struct liq_exchange *const *exchange,
                      const double *weight, size_t n)
{
    const struct liq_clock *clock = a->options.clock;
    struct table *t;

    if (n == 0 || open_ms > clock->wall_ms(clock) + AHEAD_MS)
        return;
    t = table_new(NULL, open_ms, exchange, weight, n);
    if (t)
        liq_item_release(
            liq_cache_offer(a->options.cache, key, liq_api_now(a), &t->item));
}

bool liq_weights_read(struct liq_api *a, const char *line, bool take)
{
    struct liq_exchange *exchange[LIQ_SOURCES_MAX];
    char word[16], symbol[LIQ_SYMBOL_SIZE], interval[8], open[24];
    double weight[LIQ_SOURCES_MAX];
    struct liq_key key;
    int64_t open_ms;
    size_t n;

    if (!next_word(&line, word, sizeof word) || strcmp(word, WORD) != 0 ||
        !next_word(&line, symbol, sizeof symbol) ||
        strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") !=
            strlen(symbol) ||
        !next_word(&line, interval, sizeof interval) ||
        !next_word(&line, open, sizeof open) ||
        open[strspn(open, "0123456789")] != '\0')
        return false;
    key = liq_key_of(LIQ_KIND_WEIGHTS, NULL, symbol);
    key.display_ms = liq_interval_ms(interval);
    open_ms = strtoll(open, NULL, 10);
    if (key.display_ms <= 0 || open_ms <= 0 || open_ms % key.display_ms != 0 ||
        !read_weights(a, line, exchange, weight, &n))
        return false;
    if (take)
        hold_read(a, &key, open_ms, exchange, weight, n);
    return true;
}
