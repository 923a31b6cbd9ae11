#include "liqmap/config.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "liqmap/buf.h"
#include "config_key.h"

#define FILE_MAX_BYTES ((size_t)64 * 1024)
#define DAY_MS INT64_C(86400000)
#define MAX_BYTES (INT64_C(1) << 40)
/* How much of a path, a name or a value goes into a message: with the longest
 * of each the reason still ends with what was expected. */
#define SHOWN_PATH 48
#define SHOWN_VALUE 40

/* In thousandths. */
#define USD_MAX INT64_C(1000000000000000000)

#define FIELD(f)                                                               \
    offsetof(struct liq_config, f), sizeof(((struct liq_config *)0)->f)

const char *const liq_config_exchanges[LIQ_CONFIG_EXCHANGES] = {
    "binance", "bybit",        "okx",         "bitget",
    "gate",    "kucoin",       "hyperliquid", "binance-spot",
    "htx",     "binance-coin", "bybit-coin",  "okx-coin"};

#define EXCHANGE(section, i)                                                   \
    {section,                                                                  \
     "base_url",                                                               \
     config_read_url,                                                          \
     FIELD(exchange[i].base_url),                                              \
     0,                                                                        \
     0,                                                                        \
     "http(s):// and a host, at most 255 bytes, or nothing",                   \
     ""},                                                                      \
    {                                                                          \
        section, "budget", config_read_int, FIELD(exchange[i].budget), 0,      \
            100000, "a number", "0"                                            \
    }

#define STREAM(name, field)                                                    \
    {                                                                          \
        "recorder", name, config_read_stream, FIELD(field), 0, 0,              \
            "ws(s):// and a host, at most 239 bytes, or nothing", ""           \
    }

