/*
 * One fetch for many hosts: a liq_http that shares responses through Redis.
 * Several daemons that name the same Redis request a URL of an exchange once a
 * period; the others are given what came.  Without Redis each fetches for
 * itself.
 */
#ifndef LIQMAP_HOSTS_H
#define LIQMAP_HOSTS_H

#include <stdbool.h>
#include <stdint.h>
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/http.h"
#include "liqmap/work.h"

/*
 * http    stopped and freed with this one
 * config  borrowed while liq_hosts_new runs: redis and redis_timeout_ms; what
 * is live may be ttl_ms - lead_ms old.  The password is in the environment,
 * LIQMAP_REDIS_PASSWORD divide  called on the thread of this one, with no lock
 * held, when the budgets are to be divided among another number of hosts: 1
 * while Redis responds, else as many as were seen last
 */
struct liq_hosts_options {
    struct liq_http *http;
    const struct liq_clock *clock; /* borrowed */
    struct liq_work *work;         /* borrowed */
    const struct liq_config *config;
    void (*divide)(void *arg, int hosts);
    void *arg;
};

/*
 * there    Redis responds
 * hosts    seen last, this one included; at least 1
 * taken    responses that another host had fetched
 * fetched  responses that were fetched here and shared
 * refused  of those: another host had a newer one, which was used
 * alone    requests sent while Redis was away
 * losses   how often Redis was lost
 */
struct liq_hosts_counts {
    bool there;
    int hosts;
    uint64_t taken, fetched, refused, alone, losses;
};

/* Owns options->http from now on.  Requests wait until liq_hosts_begin; divide
 * is not called before.  NULL when there is no memory; then http is the
 * caller's. */
struct liq_http *liq_hosts_new(const struct liq_hosts_options *options);
/* Once, before stop.  Until Redis was reached or the attempt timed out,
 * requests wait.  LIQ_ENOMEM when there is no thread. */
LIQ_MUST_CHECK enum liq_err liq_hosts_begin(struct liq_http *hosts);
/* Of what liq_hosts_new made.  Thread-safe. */
void liq_hosts_count(void *hosts, struct liq_hosts_counts *out);

#endif
