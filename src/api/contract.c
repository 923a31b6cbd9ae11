/* Kinds of contracts: linear ones are margined in dollars, inverse ones in the
 * coin.  An exchange that has both is served as two, "okx" and "okx-coin". */
#include "query.h"

#include <string.h>

#define COUNTERPART "-coin"

bool liq_query_admits(const struct liq_query *q, const struct liq_exchange *x)
{
    if (q->choice == LIQ_CHOOSE_ONE)
        return x == q->exchange;
    return q->contracts == LIQ_CONTRACTS_ANY ||
           q->contracts == LIQ_CONTRACTS_BOTH ||
           x->inverse == (q->contracts == LIQ_CONTRACTS_INVERSE);
}

size_t liq_query_exchanges(const struct liq_query_scope *scope,
                           const struct liq_query *q, struct liq_exchange **out,
                           size_t room)
{
    size_t n = 0;

    for (int inverse = 0; inverse < 2; inverse++) {
        for (size_t i = 0; i < scope->n_exchange && n < room; i++) {
            struct liq_exchange *x = scope->exchange[i];

            if (x->inverse == (inverse == 1) && liq_query_admits(q, x))
                out[n++] = x;
        }
    }
    return n;
}

const char *liq_query_contracts_name(const struct liq_query *q)
{
    static const char *const names[] = {"both", "linear", "inverse", "both"};

    if (q->choice == LIQ_CHOOSE_ONE)
        return q->exchange->inverse ? "inverse" : "linear";
    return names[q->contracts];
}

/* Whether the names are those of one exchange's two kinds. */
static bool are_counterparts(const char *a, const char *b)
{
    size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

    return strncmp(a, b, n) == 0 &&
           strcmp(a[n] ? a + n : b + n, COUNTERPART) == 0;
}

static struct liq_exchange *counterpart_of(const struct liq_query_scope *scope,
                                           const struct liq_exchange *x)
{
    for (size_t i = 0; i < scope->n_exchange; i++) {
        if (are_counterparts(scope->exchange[i]->name, x->name))
            return scope->exchange[i];
    }
    return NULL;
}

static bool settle_one(const struct liq_query_scope *scope, struct liq_query *q,
                       struct liq_refusal *why)
{
    bool inverse = q->contracts == LIQ_CONTRACTS_INVERSE;
    struct liq_exchange *x = q->exchange;
    struct liq_exchange *other = counterpart_of(scope, x);
    const char *has = other        ? "linear,inverse"
                      : x->inverse ? "inverse"
                                   : "linear";

    if (q->contracts == LIQ_CONTRACTS_BOTH)
        return liq_refuse(why, 400, "bad_contract", has,
                          "contract is \"both\", which needs exchange=all or "
                          "auto; expected one kind for %s",
                          x->name);
    if (q->contracts != LIQ_CONTRACTS_ANY && x->inverse != inverse) {
        if (!other)
            return liq_refuse(why, 400, "bad_contract", has,
                              "%s has no %s contracts here", x->name,
                              inverse ? "inverse" : "linear");
        q->exchange = other;
    }
    q->contracts = LIQ_CONTRACTS_ANY;
    return true;
}

bool liq_query_settle_contracts(const struct liq_query_scope *scope,
                                struct liq_query *q, struct liq_refusal *why)
{
    if (q->choice == LIQ_CHOOSE_ONE)
        return settle_one(scope, q, why);
    if (q->contracts == LIQ_CONTRACTS_ANY)
        q->contracts = LIQ_CONTRACTS_BOTH;
    for (size_t i = 0; i < scope->n_exchange; i++) {
        if (liq_query_admits(q, scope->exchange[i]))
            return true;
    }
    return liq_refuse(why, 400, "bad_contract",
                      q->contracts == LIQ_CONTRACTS_INVERSE ? "linear,both"
                                                            : "inverse,both",
                      "no exchange with %s contracts is served here",
                      liq_query_contracts_name(q));
}

const char *liq_query_exchange_name(const struct liq_query *q)
{
    if (q->choice == LIQ_CHOOSE_AUTO)
        return "auto";
    return q->choice == LIQ_CHOOSE_ALL ? "all" : q->exchange->name;
}