static const struct key keys[] = {
    {"server", "listen", config_read_socket, FIELD(listen), 0, 0,
     "a path of at most 107 bytes without a colon, or nothing",
     "run/liqmapd.sock"},
    {"server", "socket_mode", config_read_mode, FIELD(socket_mode), 0, 0777,
     "octal digits up to 777", "0660"},
    {"server", "workers", config_read_int, FIELD(workers), 1, 256, "a number",
     "8"},
    {"server", "market", config_read_market, FIELD(market_source), 0, 0,
     "live or demo", "live"},
    {"server", "exchanges", config_read_exchanges, FIELD(exchanges), 0, 0,
     "names of exchanges, separated by commas, each once",
     "binance,bybit,okx,bitget,gate,kucoin,hyperliquid,htx,binance-spot,"
     "binance-coin,bybit-coin,okx-coin"},
    {"server", "symbols", config_read_symbols, FIELD(symbols), 0, 0,
     "* or names like BTCUSDT,ETHUSDT", "*"},
    {"server", "state_file", config_read_text, FIELD(state_file), 0, 0,
     "a path of at most 255 bytes, or nothing", ""},
    {"server", "log_level", config_read_level, FIELD(log_level), 0, 0,
     "error, warn, info or debug", "info"},
    {"server", "fixed_clock", config_read_time, FIELD(fixed_clock_ms), 0, 0,
     "a UTC time like 2025-10-10T21:15:00Z, or nothing", ""},

    {"cache", "ttl_ms", config_read_whole, FIELD(ttl_ms), 1, DAY_MS,
     "milliseconds", "20000"},
    {"cache", "swr_ms", config_read_whole, FIELD(swr_ms), 0, DAY_MS,
     "milliseconds", "10000"},
    {"cache", "stale_ms", config_read_whole, FIELD(stale_ms), 0, 7 * DAY_MS,
     "milliseconds", "600000"},
    {"cache", "hot_ms", config_read_whole, FIELD(hot_ms), 0, DAY_MS,
     "milliseconds", "300000"},
    {"cache", "lead_ms", config_read_whole, FIELD(lead_ms), 0, DAY_MS,
     "milliseconds", "2000"},
    {"cache", "error_ms", config_read_whole, FIELD(error_ms), 0, DAY_MS,
     "milliseconds", "3000"},
    {"cache", "max_bytes", config_read_whole, FIELD(max_bytes), 16 << 20,
     MAX_BYTES, "bytes", "100663296"},

    {"fetch", "deadline_ms", config_read_whole, FIELD(deadline_ms), 1, 120000,
     "milliseconds", "8000"},
    {"fetch", "connect_ms", config_read_whole, FIELD(connect_ms), 1, 120000,
     "milliseconds", "3000"},
    {"fetch", "max_connections", config_read_int, FIELD(max_connections), 1,
     256, "a number", "32"},
    {"fetch", "dump_dir", config_read_text, FIELD(dump_dir), 0, 0,
     "a path of at most 255 bytes, or nothing", ""},

    {"hosts", "redis", config_read_redis, FIELD(redis), 0, 0,
     "HOST:PORT or the path of a socket, at most 255 bytes, or nothing", ""},
    {"hosts", "timeout_ms", config_read_whole, FIELD(redis_timeout_ms), 1,
     120000, "milliseconds", "500"},

    {"model", "standing_shares", config_read_shares, FIELD(standing_shares), 0,
     0, "7 numbers from 0 to 1 that sum to 1, separated by commas",
     "0.15,0.15,0.2,0.25,0.15,0.06,0.04"},
    {"model", "half_life_hours", config_read_half_lives, FIELD(half_life_hours),
     0, 0, "7 numbers from 0.1 to 100000, separated by commas",
     "1440,960,480,168,48,24,12"},
    {"model", "leverage_spread", config_read_spread, FIELD(leverage_spread), 0,
     0, "a number from 0.001 to 0.5", "0.04"},
    {"model", "round_number_share", config_read_share,
     FIELD(round_number_share), 0, 0, "a number from 0 to 1", "0.05"},
    {"model", "maintenance_margin_rate", config_read_margin,
     FIELD(maintenance_margin_rate), 0, 0, "a number from 0 to 0.009", "0.004"},

    {"recorder", "file", config_read_text, FIELD(recorder_file), 0, 0,
     "a path of at most 255 bytes, or nothing", ""},
    {"recorder", "days", config_read_int, FIELD(recorder_days), 0, 36500,
     "a number", "400"},
    {"recorder", "symbols", config_read_names, FIELD(recorder_symbols), 0, 0,
     "names like BTCUSDT,ETHUSDT", "BTCUSDT"},
    STREAM("binance_stream", binance_stream),
    STREAM("bybit_stream", bybit_stream),
    STREAM("okx_stream", okx_stream),
    {"watch", "symbols", config_read_watched, FIELD(watch.symbols), 0, 0,
     "names like BTCUSDT,ETHUSDT, at most 255 bytes, or nothing", ""},
    {"watch", "exchange", config_read_choice, FIELD(watch.exchange), 0, 0,
     "auto, all or the name of an exchange", "auto"},
    {"watch", "interval", config_read_map_interval, FIELD(watch.interval), 0, 0,
     "5m, 15m, 1h, 4h or 1d", "1h"},
    {"watch", "within_percent", config_read_number, FIELD(watch.within_percent),
     50, 20000, "a number from 0.05 to 20", "1"},
    {"watch", "leave_factor", config_read_number, FIELD(watch.leave_factor),
     1000, 10000, "a number from 1 to 10", "1.5"},
    {"watch", "min_usd", config_read_number, FIELD(watch.min_usd), 0, USD_MAX,
     "a number from 0 to 1e15", "0"},
    {"watch", "min_density", config_read_number, FIELD(watch.min_density), 0,
     100000, "a number from 0 to 100", "50"},
    {"watch", "cooldown_ms", config_read_whole, FIELD(watch.cooldown_ms), 0,
     DAY_MS, "milliseconds", "1800000"},
    {"watch", "poll_ms", config_read_whole, FIELD(watch.poll_ms), 100, 3600000,
     "milliseconds", "10000"},
    {"watch", "events", config_read_events, FIELD(watch.events), 0, 0,
     "some of approached,touched,swept,faded, each once",
     "approached,touched,swept,faded"},
    {"watch", "webhook", config_read_webhook, FIELD(watch.webhook), 0, 0,
     "http(s):// and a host, at most 511 bytes, or nothing", ""},
    {"watch", "secret_file", config_read_text, FIELD(watch.secret_file), 0, 0,
     "a path of at most 255 bytes, or nothing", ""},
    {"watch", "command", config_read_text, FIELD(watch.command), 0, 0,
     "a program and its arguments, at most 511 bytes, or nothing", ""},
    {"watch", "telegram", config_read_yes, FIELD(watch.telegram), 0, 0,
     "yes or no", "no"},
    {"watch", "timeout_ms", config_read_whole, FIELD(watch.timeout_ms), 100,
     120000, "milliseconds", "10000"},
    {"watch", "retry_ms", config_read_whole, FIELD(watch.retry_ms), 100, 600000,
     "milliseconds", "5000"},
    {"watch", "give_up_ms", config_read_whole, FIELD(watch.give_up_ms), 1000,
     7 * DAY_MS, "milliseconds", "3600000"},
    {"watch", "state_file", config_read_text, FIELD(watch.state_file), 0, 0,
     "a path of at most 255 bytes, or nothing", ""},

    EXCHANGE("exchange.binance", 0),
    EXCHANGE("exchange.bybit", 1),
    EXCHANGE("exchange.okx", 2),
    EXCHANGE("exchange.bitget", 3),
    EXCHANGE("exchange.gate", 4),
    EXCHANGE("exchange.kucoin", 5),
    EXCHANGE("exchange.hyperliquid", 6),
    EXCHANGE("exchange.binance-spot", 7),
    EXCHANGE("exchange.htx", 8),
    EXCHANGE("exchange.binance-coin", 9),
    EXCHANGE("exchange.bybit-coin", 10),
    EXCHANGE("exchange.okx-coin", 11),
};

