/* Symbols as the exchanges spell them, and back. */
#include "table.h"

#include <math.h>
#include <string.h>
#include "common.h"

#define USDT "USDT"
#define USDC "USDC"
#define BASE "<base>"

static const char *const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* text with what * stands for in pattern: "kPEPE" is "1000*" of "k*". */
static bool translate(const char *text, const char *pattern, const char *other,
                      char out[LIQ_SYMBOL_SIZE])
{
    size_t n = strlen(pattern), m = strlen(other), rest;

    if (n > 0 && pattern[n - 1] == '*') {
        n--;
        m--;
        if (strncmp(text, pattern, n) != 0 || text[n] == '\0' ||
            strchr(letters, text[n]) == NULL)
            return false;
    } else if (strcmp(text, pattern) != 0) {
        return false;
    }
    rest = strlen(text + n);
    if (m + rest >= LIQ_SYMBOL_SIZE)
        return false;
    memcpy(out, other, m);
    memcpy(out + m, text + n, rest + 1);
    return true;
}

/* The exchange's base of ours, or the reverse. */
static double alias(const struct liq_exchange_row *row, bool here,
                    char base[LIQ_SYMBOL_SIZE])
{
    const struct liq_alias *a = row->alias;
    char out[LIQ_SYMBOL_SIZE];

    for (; a != NULL && a->base != NULL; a++) {
        if (!translate(base, here ? a->there : a->base,
                       here ? a->base : a->there, out))
            continue;
        memcpy(base, out, sizeof out);
        return a->scale > 0.0 ? a->scale : 1.0;
    }
    return 1.0;
}

/* text without prefix[n] and suffix into out. */
static bool strip(const char *text, const char *prefix, size_t n,
                  const char *suffix, char out[LIQ_SYMBOL_SIZE])
{
    size_t len = strlen(text), end = strlen(suffix);

    if (len <= n + end || len - n - end >= LIQ_SYMBOL_SIZE ||
        strncmp(text, prefix, n) != 0 || strcmp(text + len - end, suffix) != 0)
        return false;
    memcpy(out, text + n, len - n - end);
    out[len - n - end] = '\0';
    return true;
}

/* Put base into the spelling. */
static bool spell(const char *spelling, const char *base,
                  char out[LIQ_SPELLING_SIZE])
{
    const char *at = strstr(spelling, BASE);
    const char *suffix = at + strlen(BASE);
    size_t n = (size_t)(at - spelling), len = strlen(base);

    if (n + len + strlen(suffix) >= LIQ_SPELLING_SIZE)
        return false;
    memcpy(out, spelling, n);
    memcpy(out + n, base, len);
    memcpy(out + n + len, suffix, strlen(suffix) + 1);
    return true;
}

bool liq_name_there(const struct liq_exchange_row *row, const char *symbol,
                    struct liq_query *q)
{
    const char *spelling = row->spelling, *quote = USDT;
    char base[LIQ_SYMBOL_SIZE];

    if (!strip(symbol, "", 0, USDT, base)) {
        spelling = row->usdc;
        quote = USDC;
        if (spelling == NULL || !strip(symbol, "", 0, USDC, base))
            return false;
    }
    q->scale = alias(row, false, base);
    q->quote = row->inverse ? "USD" : quote;
    memcpy(q->base, base, strlen(base) + 1);
    return spell(spelling, base, q->symbol);
}

/* The base in an exchange's name of a symbol. */
static bool unspell(const char *spelling, const char *there,
                    char base[LIQ_SYMBOL_SIZE])
{
    const char *at = strstr(spelling, BASE);

    return strip(there, spelling, (size_t)(at - spelling), at + strlen(BASE),
                 base);
}

bool liq_name_here(const struct liq_exchange_row *row, const char *there,
                   struct liq_symbol *out, double *scale)
{
    const char *quote = USDT;
    size_t n;

    memset(out, 0, sizeof *out);
    out->tick = NAN;
    if (!unspell(row->spelling, there, out->base)) {
        quote = USDC;
        if (row->usdc == NULL || !unspell(row->usdc, there, out->base))
            return false;
    }
    *scale = alias(row, true, out->base);
    n = strlen(out->base);
    if (n + strlen(quote) >= sizeof out->name)
        return false;
    memcpy(out->name, out->base, n);
    memcpy(out->name + n, quote, strlen(quote) + 1);
    return liq_symbol_valid(out->name);
}
