/*
 * What was requested of one exchange and what came: every response is noted,
 * and can be written to a folder and given again from there without a network.
 *
 * A folder has one file per body, EXCHANGE-NUMBER.EXT, and index.json, which
 * says of each exchange its base URL and of each request what was sent, when,
 * and what came back.
 */
#ifndef LIQMAP_CLI_TAPE_H
#define LIQMAP_CLI_TAPE_H

#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>
#include "liqmap/clock.h"
#include "liqmap/http.h"
#include "liqmap/jsonw.h"
#include "liqmap/work.h"

#define CLI_HEAD_SIZE 48

/*
 * One response.
 *
 * status       0 when none came: err and error then say why
 * sent, received  ms since the tape began
 * wall_ms      when it was received, by this machine's clock, UTC
 * head         how the body begins, printable
 * file         name of the body's file in the folder; "": none
 */
struct cli_response {
    char *url, *post, *headers; /* owned */
    enum liq_err err;
    int status;
    int64_t sent_ms, received_ms, wall_ms, date_ms;
    size_t bytes;
    char error[120], head[CLI_HEAD_SIZE], file[64];
    bool given;
};

/* One exchange's.  clock is what the exchange must be given: the machine's, or
 * in a replay the recording's. */
struct cli_tape {
    struct liq_http http; /* first: what the exchange must be given */
    struct liq_http *to;  /* borrowed; NULL: a replay */
    struct liq_work *work;
    struct liq_clock clock;
    const struct liq_clock *machine;
    const char *name, *folder; /* folder NULL: nothing is written or read */
    int64_t start_ms;
    struct cli_response *at; /* [n] owned */
    size_t n;
    int n_failed; /* bodies that could not be written */

    struct liq_http_batch *caller, batch;
    int64_t sent_ms;
};

/* Pass requests on to http; machine is the clock of the program.  With a
 * folder, write each body. */
void cli_tape_live(struct cli_tape *t, const char *name, struct liq_http *http,
                   struct liq_work *work, const struct liq_clock *machine,
                   const char *folder);
/* Give what the folder's index has of the exchange.  LIQ_EFORMAT. */
LIQ_MUST_CHECK enum liq_err
cli_tape_replay(struct cli_tape *t, const char *name, struct liq_work *work,
                const cJSON *exchange, const char *folder,
                struct liq_reason *why);
void cli_tape_free(struct cli_tape *t);

/* The response to a request of which there were `before` others alike; NULL:
 * there was none. */
const struct cli_response *cli_tape_find(const struct cli_tape *t,
                                         const char *url, const char *post,
                                         size_t before);
/* The exchange's part of the index. */
void cli_tape_index(const struct cli_tape *t, const char *base_url,
                    struct liq_jsonw *w);

/* The base URL of an exchange of the index, NULL when there is none. */
const char *cli_tape_base_url(const cJSON *exchange);

#endif