#define N_KEYS (sizeof keys / sizeof *keys)

const struct key *config_key_at(size_t i)
{
    return i < N_KEYS ? &keys[i] : NULL;
}

static bool read_key(struct liq_config *c, const struct key *k,
                     const char *value)
{
    return k->read(k, value, (char *)c + k->offset);
}

/* where: the setting, as the person who wrote it named it. */
static enum liq_err set_key(struct liq_config *c, const struct key *k,
                            const char *value, const char *where,
                            struct liq_reason *why)
{
    if (!k)
        return liq_fail(why, LIQ_EINVAL, "%s: no such setting", where);
    if (read_key(c, k, value))
        return LIQ_OK;
    if (k->read == config_read_int || k->read == config_read_whole)
        return liq_fail(why, LIQ_EINVAL,
                        "%s: expected %s from %lld to %lld, got '%.*s'", where,
                        k->expected, (long long)k->min, (long long)k->max,
                        SHOWN_VALUE, value);
    return liq_fail(why, LIQ_EINVAL, "%s: expected %s, got '%.*s'", where,
                    k->expected, SHOWN_VALUE, value);
}

static const struct key *find_key(const char *section, size_t section_len,
                                  const char *name)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        if (strlen(keys[i].section) == section_len &&
            memcmp(keys[i].section, section, section_len) == 0 &&
            strcmp(keys[i].name, name) == 0)
            return &keys[i];
    }
    return NULL;
}

void liq_config_defaults(struct liq_config *c)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < N_KEYS; i++) {
        bool good = read_key(c, &keys[i], keys[i].initial);

        assert(good);
        (void)good;
    }
}

/* --- the file ------------------------------------------------------------ */

struct ini_file {
    struct liq_config *c;
    const char *path; /* its tail */
    const char *at;   /* what is not read yet */
    int line;         /* of what inih has now */
    enum liq_err err;
    struct liq_reason *why;
};

/*
 * inih asks for one line at a time, as fgets would give it.  Counting here is
 * how a handler knows its line.  inih takes an indented line for more of the
 * value above; without the blanks it is a setting of its own.
 */
static char *next_line(char *out, int size, void *stream)
{
    struct ini_file *f = stream;
    size_t n;

    if (f->err || *f->at == '\0')
        return NULL;
    f->line++;
    f->at += strspn(f->at, " \t");
    n = strcspn(f->at, "\n");
    if (n + 2 > (size_t)size) {
        f->err = liq_fail(f->why, LIQ_EINVAL,
                          "%s:%d: expected lines of at most %d bytes", f->path,
                          f->line, size - 2);
        return NULL;
    }
    memcpy(out, f->at, n);
    out[n] = '\0';
    f->at += n;
    if (*f->at == '\n')
        f->at++;
    return out;
}

static int take_setting(void *user, const char *section, const char *name,
                        const char *value)
{
    struct ini_file *f = user;
    char where[160];

    if (f->err)
        return 0;
    (void)snprintf(where, sizeof where, "%s:%d: [%.20s] %.24s", f->path,
                   f->line, section, name);
    f->err = set_key(f->c, find_key(section, strlen(section), name), value,
                     where, f->why);
    return f->err == LIQ_OK;
}

static const char *path_tail(const char *path)
{
    size_t n = strlen(path);

    return n > SHOWN_PATH ? path + n - SHOWN_PATH : path;
}

static enum liq_err parse_file(struct liq_config *c, const struct liq_buf *text,
                               const char *path, struct liq_reason *why)
{
    struct ini_file f = {c, path_tail(path), text->data, 0, LIQ_OK, why};
    int line;

    if (!text->data)
        return LIQ_OK;
    if (strlen(text->data) != text->len)
        return liq_fail(why, LIQ_EINVAL, "%s: expected text, got a NUL byte",
                        f.path);
    line = ini_parse_stream(next_line, &f, take_setting, &f);
    if (f.err)
        return f.err;
    if (line < 0)
        return liq_fail(why, LIQ_ENOMEM, "%s: no memory", f.path);
    if (line > 0)
        return liq_fail(why, LIQ_EINVAL,
                        "%s:%d: expected [section], key = value or a comment",
                        f.path, line);
    return LIQ_OK;
}

enum liq_err liq_config_file(struct liq_config *c, const char *path,
                             struct liq_reason *why)
{
    struct liq_config changed = *c;
    struct liq_buf text;
    enum liq_err err;

