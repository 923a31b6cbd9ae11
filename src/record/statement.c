#include "statement.h"

/* Of one exchange and symbol, by the key; or of all that are not NULL. */
#define ONE                                                                    \
    " WHERE exchange = ?1 AND symbol = ?2 AND time_ms >= ?3 AND time_ms < ?4"  \
    " ORDER BY time_ms"
#define ALL                                                                    \
    " WHERE (?1 IS NULL OR exchange = ?1) AND (?2 IS NULL OR symbol = ?2)"     \
    " AND time_ms >= ?3 AND time_ms < ?4 ORDER BY time_ms, exchange, symbol"

#define STATISTICS                                                             \
    "SELECT exchange, symbol, time_ms, open_interest, open_interest_usd,"      \
    " mark_price, funding_rate, long_account_share FROM statistics"
#define LIQUIDATIONS                                                           \
    "SELECT exchange, symbol, time_ms, side, price, quantity, usd, sampled"    \
    " FROM liquidation"
#define COVERS "SELECT exchange, symbol, time_ms, until_ms FROM cover"
#define PUBLICATIONS                                                           \
    "SELECT exchange, symbol, time_ms, interval_ms, close_ms, model,"          \
    " parameters, price, open_interest_usd, id FROM publication"

/* What is known stays; what is not is filled in, as by another archive. */
#define FILL(x) " " #x " = coalesce(" #x ", excluded." #x ")"
#define LACKS(x) " (" #x " IS NULL AND excluded." #x " IS NOT NULL)"

const char *const liq_statements[STATEMENTS] = {
    [PUT_STATISTICS] =
        "INSERT INTO statistics VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        " ON CONFLICT DO UPDATE SET" FILL(open_interest) "," FILL(open_interest_usd) "," FILL(mark_price) "," FILL(funding_rate) "," FILL(long_account_share) " WHERE" LACKS(
            open_interest) " OR" LACKS(open_interest_usd) " OR" LACKS(mark_price) " OR" LACKS(funding_rate) " OR" LACKS(long_account_share),
    [PUT_LIQUIDATION] = "INSERT OR IGNORE INTO liquidation VALUES"
                        " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [PUT_COVER] = "INSERT INTO cover VALUES (?1, ?2, ?3, ?4)"
                  " ON CONFLICT DO UPDATE SET until_ms = excluded.until_ms"
                  " WHERE excluded.until_ms > until_ms",
    [PUT_PUBLICATION] = "INSERT OR IGNORE INTO publication VALUES"
                        " (NULL, ?1, ?2, ?4, ?5, ?3, ?6, ?7, ?8, ?9)",
    [PUT_LEVEL] = "INSERT OR IGNORE INTO level VALUES"
                  " (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [GET_STATISTICS] = STATISTICS ONE,
    [GET_LIQUIDATIONS] = LIQUIDATIONS ONE,
    [GET_COVERS] = COVERS " WHERE exchange = ?1 AND symbol = ?2"
                          " AND until_ms > ?3 AND time_ms < ?4"
                          " ORDER BY time_ms",
    [GET_PUBLICATIONS] = PUBLICATIONS ONE,
    [ALL_STATISTICS] = STATISTICS ALL,
    [ALL_LIQUIDATIONS] = LIQUIDATIONS ALL,
    [ALL_COVERS] = COVERS
    " WHERE (?1 IS NULL OR exchange = ?1) AND (?2 IS NULL OR symbol = ?2)"
    " AND until_ms > ?3 AND time_ms < ?4 ORDER BY time_ms, exchange, symbol",
    [ALL_PUBLICATIONS] = PUBLICATIONS ALL,
    [GET_LEVELS] = "SELECT side, price, price_from, price_to, mass, usd"
                   " FROM level WHERE publication = ?1 ORDER BY side, price",
    [GET_NEWEST] = STATISTICS " WHERE exchange = ?1 AND symbol = ?2"
                              " AND time_ms >= ?3 AND time_ms < ?4"
                              " AND open_interest_usd IS NOT NULL"
                              " ORDER BY time_ms DESC LIMIT 1",
};
