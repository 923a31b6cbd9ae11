/* Settings: a row of the table, and what reads each kind of value. */
#ifndef LIQMAP_CONFIG_KEY_H
#define LIQMAP_CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One row per setting.  File, environment, --set, the defaults and a reload all
 * go through it, so they cannot differ in what they accept.
 *
 * read      value to field; false, and field unchanged, when it is not
 *           expected.  The same value gives the same bytes, [size] from offset
 * min, max  of numbers
 * expected  ends the sentence "expected ..."; numbers add their range
 */
struct key {
    const char *section, *name;
    bool (*read)(const struct key *k, const char *value, void *field);
    size_t offset, size;
    int64_t min, max;
    const char *expected, *initial;
};

/* A row of the table; NULL behind the last. */
const struct key *config_key_at(size_t i);

/* Value to field, which keeps what it had when this is false. */
bool config_read_int(const struct key *k, const char *value, void *field);
bool config_read_mode(const struct key *k, const char *value, void *field);
bool config_read_whole(const struct key *k, const char *value, void *field);
bool config_read_text(const struct key *k, const char *value, void *field);
bool config_read_socket(const struct key *k, const char *value, void *field);
bool config_read_market(const struct key *k, const char *value, void *field);
bool config_read_level(const struct key *k, const char *value, void *field);
bool config_read_time(const struct key *k, const char *value, void *field);
bool config_read_exchanges(const struct key *k, const char *value, void *field);
bool config_read_url(const struct key *k, const char *value, void *field);
bool config_read_redis(const struct key *k, const char *value, void *field);
bool config_read_shares(const struct key *k, const char *value, void *field);
bool config_read_half_lives(const struct key *k, const char *value,
                            void *field);
bool config_read_spread(const struct key *k, const char *value, void *field);
bool config_read_share(const struct key *k, const char *value, void *field);
bool config_read_margin(const struct key *k, const char *value, void *field);
bool config_read_symbols(const struct key *k, const char *value, void *field);
bool config_read_names(const struct key *k, const char *value, void *field);
bool config_read_stream(const struct key *k, const char *value, void *field);

/* http:// or https:// and a host, without a character of banned behind it. */
bool config_is_url(const char *value, const char *banned);
/* Some of name[n], at most 32, with commas between them, each once. */
bool config_read_some_of(const char *const *name, size_t n, const struct key *k,
                         const char *value, void *field);

/* config_watch.c */
bool config_read_number(const struct key *k, const char *value, void *field);
bool config_read_yes(const struct key *k, const char *value, void *field);
bool config_read_watched(const struct key *k, const char *value, void *field);
bool config_read_choice(const struct key *k, const char *value, void *field);
bool config_read_map_interval(const struct key *k, const char *value,
                              void *field);
bool config_read_events(const struct key *k, const char *value, void *field);
bool config_read_webhook(const struct key *k, const char *value, void *field);

#endif
