/* Settings: defaults, overridden by a file, by LIQMAP_SECTION_KEY in the
 * environment, by --set section.key=value; read and checked once at start. */
#ifndef LIQMAP_CONFIG_H
#define LIQMAP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/err.h"
#include "liqmap/log.h"

/* The exchanges that have a section of their own, [exchange.NAME]. */
#define LIQ_CONFIG_EXCHANGES 12
extern const char *const liq_config_exchanges[LIQ_CONFIG_EXCHANGES];

struct liq_config_exchange {
    char base_url[256]; /* "": the exchange's own */
    int budget;         /* of its request weight in its window; 0: half of what
                           it allows */
};

/* The model's tiers, from the lowest leverage to the highest. */
#define LIQ_CONFIG_TIERS 7

/* [watch]: notifications of levels that price comes near (liqmap/notify.h). */
struct liq_config_watch {
    char symbols[256];     /* comma-separated; "": off */
    char exchange[16];     /* "auto", "all" or a name */
    char interval[16];     /* of the map, "1h" */
    double within_percent; /* of price: nearer than this is near */
    double leave_factor;   /* times within_percent: away again */
    double min_usd;        /* weaker levels do not count, dollars */
    double min_density;    /* the same, 0 .. 100 */
    int64_t cooldown_ms;   /* until the same level is reported again */
    int64_t poll_ms;
    char events[48];       /* kinds to send, comma-separated */
    char webhook[512];     /* URL; "": none */
    char secret_file[256]; /* of the webhook's signature; "": environment */
    char command[512];     /* program and arguments; "": none */
    bool telegram;
    int64_t timeout_ms;   /* of one attempt */
    int64_t retry_ms;     /* first pause after a failure */
    int64_t give_up_ms;   /* older notifications are dropped */
    char state_file[256]; /* "": nothing outlives a restart */
};

/* One field per key of conf/liqmap.conf, in its unit; strings owned. */
struct liq_config {
    /* [server] */
    char listen[108]; /* path of the FastCGI socket; "" : descriptor 0, as a
                         web server or systemd hands it over */
    int socket_mode;  /* octal in the file, 0660 */
    int workers;      /* threads that do the work */
    char market_source[8]; /* "live" or "demo" */
    char exchanges[128];   /* comma-separated, the order that auto goes by */
    char symbols[512];     /* "*" or a comma-separated list */
    char state_file[256];  /* "": nothing outlives a restart */
    enum liq_log_level log_level;
    int64_t fixed_clock_ms; /* 0: the machine's clock */
    /* [cache] */
    int64_t ttl_ms;    /* 20000 */
    int64_t swr_ms;    /* stale-while-revalidate window after that */
    int64_t stale_ms;  /* 600000: how old data may be served when the exchange
                          fails */
    int64_t hot_ms;    /* 300000: keys asked for within this stay warm */
    int64_t lead_ms;   /* refreshed this long before they expire */
    int64_t error_ms;  /* pause after a failed refresh */
    int64_t max_bytes; /* of series, maps and responses together */
    /* [fetch] */
    int64_t deadline_ms; /* for one refresh */
    int64_t connect_ms;
    int max_connections;
    char dump_dir[256]; /* "": do not write bodies */
    /* [hosts] */
    char redis[256]; /* "HOST:PORT" or a path; "": requests are not shared */
    int64_t redis_timeout_ms;
    /* [model]: what src/model/MODEL.md assumes */
    double standing_shares[LIQ_CONFIG_TIERS]; /* sum to 1 */
    double half_life_hours[LIQ_CONFIG_TIERS];
    double leverage_spread;
    double round_number_share;
    double maintenance_margin_rate; /* where the exchange does not say it */
    /* [recorder] */
    char recorder_file[256]; /* "": nothing is recorded */
    int recorder_days;       /* 0: rows are never deleted */
    char recorder_symbols[512];
    char binance_stream[256]; /* "": the exchange's own */
    char bybit_stream[256];
    char okx_stream[256];
    /* [watch] */
    struct liq_config_watch watch;
    /* [exchange.NAME], in the order of liq_config_exchanges */
    struct liq_config_exchange exchange[LIQ_CONFIG_EXCHANGES];
};

void liq_config_defaults(struct liq_config *c);

/*
 * Lay a file over c.  LIQ_EIO when it cannot be read; LIQ_EINVAL for an unknown
 * section or key or a bad value, *why saying "FILE:LINE: [section] key: what
 * was expected, what was got".  A key given twice has its last value.  c is
 * unchanged on failure, here and below.
 */
LIQ_MUST_CHECK enum liq_err
liq_config_file(struct liq_config *c, const char *path, struct liq_reason *why);
/*
 * Lay LIQMAP_SECTION_KEY variables over c (dots become underscores:
 * LIQMAP_EXCHANGE_BINANCE_BASE_URL).  A variable that starts with LIQMAP_ and
 * the first word of a section (LIQMAP_SERVER_, LIQMAP_CACHE_, LIQMAP_FETCH_,
 * LIQMAP_HOSTS_, LIQMAP_MODEL_, LIQMAP_RECORDER_, LIQMAP_WATCH_,
 * LIQMAP_EXCHANGE_) must be a setting; any other is somebody else's and is left
 * alone.
 */
LIQ_MUST_CHECK enum liq_err liq_config_environment(struct liq_config *c,
                                                   char *const *environ,
                                                   struct liq_reason *why);
/* Lay one "section.key=value" over c. */
LIQ_MUST_CHECK enum liq_err liq_config_set(struct liq_config *c,
                                           const char *assignment,
                                           struct liq_reason *why);
/* What takes more than one setting: lead_ms below ttl_ms, connect_ms within
 * deadline_ms, retry_ms below give_up_ms.  Called once, after all layers. */
LIQ_MUST_CHECK enum liq_err liq_config_check(const struct liq_config *c,
                                             struct liq_reason *why);
/* All layers in their order: defaults, file (NULL: none), environment, set[n];
 * then the check. */
LIQ_MUST_CHECK enum liq_err
liq_config_read(struct liq_config *c, const char *file, char *const *environ,
                const char *const *set, size_t n, struct liq_reason *why);

/* SIGHUP: take from what was read again what can change while the daemon
 * runs. */
void liq_config_take_over(struct liq_config *to, const struct liq_config *from);
/* Log each setting that differs and that only a restart changes. */
void liq_config_log_kept(const struct liq_config *now,
                         const struct liq_config *wanted);

#endif