    liq_buf_init(&text, FILE_MAX_BYTES);
    err = liq_buf_read_file(&text, path);
    if (err == LIQ_EIO)
        err = liq_fail(why, err, "%s: cannot be read", path_tail(path));
    else if (err == LIQ_ELIMIT)
        err = liq_fail(why, LIQ_EINVAL, "%s: expected at most %zu bytes",
                       path_tail(path), FILE_MAX_BYTES);
    else if (err)
        err = liq_fail(why, err, "%s: no memory", path_tail(path));
    else
        err = parse_file(&changed, &text, path, why);
    liq_buf_free(&text);
    if (!err)
        *c = changed;
    return err;
}

/* --- the environment ----------------------------------------------------- */

#define PREFIX "LIQMAP_"

/* The next character of the variable for "section.key". */
static char env_char(char c)
{
    return c == '.' || c == '-' ? '_' : (char)toupper((unsigned char)c);
}

/* Past text as it is spelt in a variable's name; NULL when it is not there. */
static const char *skip_env(const char *name, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (name[i] != env_char(text[i]))
            return NULL;
    }
    return name + n;
}

static const struct key *find_env(const char *name)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        const char *section = keys[i].section, *key = keys[i].name;
        const char *p = skip_env(name, section, strlen(section));

        if (!p || *p++ != '_')
            continue;
        p = skip_env(p, key, strlen(key));
        if (p && *p == '=')
            return &keys[i];
    }
    return NULL;
}

/* Starts with the first word of a section, so it can only be meant for us. */
static bool is_ours(const char *name)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        const char *section = keys[i].section;
        const char *p = skip_env(name, section, strcspn(section, "."));

        if (p && *p == '_')
            return true;
    }
    return false;
}

enum liq_err liq_config_environment(struct liq_config *c, char *const *environ,
                                    struct liq_reason *why)
{
    struct liq_config changed = *c;

    for (; environ && *environ; environ++) {
        const char *name = *environ, *value = strchr(name, '=');
        char where[64];
        enum liq_err err;

        if (!value || strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
            !is_ours(name + strlen(PREFIX)))
            continue;
        (void)snprintf(where, sizeof where, "%.*s", (int)(value - name), name);
        err = set_key(&changed, find_env(name + strlen(PREFIX)), value + 1,
                      where, why);
        if (err)
            return err;
    }
    *c = changed;
    return LIQ_OK;
}

/* --- one assignment, and all of them together ---------------------------- */

enum liq_err liq_config_set(struct liq_config *c, const char *assignment,
                            struct liq_reason *why)
{
    const char *equals = strchr(assignment, '='), *dot = NULL;
    char where[64], name[32];

    for (const char *p = assignment; equals && p < equals; p++) {
        if (*p == '.')
            dot = p;
    }
    if (!dot)
        return liq_fail(why, LIQ_EINVAL,
                        "--set: expected section.key=value, got '%.*s'",
                        SHOWN_VALUE, assignment);
    (void)snprintf(where, sizeof where, "--set %.*s",
                   (int)(equals - assignment), assignment);
    (void)snprintf(name, sizeof name, "%.*s", (int)(equals - dot - 1), dot + 1);
    return set_key(c, find_key(assignment, (size_t)(dot - assignment), name),
                   equals + 1, where, why);
}

static enum liq_err check_watch(const struct liq_config_watch *w,
                                struct liq_reason *why)
{
    if (w->retry_ms < w->give_up_ms)
        return LIQ_OK;
    return liq_fail(why, LIQ_EINVAL,
                    "[watch] retry_ms: expected less than give_up_ms (%lld), "
                    "got %lld",
                    (long long)w->give_up_ms, (long long)w->retry_ms);
}

enum liq_err liq_config_check(const struct liq_config *c,
                              struct liq_reason *why)
{
    if (c->lead_ms >= c->ttl_ms)
        return liq_fail(why, LIQ_EINVAL,
                        "[cache] lead_ms: expected less than ttl_ms (%lld), "
                        "got %lld",
                        (long long)c->ttl_ms, (long long)c->lead_ms);
    if (c->connect_ms > c->deadline_ms)
        return liq_fail(why, LIQ_EINVAL,
                        "[fetch] connect_ms: expected at most deadline_ms "
                        "(%lld), got %lld",
                        (long long)c->deadline_ms, (long long)c->connect_ms);
    return check_watch(&c->watch, why);
}

enum liq_err liq_config_read(struct liq_config *c, const char *file,
                             char *const *environ, const char *const *set,
                             size_t n, struct liq_reason *why)
{
    enum liq_err err = LIQ_OK;

    liq_config_defaults(c);
    if (file)
        err = liq_config_file(c, file, why);
    if (!err)
        err = liq_config_environment(c, environ, why);
    for (size_t i = 0; !err && i < n; i++)
        err = liq_config_set(c, set[i], why);
    return err ? err : liq_config_check(c, why);
}
