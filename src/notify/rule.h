/* Which levels to report as price comes near them; pure. */
#ifndef LIQMAP_NOTIFY_RULE_H
#define LIQMAP_NOTIFY_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/config.h"

enum liq_notify_side { LIQ_NOTIFY_LONG, LIQ_NOTIFY_SHORT };
enum liq_notify_kind {
    LIQ_NOTIFY_APPROACHED, /* price is near */
    LIQ_NOTIFY_TOUCHED,    /* price is in the band, or beyond it */
    LIQ_NOTIFY_SWEPT,      /* the level is gone, and price was there */
    LIQ_NOTIFY_FADED       /* the level is gone, and price was not there */
};
extern const char *const liq_notify_kinds[4]; /* "approached" and so on */
extern const char *const liq_notify_sides[2];

/* A level as /api/v1/levels gives it: prices in quote currency, usd NaN when
 * unknown. */
struct liq_band {
    enum liq_notify_side side;
    double price, from, to, density, usd;
};

#define LIQ_READING_BANDS 64
#define LIQ_NOTIFY_WORD 24

/*
 * One look at the levels of a symbol.
 *
 * stale      prices are old: nothing is decided by it
 * whole      every exchange that belongs to it is in it
 * candle_ms  open time of the newest display candle, and its extremes
 */
struct liq_reading {
    char symbol[32], interval[LIQ_NOTIFY_WORD];
    char exchange[LIQ_NOTIFY_WORD], source[LIQ_NOTIFY_WORD];
    double price;
    bool stale, whole;
    int64_t candle_ms;
    double high, low;
    struct liq_band band[LIQ_READING_BANDS];
    size_t n;
};

/*
 * A level that was reported.
 *
 * at_ms    monotonic, when price came near
 * near     price has not been away since
 * touched  that was reported;  ended: swept or faded was
 */
struct liq_followed {
    struct liq_band band;
    char exchange[LIQ_NOTIFY_WORD];
    int64_t at_ms;
    bool near, touched, ended;
};

#define LIQ_FOLLOWED_MAX 64

/* What is remembered of a symbol: levels, and the newest candle as it was.
 * changes: grows when a level came or went, or was left. */
struct liq_follow {
    char symbol[32];
    struct liq_followed at[LIQ_FOLLOWED_MAX];
    size_t n;
    unsigned changes;
    int64_t candle_ms; /* 0: no reading yet */
    double high, low;
};

struct liq_happened {
    enum liq_notify_kind kind;
    struct liq_band band;
    double distance_percent; /* of price, to the nearer edge; 0 within */
};

/* Of one reading: at most one for each level followed, and for each band. */
#define LIQ_HAPPENED_MAX (LIQ_FOLLOWED_MAX + LIQ_READING_BANDS)

/* Percent of price from it to the nearer edge of a band; 0 within. */
double liq_band_distance(const struct liq_band *b, double price);

/* Bring f to a reading at now_ms (monotonic); how many events are in out, those
 * of followed levels first, then new ones, nearest first. */
size_t liq_rule_follow(const struct liq_config_watch *c, struct liq_follow *f,
                       const struct liq_reading *r, int64_t now_ms,
                       struct liq_happened out[LIQ_HAPPENED_MAX]);

#endif
