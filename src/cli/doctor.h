/* liqmap doctor: what every exchange gives for every route that we use, and
 * whether that is what it should be. */
#ifndef LIQMAP_CLI_DOCTOR_H
#define LIQMAP_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "liqmap/exchange.h"
#include "tape.h"

#define CLI_FINDINGS 24

/* One request: what the exchange's module made of it.  http: what was on the
 * wire, once all is done; NULL: it was not sent. */
struct cli_route {
    char what[48], absent[120];
    char *url, *post; /* owned */
    bool sent;
    int pool, weight, limit;
    int64_t window_ms, used, clock_ms;
    struct liq_observed_page page;
    struct liq_reason why;
    const struct cli_response *http;
};

/* wrong: the exit status is 1; else it is only good to know. */
struct cli_finding {
    bool wrong;
    char text[320];
};

enum cli_step {
    CLI_CLOCK,
    CLI_NOW,
    CLI_PAST,
    CLI_DEPTH, /* left out where no order book is read */
    CLI_SYMBOLS,
    CLI_STEPS
};

/*
 * The check of one exchange.
 *
 * why       what came of each step; asked: whether it was taken
 * data      of CLI_NOW, without its candles
 * middle    of the best bid and ask, quote per base unit
 * offset_ms the exchange's clock minus this machine's; known: whether it is
 * weight    of all requests that count into the main limit
 * ms        of the first request
 */
struct cli_check {
    const struct liq_exchange_info *info;
    char base_url[256];
    struct cli_tape tape;
    struct liq_exchange *x; /* owned */
    struct cli_doctor *doctor;
    struct liq_fetch fetch;
    enum cli_step step;
    int64_t deadline_ms; /* of one fetch */
    void (*ended)(struct cli_check *c);

    struct cli_route *route; /* [n_route] owned */
    size_t n_route;
    struct liq_reason why[CLI_STEPS];
    bool asked[CLI_STEPS];
    struct liq_market_data data;
    double middle;
    size_t n_candle, n_symbol;
    int64_t newest_ms, engine_ms;
    bool listed, inverse;

    bool offset_known;
    int64_t offset_ms, ms;
    int weight;
    struct cli_finding finding[CLI_FINDINGS];
    size_t n_finding;
};

struct cli_doctor {
    const char *symbol;
    int64_t wall_ms;         /* when it began */
    struct cli_check *check; /* [n] owned */
    size_t n;
};

/* argv[2] and what follows; the exit status: 0, 1 when something is wrong, 2
 * for a wrong option. */
int cli_doctor(int argc, char **argv);

/* --- doctor_run.c --------------------------------------------------------- */

/* Take the next steps of the check until it has no more; ended is called then,
 * on whatever thread that is. */
void cli_check_start(struct cli_check *c, int64_t deadline_ms,
                     void (*ended)(struct cli_check *c));
/* What o says, noted. */
void cli_check_observe(void *check, const struct liq_observation *o);
void cli_check_free(struct cli_check *c);

/* --- doctor_judge.c ------------------------------------------------------- */

/* What is wrong with each, and what is good to know, once all are done. */
void cli_doctor_judge(struct cli_doctor *d);
bool cli_check_is_wrong(const struct cli_check *c);
/* Whether the route gave what it should. */
bool cli_route_is_good(const struct cli_route *r);

/* --- doctor_print.c ------------------------------------------------------- */

/* At most 80 columns; routes: every request too. */
void cli_doctor_table(FILE *out, const struct cli_doctor *d, bool routes);
void cli_doctor_json(const struct cli_doctor *d, struct liq_jsonw *w);

#endif
