/* Every exchange by the same tests: a row each of what it would be requested,
 * what it responds, and what that means. */
#include "unit/exchange/serve.h"

#include <dirent.h>

/* How many pages (Hyperliquid: with one of the last day) a series needs first:
 * 1500 to 1875 display candles, in engine ones.  shorter: the exchange does not
 * go back that far. */
struct cold_start {
    const char *display, *engine;
    size_t pages;
    bool shorter;
};

struct failure {
    const char *name, *match;
    int status;
    const char *body, *headers;
    enum liq_err err;
    const char *says; /* how the reason goes on after the exchange's name */
    int64_t wait_ms;  /* 0: requests go on */
};

struct expected {
    double last, high, low, change, volume, quote_volume;
    double open_interest, open_interest_usd, mark_price, funding_rate;
    int64_t next_funding_ms;
    double long_account_share;
    double max_leverage, maintenance_margin_rate;
    int funding_hours; /* 0: not known */
};

/*
 * candles  what requests for candles contain
 * url      the one for two candles of url_ms
 * requests so many in the first fetch, the clock apart
 * live     fixtures of the endpoints of now, and what they say
 * past...  of a moment so many days ago, by serve
 */
struct adapter {
    const char *name;
    mock_serve_fn *serve;
    const char *candles, *url;
    int64_t url_ms;
    size_t requests;
    struct cold_start cold[5];
    struct {
        const char *match, *file;
    } live[6];
    struct expected expected;
    const char *kline_folder; /* NULL: its own */
    bool gives_quote;
    int past_days;
    double past_open_interest, past_share;
    const char *symbols_match, *symbols_file;
    struct {
        const char *name, *base;
        double tick; /* 0: not said */
    } symbols[6];
    struct failure failure[12];
};

static const struct adapter adapters[] = {
    {.name = "binance",
     .serve = serve_binance,
     .candles = "/klines",
     .url =
         "http://x/fapi/v1/"
         "klines?symbol=BTCUSDT&interval=1h&startTime=1760126400000&limit=99",
     .url_ms = LIQ_HOUR_MS,
     .requests = 7,
     .cold = {{"5m", "1m", 18, false},
              {"15m", "5m", 10, false},
              {"1h", "15m", 15, false},
              {"4h", "1h", 15, false},
              {"1d", "4h", 20, false}},
     .live = {{"/ticker", "ticker.json"},
              {"/openInterest?", "open_interest.json"},
              {"/premiumIndex", "premium.json"},
              {"Ratio", "ratio.json"}},
     .expected = {60620.3, 61900, 60500, -0.786, 118913.3, 7254900000.1,
                  81234.567, 81234.567 * 60615, 60615, -0.000125,
                  INT64_C(1760140800000), 0.6617, 150, 0.004, 8},
     .kline_folder = "binance-spot",
     .gives_quote = true,
     .past_days = 20,
     .past_open_interest = 1500,
     .past_share = 0.6,
     .symbols_match = "/exchangeInfo",
     .symbols_file = "exchange_info.json",
     .symbols = {{"1000PEPEUSDT", "1000PEPE", 0.0},
                 {"BTCUSDC", "BTC", 0.0},
                 {"BTCUSDT", "BTC", 0.1},
                 {"ETHUSDT", "ETH", 0.01},
                 {"GOLDUSDT", "GOLD", 0.0}},
     .failure = {{"symbol", "/klines", 400,
                  "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", NULL,
                  LIQ_ENOTFOUND, "HTTP 400: Invalid symbol.", 0}}},
    {.name = "binance-spot",
     .serve = serve_binance_spot,
     .candles = "/klines",
     .url =
         "http://x/api/v3/"
         "klines?symbol=BTCUSDT&interval=1h&startTime=1760126400000&limit=1000",
     .url_ms = LIQ_HOUR_MS,
     .requests = 3,
     .cold = {{"5m", "1m", 9, false},
              {"15m", "5m", 5, false},
              {"1h", "15m", 8, false},
              {"4h", "1h", 8, false},
              {"1d", "4h", 10, false}},
     .live = {{"/ticker", "ticker.json"}},
     .expected = {60620.3, 61900, 60500, -0.786, 18913.3, 1154900000.1, NAN,
                  NAN, NAN, NAN, 0, NAN, NAN, NAN, 0},

     .gives_quote = true,
     .past_days = 40,
     .past_open_interest = NAN,
     .past_share = NAN,
     .symbols_match =
         "/exchangeInfo?symbolStatus=TRADING&showPermissionSets=false",
     .symbols_file = "symbols.json",
     .symbols = {{"BTCUSDT", "BTC", 0.01}, {"ETHUSDT", "ETH", 0.01}},
     .failure = {{"symbol", "/klines", 400,
                  "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", NULL,
                  LIQ_ENOTFOUND, "HTTP 400: Invalid symbol.", 0},
                 {"region", "/klines", 451, "{\"code\":0,\"msg\":\"Not here\"}",
                  NULL, LIQ_EBLOCKED, "HTTP 451: Not here", 300000},
                 {"ban", "/klines", 418, "", "retry-after: 300\n", LIQ_ERATE,
                  "HTTP 418", 300000},
                 {"rate", "/klines", 429, "", NULL, LIQ_ERATE, "HTTP 429",
                  60000}}},
    {.name = "bybit",
     .serve = serve_bybit,
     .candles = "/kline",
     .url = "http://x/v5/market/"
            "kline?category=linear&symbol=BTCUSDT&interval=60&start="
            "1760126400000&limit=1000",
     .url_ms = LIQ_HOUR_MS,
     .requests = 4,
     .cold = {{"5m", "1m", 9, false},
              {"15m", "5m", 5, false},
              {"1h", "15m", 8, false},
              {"4h", "1h", 8, false},
              {"1d", "4h", 10, false}},
     .live = {{"/risk-limit", "limits.json"},
              {"/tickers", "ticker.json"},
              {"/account-ratio", "ratio.json"}},
     .expected = {60620.3, 61900, 60500, -0.786, 118913.3, 7254900000.1,
                  52000.25, 3152000000.125, 60615, -0.000125,
                  INT64_C(1760140800000), 0.6617, 100, 0.005, 8},

     .gives_quote = true,
     .past_days = 100,
     .past_open_interest = 1500,
     .past_share = 0.6,
     .symbols_match = "/instruments-info?category=linear",
     .symbols_file = "symbols.json",
     .symbols = {{"1000PEPEUSDT", "1000PEPE", 0.0},
                 {"BTCUSDC", "BTC", 0.1},
                 {"BTCUSDT", "BTC", 0.1},
                 {"ETHUSDT", "ETH", 0.01}},
     .failure = {{"symbol", "/kline", 200,
                  "{\"retCode\":10001,\"retMsg\":\"Not supported symbols\"}",
                  NULL, LIQ_ENOTFOUND, "HTTP 200: Not supported symbols", 0},
                 {"our mistake", "/kline", 200,
                  "{\"retCode\":10001,\"retMsg\":\"params error\"}", NULL,
                  LIQ_EFORMAT, "HTTP 200: params error", 0},
                 {"rate", "/kline", 200,
                  "{\"retCode\":10006,\"retMsg\":\"Too many visits!\"}", NULL,
                  LIQ_ERATE, "HTTP 200: Too many visits!", 5000},
                 {"rate, and until when", "/kline", 200,
                  "{\"retCode\":10006,\"retMsg\":\"Too many visits!\"}",
                  "x-bapi-limit-reset-timestamp: 1760132348678\n", LIQ_ERATE,
                  "HTTP 200: Too many visits!", 3000},
                 {"banned for the rate", "/kline", 403,
                  "<html>403 access too frequent</html>", NULL, LIQ_ERATE,
                  "HTTP 403: access too frequent", 600000},
                 {"blocked region", "/kline", 403, "<html>CloudFront</html>",
                  NULL, LIQ_EBLOCKED, "HTTP 403", 600000},
                 {"region", "/kline", 200,
                  "{\"retCode\":10024,\"retMsg\":\"Compliance rules\"}", NULL,
                  LIQ_EBLOCKED, "HTTP 200: Compliance rules", 600000},
                 {"protection", "/kline", 429, "", "retry-after: 7\n",
                  LIQ_ERATE, "HTTP 429", 7000},
                 {"restarting", "/kline", 200,
                  "{\"retCode\":10016,\"retMsg\":\"Internal error\"}", NULL,
                  LIQ_ENET, "HTTP 200: Internal error", 0},
                 {"a code without words", "/kline", 200,
                  "{\"retCode\":10016,\"retMsg\":\"\"}", NULL, LIQ_ENET,
                  "HTTP 200: 10016", 0},
                 {"no list", "/kline", 200, "{\"retCode\":0,\"result\":{}}",
                  NULL, LIQ_EFORMAT,
                  "candles: no array result.list in the body", 0},
                 {"html", "/kline", 200, "<html>", NULL, LIQ_EFORMAT,
                  "the body is not JSON", 0}}},
    {.name = "okx",
     .serve = serve_okx,
     .candles = "andles",
     .url = "http://x/api/v5/market/"
            "candles?instId=BTC-USDT-SWAP&bar=1Dutc&before=1759967999999&after="
            "1760313600000&limit=300",
     .url_ms = LIQ_DAY_MS,
     .requests = 8,
     .cold = {{"5m", "5m", 7, false},
              {"15m", "15m", 6, false},
              {"1h", "1h", 7, false},
              {"4h", "4h", 7, false},
              {"1d", "1d", 6, false}},
     .live = {{"/position-tiers", "limits.json"},
              {"/market/ticker", "ticker.json"},
              {"/public/open-interest", "open_interest.json"},
              {"/mark-price", "mark.json"},
              {"/funding-rate", "funding.json"},
              {"/long-short", "ratio.json"}},
     .expected = {60620.3, 61900, 60500, (60620.3 / 61100 - 1) * 100, 118913.3,
                  NAN, 31000.5, 1879000000.25, 60615, -0.000125,
                  INT64_C(1760140800000), 0.6, 100, 0.004, 8},

     .gives_quote = true,
     .past_days = 40,
     .past_open_interest = 1500,
     .past_share = 0.6,
     .symbols_match = "/instruments?instType=SWAP",
     .symbols_file = "symbols.json",
     .symbols = {{"1000PEPEUSDT", "1000PEPE", 1e-6},
                 {"BTCUSDT", "BTC", 0.1},
                 {"ETHUSDT", "ETH", 0.01}},
     .failure =
         {{"symbol", "/candles", 200,
           "{\"code\":\"51001\",\"msg\":\"Instrument ID doesn't exist.\","
           "\"data\":[]}",
           NULL, LIQ_ENOTFOUND, "HTTP 200: Instrument ID doesn't exist.", 0},
          {"symbol, as a parameter", "/candles", 400,
           "{\"code\":\"51000\",\"msg\":\"Parameter instId error\"}", NULL,
           LIQ_ENOTFOUND, "HTTP 400: Parameter instId error", 0},
          {"our mistake", "/candles", 400,
           "{\"code\":\"51000\",\"msg\":\"Parameter bar error\"}", NULL,
           LIQ_EFORMAT, "HTTP 400: Parameter bar error", 0},
          {"rate", "/candles", 429,
           "{\"code\":\"50011\",\"msg\":\"Too Many Requests\"}", NULL,
           LIQ_ERATE, "HTTP 429: Too Many Requests", 2000},
          {"rate with status 200", "/candles", 200,
           "{\"code\":\"50011\",\"msg\":\"Too Many Requests\"}", NULL,
           LIQ_ERATE, "HTTP 200: Too Many Requests", 2000},
          {"region", "/candles", 200,
           "{\"code\":\"50051\",\"msg\":\"Not here\"}", NULL, LIQ_EBLOCKED,
           "HTTP 200: Not here", 300000},
          {"busy", "/candles", 503, "{\"code\":\"50001\",\"msg\":\"Later\"}",
           NULL, LIQ_ENET, "HTTP 503: Later", 0},
          {"no data", "/candles", 200, "{\"code\":\"0\"}", NULL, LIQ_EFORMAT,
           "candles: no array data in the body", 0},
          {"nothing in range", "/candles", 200, "{\"code\":\"0\",\"data\":[]}",
           NULL, LIQ_ENOTFOUND, "no candles of BTCUSDT", 0}}},
    {.name = "bitget",
     .serve = serve_bitget,
     .candles = "candles",
     .url = "http://x/api/v2/mix/market/"
            "candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1Dutc&"
            "startTime=1759967999999&endTime=1760313600000&limit=1000",
     .url_ms = LIQ_DAY_MS,
     .requests = 5,
     .cold = {{"5m", "5m", 2, false},
              {"15m", "5m", 5, false},
              {"1h", "30m", 7, false},
              {"4h", "4h", 6, false},
              {"1d", "1d", 12, true}},
     .live = {{"/query-position-lever", "limits.json"},
              {"/market/ticker", "ticker.json"},
              {"/current-fund-rate", "funding.json"},
              {"/account-long-short", "ratio.json"}},
     .expected = {60620.3, 61900, 60500, -0.786, 118913.3, 7254900000.1,
                  34278.06, 34278.06 * 60615, 60615, -0.000125,
                  INT64_C(1760140800000), 0.6, 125, 0.004, 8},

     .gives_quote = true,
     .past_days = 40,
     .past_open_interest = NAN,
     .past_share = NAN,
     .symbols_match = "/contracts?productType=USDT-FUTURES",
     .symbols_file = "symbols.json",
     .symbols = {{"BTCUSDT", "BTC", 0.5},
                 {"ETHUSDT", "ETH", 0.01},
                 {"SOLUSDT", "SOL", 0.0}},
     .failure = {{"symbol", "/candles", 400,
                  "{\"code\":\"40034\",\"msg\":\"Parameter X does not exist\"}",
                  NULL, LIQ_ENOTFOUND, "HTTP 400: Parameter X does not exist",
                  0},
                 {"our mistake", "/candles", 400,
                  "{\"code\":\"40017\",\"msg\":\"Parameter wrong\"}", NULL,
                  LIQ_EFORMAT, "HTTP 400: Parameter wrong", 0},
                 {"rate", "/candles", 429,
                  "{\"code\":\"429\",\"msg\":\"Too Many Requests\"}", NULL,
                  LIQ_ERATE, "HTTP 429: Too Many Requests", 5000},
                 {"region", "/candles", 200,
                  "{\"code\":\"40104\",\"msg\":\"Not here\"}", NULL,
                  LIQ_EBLOCKED, "HTTP 200: Not here", 300000},
                 {"upgrade", "/candles", 200,
                  "{\"code\":\"40200\",\"msg\":\"Server upgrade\"}", NULL,
                  LIQ_ENET, "HTTP 200: Server upgrade", 0},
                 {"null", "/candles", 200, "{\"code\":\"00000\",\"data\":null}",
                  NULL, LIQ_EFORMAT, "candles: no array data in the body", 0}}},
    {.name = "gate",
     .serve = serve_gate,
     .candles = "/candlesticks",
     .url = "http://x/futures/usdt/"
            "candlesticks?contract=BTC_USDT&interval=1h&from=1760126400",
     .url_ms = LIQ_HOUR_MS,
     .requests = 5,
     .cold = {{"5m", "1m", 5, false},
              {"15m", "5m", 3, false},
              {"1h", "15m", 4, false},
              {"4h", "1h", 4, false},
              {"1d", "8h", 3, false}},
     .live = {{"/tickers", "ticker.json"},
              {"/contracts/", "contract.json"},
              {"/contract_stats", "stats.json"}},
     .expected = {60620.3, 61900, 60500, -0.786, 118913.3, 7254900000.1,
                  52000.25, 52000.25 * 60615, 60615, -0.000125,
                  INT64_C(1760140800000), 0.6, 125, 0.004, 8},

     .gives_quote = true,
     .past_days = 40,
     .past_open_interest = 1500,
     .past_share = 0.6,
     .symbols_match = "/futures/usdt/contracts",
     .symbols_file = "symbols.json",
     .symbols = {{"BTCUSDT", "BTC", 0.1},
                 {"ETHUSDT", "ETH", 0.01},
                 {"SOLUSDT", "SOL", 0.0}},
     .failure = {{"symbol", "/contracts/", 400,
                  "{\"label\":\"CONTRACT_NOT_FOUND\",\"message\":\"\"}", NULL,
                  LIQ_ENOTFOUND, "HTTP 400: CONTRACT_NOT_FOUND", 0},
                 {"our mistake", "/candlesticks", 400,
                  "{\"label\":\"INVALID_PARAM_VALUE\",\"message\":\"Bad\"}",
                  NULL, LIQ_EFORMAT, "HTTP 400: Bad", 0},
                 {"rate", "/candlesticks", 429,
                  "{\"label\":\"TOO_MANY_REQUESTS\",\"message\":\"Slow\"}",
                  NULL, LIQ_ERATE, "HTTP 429: Slow", 10000},
                 {"rate, and until when", "/candlesticks", 429, "",
                  "x-gate-ratelimit-reset-timestamp: 1760132349\n", LIQ_ERATE,
                  "HTTP 429", 3322},
                 {"busy", "/candlesticks", 503,
                  "{\"label\":\"TOO_BUSY\",\"message\":\"Busy\"}", NULL,
                  LIQ_ENET, "HTTP 503: Busy", 0},
                 {"blocked", "/candlesticks", 403, "<html>", NULL, LIQ_EBLOCKED,
                  "HTTP 403", 300000},
                 {"an object", "/candlesticks", 200, "{}", NULL, LIQ_EFORMAT,
                  "candles: the body is not an array", 0}}},
    {.name = "kucoin",
     .serve = serve_kucoin,
     .candles = "/kline/",
     .url = "http://x/api/v1/kline/"
            "query?symbol=XBTUSDTM&granularity=60&from=1760126400000&to="
            "1760140799999",
     .url_ms = LIQ_HOUR_MS,
     .requests = 3,
     .cold = {{"5m", "1m", 44, false},
              {"15m", "5m", 24, false},
              {"1h", "15m", 37, false},
              {"4h", "1h", 38, false},
              {"1d", "4h", 49, false}},
     .live = {{"/contracts/", "contract.json"}},
     .expected = {60620.3, 61900, 60500, -0.786, 118913.3, 7254900000.1,
                  6724.723, 6724.723 * 60615, 60615, -0.000125,
                  INT64_C(1760140800000), NAN, 125, 0.004, 8},

     .gives_quote = false,
     .past_days = 40,
     .past_open_interest = 1500,
     .past_share = NAN,
     .symbols_match = "/api/v1/contracts/active",
     .symbols_file = "symbols.json",
     .symbols = {{"BTCUSDT", "BTC", 0.1},
                 {"ETHUSDT", "ETH", 0.01},
                 {"SOLUSDT", "SOL", 0.0}},
     .failure =
         {{"symbol", "/contracts/", 200,
           "{\"code\":\"200003\",\"msg\":\"Symbol not exist.\"}", NULL,
           LIQ_ENOTFOUND, "HTTP 200: Symbol not exist.", 0},
          {"our mistake", "/kline/", 400,
           "{\"code\":\"400100\",\"msg\":\"Bad\"}", NULL, LIQ_EFORMAT,
           "HTTP 400: Bad", 0},
          {"rate", "/kline/", 429,
           "{\"code\":\"429000\",\"msg\":\"Too many requests\"}", NULL,
           LIQ_ERATE, "HTTP 429: Too many requests", 30000},
          {"rate, and for how long", "/kline/", 429,
           "{\"code\":\"429000\",\"msg\":\"Too many requests\"}",
           "gw-ratelimit-reset: 12345\n", LIQ_ERATE,
           "HTTP 429: Too many requests", 12345},
          {"banned", "/kline/", 403, "{\"code\":\"1015\",\"msg\":\"Slow\"}",
           NULL, LIQ_ERATE, "HTTP 403: Slow", 30000},
          {"banned for less", "/kline/", 200,
           "{\"code\":\"200002\",\"msg\":\"Slow\"}", NULL, LIQ_ERATE,
           "HTTP 200: Slow", 10000},
          {"region", "/kline/", 200, "{\"code\":\"400500\",\"msg\":\"Not\"}",
           NULL, LIQ_EBLOCKED, "HTTP 200: Not", 300000},
          {"internal", "/kline/", 200, "{\"code\":\"500000\",\"msg\":\"Oh\"}",
           NULL, LIQ_ENET, "HTTP 200: Oh", 0},
          {"an object", "/kline/", 200, "{\"code\":\"200000\",\"data\":{}}",
           NULL, LIQ_EFORMAT, "candles: no array data in the body", 0}}},
    {.name = "hyperliquid",
     .serve = serve_hyperliquid,
     .candles = "candleSnapshot",
     .url = "http://x/"
            "info{\"type\":\"candleSnapshot\",\"req\":{\"coin\":\"BTC\","
            "\"interval\":\"1h\",\"startTime\":1760126400000,\"endTime\":"
            "1760140799999}}",
     .url_ms = LIQ_HOUR_MS,
     .requests = 3,
     .cold = {{"5m", "5m", 2, false},
              {"15m", "15m", 2, false},
              {"1h", "30m", 2, false},
              {"4h", "2h", 2, false},
              {"1d", "12h", 2, false}},
     .live = {{"metaAndAssetCtxs", "everything.json"}},
     .expected = {60620.5, 108, 99, (60620.5 / 61100 - 1) * 100, 41913.3,
                  2554900000.1, 30123.5, 30123.5 * 60615, 60615, -0.0000125,
                  INT64_C(1760133600000), NAN, 40, 0.0125, 1},

     .gives_quote = false,
     .past_days = 40,
     .past_open_interest = NAN,
     .past_share = NAN,
     .symbols_match = "metaAndAssetCtxs",
     .symbols_file = "everything.json",
     .symbols = {{"1000PEPEUSDT", "1000PEPE", 1e-6},
                 {"BTCUSDT", "BTC", 1.0},
                 {"ETHUSDT", "ETH", 0.1},
                 {"THINUSDT", "THIN", 1e-4}},
     .failure = {{"not listed", "metaAndAssetCtxs", 200,
                  "[{\"universe\":[{\"name\":\"ETH\"}]},[{\"markPx\":\"5\"}]]",
                  NULL, LIQ_ENOTFOUND, "BTC is not listed", 0},
                 {"malformed", "interval\":\"1d", 422,
                  "Failed to deserialize the JSON body into the target type",
                  NULL, LIQ_EFORMAT,
                  "HTTP 422: Failed to deserialize the JSON body", 0},
                 {"rate", "interval\":\"1d", 429, "null", NULL, LIQ_ERATE,
                  "HTTP 429", 60000},
                 {"rate, by a proxy", "interval\":\"1d", 429,
                  "<html>429</html>", "retry-after: 11\n", LIQ_ERATE,
                  "HTTP 429", 11000},
                 {"unknown coin", "interval\":\"1d", 500, "null", NULL,
                  LIQ_ENET, "HTTP 500", 0},
                 {"blocked", "interval\":\"1d", 403, "", NULL, LIQ_EBLOCKED,
                  "HTTP 403", 300000},
                 {"an object", "interval\":\"1d", 200, "{}", NULL, LIQ_EFORMAT,
                  "candles: the body is not an array", 0}}},
    {.name = "bybit-coin",
     .serve = serve_bybit,
     .candles = "/kline",
     .url = "http://x/v5/market/"
            "kline?category=inverse&symbol=BTCUSD&interval=60&start="
            "1760126400000&limit=1000",
     .url_ms = LIQ_HOUR_MS,
     .requests = 4,
     .cold = {{"5m", "1m", 9, false},
              {"15m", "5m", 5, false},
              {"1h", "15m", 8, false},
              {"4h", "1h", 8, false},
              {"1d", "4h", 10, false}},
     .live = {{"/risk-limit", "limits.json"},
              {"/tickers", "ticker.json"},
              {NULL, NULL}},
     .expected = {60620.3, 61900, 60500, -0.786, 118913.3, 7254900000.1,
                  52000.25, 3152000000.125, 60615, -0.000125,
                  INT64_C(1760140800000), 0.6, 100, 0.005, 8},

     .gives_quote = true,
     .past_days = 100,
     .past_open_interest = 1500,
     .past_share = 0.6,
     .symbols_match = "/instruments-info?category=inverse",
     .symbols_file = "symbols.json",
     .symbols = {{"BTCUSDT", "BTC", 0.5}, {"ETHUSDT", "ETH", 0.5}},
     .failure = {{"symbol", "/kline", 200,
                  "{\"retCode\":10001,\"retMsg\":\"Not supported symbols\"}",
                  NULL, LIQ_ENOTFOUND, "HTTP 200: Not supported symbols", 0},
                 {"our mistake", "/kline", 200,
                  "{\"retCode\":10001,\"retMsg\":\"params error\"}", NULL,
                  LIQ_EFORMAT, "HTTP 200: params error", 0},
                 {"rate", "/kline", 200,
                  "{\"retCode\":10006,\"retMsg\":\"Too many visits!\"}", NULL,
                  LIQ_ERATE, "HTTP 200: Too many visits!", 5000},
                 {"rate, and until when", "/kline", 200,
                  "{\"retCode\":10006,\"retMsg\":\"Too many visits!\"}",
                  "x-bapi-limit-reset-timestamp: 1760132348678\n", LIQ_ERATE,
                  "HTTP 200: Too many visits!", 3000},
                 {"banned for the rate", "/kline", 403,
                  "<html>403 access too frequent</html>", NULL, LIQ_ERATE,
                  "HTTP 403: access too frequent", 600000},
                 {"blocked region", "/kline", 403, "<html>CloudFront</html>",
                  NULL, LIQ_EBLOCKED, "HTTP 403", 600000},
                 {"region", "/kline", 200,
                  "{\"retCode\":10024,\"retMsg\":\"Compliance rules\"}", NULL,
                  LIQ_EBLOCKED, "HTTP 200: Compliance rules", 600000},
                 {"protection", "/kline", 429, "", "retry-after: 7\n",
                  LIQ_ERATE, "HTTP 429", 7000},
                 {"restarting", "/kline", 200,
                  "{\"retCode\":10016,\"retMsg\":\"Internal error\"}", NULL,
                  LIQ_ENET, "HTTP 200: Internal error", 0},
                 {"no list", "/kline", 200, "{\"retCode\":0,\"result\":{}}",
                  NULL, LIQ_EFORMAT,
                  "candles: no array result.list in the body", 0},
                 {"html", "/kline", 200, "<html>", NULL, LIQ_EFORMAT,
                  "the body is not JSON", 0}}},
    {.name = "okx-coin",
     .serve = serve_okx,
     .candles = "andles",
     .url = "http://x/api/v5/market/"
            "candles?instId=BTC-USD-SWAP&bar=1Dutc&before=1759967999999&after="
            "1760313600000&limit=300",
     .url_ms = LIQ_DAY_MS,
     .requests = 8,
     .cold = {{"5m", "5m", 7, false},
              {"15m", "15m", 6, false},
              {"1h", "1h", 7, false},
              {"4h", "4h", 7, false},
              {"1d", "1d", 6, false}},
     .live = {{"/position-tiers", "limits.json"},
              {"/market/ticker", "ticker.json"},
              {"/public/open-interest", "open_interest.json"}},
     .kline_folder = "okx",
     .expected = {60620.3, 61900, 60500, (60620.3 / 61100 - 1) * 100, 118913.3,
                  NAN, 31000.5, 1879000000.25, 102, 0.0001,
                  INT64_C(1760140800000), 0.6, 100, 0.004, 0},

     .gives_quote = true,
     .past_days = 40,
     .past_open_interest = 1500,
     .past_share = 0.6,
     .symbols_match = "/instruments?instType=SWAP",
     .symbols_file = "symbols.json",
     .symbols = {{"BTCUSDT", "BTC", 0.1}, {"ETHUSDT", "ETH", 0.1}},
     .failure =
         {{"symbol", "/candles", 200,
           "{\"code\":\"51001\",\"msg\":\"Instrument ID doesn't exist.\","
           "\"data\":[]}",
           NULL, LIQ_ENOTFOUND, "HTTP 200: Instrument ID doesn't exist.", 0},
          {"symbol, as a parameter", "/candles", 400,
           "{\"code\":\"51000\",\"msg\":\"Parameter instId error\"}", NULL,
           LIQ_ENOTFOUND, "HTTP 400: Parameter instId error", 0},
          {"our mistake", "/candles", 400,
           "{\"code\":\"51000\",\"msg\":\"Parameter bar error\"}", NULL,
           LIQ_EFORMAT, "HTTP 400: Parameter bar error", 0},
          {"rate", "/candles", 429,
           "{\"code\":\"50011\",\"msg\":\"Too Many Requests\"}", NULL,
           LIQ_ERATE, "HTTP 429: Too Many Requests", 2000},
          {"rate with status 200", "/candles", 200,
           "{\"code\":\"50011\",\"msg\":\"Too Many Requests\"}", NULL,
           LIQ_ERATE, "HTTP 200: Too Many Requests", 2000},
          {"region", "/candles", 200,
           "{\"code\":\"50051\",\"msg\":\"Not here\"}", NULL, LIQ_EBLOCKED,
           "HTTP 200: Not here", 300000},
          {"busy", "/candles", 503, "{\"code\":\"50001\",\"msg\":\"Later\"}",
           NULL, LIQ_ENET, "HTTP 503: Later", 0},
          {"no data", "/candles", 200, "{\"code\":\"0\"}", NULL, LIQ_EFORMAT,
           "candles: no array data in the body", 0},
          {"nothing in range", "/candles", 200, "{\"code\":\"0\",\"data\":[]}",
           NULL, LIQ_ENOTFOUND, "no candles of BTCUSDT", 0}}},
    {.name = "binance-coin",
     .serve = serve_binance_coin,
     .candles = "/klines",
     .url = "http://x/dapi/v1/klines?symbol=BTCUSD_PERP&interval=1h"
            "&startTime=1760126400000&limit=99",
     .url_ms = LIQ_HOUR_MS,
     .requests = 7,
     .cold = {{"5m", "1m", 18, false},
              {"15m", "5m", 10, false},
              {"1h", "15m", 15, false},
              {"4h", "1h", 15, false},
              {"1d", "4h", 20, false}},
     .live = {{"/ticker", "ticker.json"},
              {"/openInterest?", "open_interest.json"},
              {"/premiumIndex", "premium.json"},
              {"Ratio", "ratio.json"}},
     .expected = {60620.3, 61900, 60500, -0.786, 118913.3, 7254900000.1,
                  3150000000 / 60615.0, 3150000000, 60615, -0.000125,
                  INT64_C(1760140800000), 0.6617, NAN, NAN, 8},

     .gives_quote = true,
     .past_days = 20,
     .past_open_interest = 1480,
     .past_share = 0.6,
     .symbols_match = "/exchangeInfo",
     .symbols_file = "exchange_info.json",
     .symbols = {{"BTCUSDT", "BTC", 0.1}, {"ETHUSDT", "ETH", 0.1}},
     .failure = {{"symbol", "/klines", 400,
                  "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", NULL,
                  LIQ_ENOTFOUND, "HTTP 400: Invalid symbol.", 0}}},
    {.name = "htx",
     .serve = serve_htx,
     .candles = "/kline",
     .url = "http://x/linear-swap-ex/market/history/kline?contract_code="
            "BTC-USDT&period=60min&from=1760126400&to=1760140799",
     .url_ms = LIQ_HOUR_MS,
     .requests = 4,
     .cold = {{"5m", "1m", 5, false},
              {"15m", "5m", 3, false},
              {"1h", "15m", 4, false},
              {"4h", "1h", 4, false},
              {"1d", "4h", 3, true}},
     .live = {{"/merged", "ticker.json"},
              {"/swap_open_interest", "open_interest.json"},
              {"/swap_funding_rate", "funding.json"}},
     .expected = {60620.3, 61900, 60500, (60620.3 / 61100 - 1) * 100, 118913.3,
                  7254900000.1, 17000.25, 1030545000.125, NAN, -0.000125,
                  INT64_C(1760140800000), NAN, NAN, NAN, 0},
     .gives_quote = true,
     .past_days = 5,
     .past_open_interest = 1500,
     .past_share = NAN,
     .symbols_match = "/swap_contract_info",
     .symbols_file = "symbols.json",
     .symbols = {{"1000PEPEUSDT", "1000PEPE", 100.0},
                 {"BTCUSDT", "BTC", 0.1},
                 {"ETHUSDT", "ETH", 0.1}},
     .failure =
         {{"symbol", "/kline", 200,
           "{\"status\":\"error\",\"err_code\":1332,\"err_msg\":\"No such "
           "contract.\"}",
           NULL, LIQ_ENOTFOUND, "HTTP 200: No such contract.", 0},
          {"our mistake", "/kline", 200,
           "{\"status\":\"error\",\"err-code\":\"invalid-parameter\",\"err-"
           "msg\":\"invalid period\"}",
           NULL, LIQ_EFORMAT, "HTTP 200: invalid period", 0},
          {"rate", "/kline", 429,
           "{\"status\":\"error\",\"err_code\":1032,\"err_msg\":\"Too many.\"}",
           NULL, LIQ_ERATE, "HTTP 429: Too many.", 3000},
          {"system", "/kline", 200,
           "{\"status\":\"error\",\"err_code\":1000,\"err_msg\":\"System "
           "error.\"}",
           NULL, LIQ_ENET, "HTTP 200: System error.", 0},
          {"blocked", "/kline", 403, "<html>", NULL, LIQ_EBLOCKED, "HTTP 403",
           300000},
          {"no list", "/kline", 200, "{\"status\":\"ok\"}", NULL, LIQ_EFORMAT,
           "candles: no array data in the body", 0}}},
};
#define N_ADAPTERS (sizeof adapters / sizeof adapters[0])

static const struct adapter *a;

/* --- candles -------------------------------------------------------------- */

static void check_cold_start(const struct cold_start *c)
{
    int64_t display = liq_interval_ms(c->display);
    int64_t engine = liq_interval_ms(c->engine);
    int64_t now = mock_now();
    int64_t from = liq_interval_floor(
        liq_interval_floor(now, display) - 1500 * display, 375 * display);
    size_t rows = (size_t)((now - from) / engine + 1), i;
    const struct liq_klines *k = &got.data.klines;

    assert_true(mock.exchange->engine_ms(mock.exchange, display) == engine);
    must(fetch_clock());
    mock_clear();
    must(fetch_of("BTCUSDT", engine, from, 0));
    if (c->shorter) {
        assert_true(k->n > 600 && k->n < rows);
        rows = k->n;
    }
    assert_int_equal(k->n, rows);
    for (i = 1; i < rows; i++)
        assert_true(k->at[i].open_ms == k->at[i - 1].open_ms + engine);
    assert_true(k->at[rows - 1].open_ms ==
                liq_interval_floor(mock_now(), engine));
    if (got.data.n_warning > 0)
        fail_msg("%s %s: %s", a->name, c->display, got.data.warning[0]);
    if (mock.n_batch != 1)
        fail_msg("%s %s: %zu batches", a->name, c->display, mock.n_batch);
    i = mock_count(a->candles);
    if (i != c->pages)
        fail_msg("%s %s: %zu pages", a->name, c->display, i);
    assert_true(got.data.server_ms >= mock_now() - 1000);
    assert_true(got.data.server_ms <= mock_now());
}

static void cold_starts(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < N_ADAPTERS; i++) {
        a = &adapters[i];
        mock_setup(a->name, a->serve, 0);
        for (j = 0; j < 5; j++) {
            check_cold_start(&a->cold[j]);
            pass(10 * LIQ_MINUTE_MS);
        }
        mock_teardown(NULL);
    }
}

/* Every interval of a symbol at once, as somebody who looks around does: none
 * is refused, and all come in time, with our half of the limits. */
static struct liq_fetch many[5];
static size_t n_good;

static void count_good(struct liq_fetch *f)
{
    if (f->why.code != LIQ_OK)
        fail_msg("%s: %s", a->name, f->why.text);
    n_good++;
    liq_market_data_free(&f->data);
}

static void five_intervals(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < N_ADAPTERS; i++) {
        int64_t begun;

        a = &adapters[i];
        mock_setup(a->name, a->serve, 0);
        must(fetch_clock());
        begun = mock.clock.held_mono_ms;
        n_good = 0;
        for (j = 0; j < 5; j++) {
            int64_t display = liq_interval_ms(a->cold[j].display);
            struct liq_fetch f = {
                .kind = LIQ_FETCH_SERIES,
                .symbol = "BTCUSDT",
                .interval_ms = liq_interval_ms(a->cold[j].engine),
                .from_ms =
                    liq_interval_floor(mock_now(), display) - 1874 * display,
                .deadline_ms = begun + DEADLINE_MS,
                .done = count_good};

            many[j] = f;
            mock.exchange->fetch(mock.exchange, &many[j]);
        }
        while (n_good < 5 && mock.clock.held_mono_ms < begun + DEADLINE_MS) {
            run_all();
            pass(10);
        }
        if (n_good < 5)
            fail_msg("%s: %zu of 5", a->name, n_good);
        mock_teardown(NULL);
    }
}

/* The same candles in every exchange's own form and unit. */
static void check_klines(const char *file, enum liq_err expected, size_t n)
{
    const struct liq_exchange_row *row = liq_exchange_row(a->name);
    struct liq_buf b =
        fixture(a->kline_folder != NULL ? a->kline_folder : a->name, file);
    struct cJSON *root = liq_json_parse(b.data, b.len);
    struct liq_kline_list list = {NULL, 0, 0};
    struct liq_klines k = {NULL, 0};
    struct liq_query q = {.interval = row->interval};
    struct liq_reading r = {row, &q, root, 0};
    enum liq_err err = LIQ_EFORMAT;
    struct liq_reason why;
    size_t j;

    q.contract_size = row->size != NULL ? row->size[0].scale : 1.0;
    assert_true(liq_name_there(row, "BTCUSDT", &q));
    if (root != NULL)
        err = liq_read_candles(&r, &list, &why);
    if (err == LIQ_OK)
        assert_int_equal(liq_kline_list_end(&list, &k), LIQ_OK);
    if (err != expected || k.n != n)
        fail_msg("%s %s: %s, n %zu", a->name, file, liq_err_name(err), k.n);
    for (j = 1; j < k.n; j++)
        assert_true(k.at[j - 1].open_ms < k.at[j].open_ms);
    if (k.n > 0) {
        assert_true(k.at[0].open_ms == INT64_C(1760130000000));
        assert_true(k.at[0].open == 61000.1 && k.at[0].high == 61250.0);
        assert_true(k.at[0].low == 60980.0 && k.at[0].close == 61200.5);
        assert_near(k.at[0].volume, 148.976);
        assert_near(k.at[0].quote_volume,
                    a->gives_quote
                        ? 9107412.55
                        : 148.976 * (61250.0 + 60980.0 + 61200.5) / 3.0);
        if (strncmp(a->name, "binance", 7) == 0)
            assert_near(k.at[0].taker_buy_volume, 75.874);
        else
            assert_true(isnan(k.at[0].taker_buy_volume));
    }
    free(list.at);
    free(k.at);
    liq_json_free(root);
    liq_buf_free(&b);
}

static void klines(void **state)
{
    static const struct {
        const char *file;
        enum liq_err err;
        size_t n;
    } cases[] = {
        {"klines.json", LIQ_OK, 3},
        {"klines_types.json", LIQ_OK, 3},
        {"klines_empty.json", LIQ_OK, 0},
        {"klines_unsorted.json", LIQ_OK, 3},
        {"klines_cut.json", LIQ_EFORMAT, 0},
        {"klines_wrong.json", LIQ_EFORMAT, 0},
        {"klines_huge.json", LIQ_EFORMAT, 0},
    };
    size_t i, j;

    (void)state;
    for (i = 0; i < N_ADAPTERS; i++) {
        a = &adapters[i];
        for (j = 0; j < sizeof cases / sizeof cases[0]; j++)
            check_klines(cases[j].file, cases[j].err, cases[j].n);
    }
}

/* --- the rest of a series ---------------------------------------------------
 */

static void urls(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < N_ADAPTERS; i++) {
        a = &adapters[i];
        mock_setup(a->name, a->serve, 0);
        must(fetch_clock());
        mock_clear();
        must(fetch_n(a->url_ms, 2));
        if (mock_count(a->url) != 1)
            fail_msg("%s: '%s' is not '%s'", a->name, mock.url[0], a->url);
        if (mock.n_url != a->requests)
            fail_msg("%s: %zu requests", a->name, mock.n_url);
        assert_int_equal(mock.n_batch, 1);
        mock_teardown(NULL);
    }
}

static void check_values(const struct expected *e)
{
    const struct liq_ticker *t = &got.data.ticker;
    const struct liq_statistics *s = &got.data.statistics;

    assert_near(t->last, e->last);
    assert_near(t->high_24h, e->high);
    assert_near(t->low_24h, e->low);
    assert_near(t->change_percent_24h, e->change);
    assert_near(t->volume_24h, e->volume);
    assert_near(t->quote_volume_24h, e->quote_volume);
    assert_true(t->time_ms > mock_now() - 10000 && t->time_ms <= mock_now());
    assert_near(s->open_interest, e->open_interest);
    assert_near(s->open_interest_usd, e->open_interest_usd);
    assert_near(s->mark_price, e->mark_price);
    assert_near(s->funding_rate, e->funding_rate);
    assert_true(s->next_funding_ms == e->next_funding_ms);
    assert_near(s->long_account_share, e->long_account_share);
    if (s->funding_interval_ms != e->funding_hours * LIQ_HOUR_MS)
        fail_msg("%s: funding every %lld ms", a->name,
                 (long long)s->funding_interval_ms);
    assert_near(got.data.contract.max_leverage, e->max_leverage);
    assert_near(got.data.contract.maintenance_margin_rate,
                e->maintenance_margin_rate);
}

static void units(void **state)
{
    struct liq_buf b[6];
    size_t i, j, n;

    (void)state;
    for (i = 0; i < N_ADAPTERS; i++) {
        a = &adapters[i];
        print_message("%s\n", a->name);
        mock_setup(a->name, a->serve, 0);
        must(fetch_clock());
        for (n = 0; n < 6 && a->live[n].match != NULL; n++) {
            b[n] = fixture(a->name, a->live[n].file);
            mock_add(a->live[n].match, 200, b[n].data, NULL, -1);
            mock.rule[n].date_ms = mock_now() / 1000 * 1000;
        }
        must(fetch_n(LIQ_HOUR_MS, 2));
        if (got.data.n_warning > 0)
            fail_msg("%s: %s", a->name, got.data.warning[0]);
        check_values(&a->expected);
        assert_near(got.data.klines.at[0].volume, 7.0);
        for (j = 0; j < n; j++)
            liq_buf_free(&b[j]);
        mock_teardown(NULL);
    }
}

/* Candles closed by then, statistics of then, and nothing of now. */
static void the_past(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < N_ADAPTERS; i++) {
        const struct liq_statistics *s = &got.data.statistics;
        const struct liq_klines *k = &got.data.klines;
        int64_t to;

        a = &adapters[i];
        print_message("%s\n", a->name);
        mock_setup(a->name, a->serve, 0);
        to = mock_now() - a->past_days * LIQ_DAY_MS;
        must(fetch_past(LIQ_HOUR_MS, 9, to));
        assert_int_equal(k->n, 9);
        assert_true(k->at[8].open_ms + LIQ_HOUR_MS <= to);
        assert_true(k->at[8].open_ms + 2 * LIQ_HOUR_MS > to);
        if (strcmp(a->name, "bybit-coin") == 0 ||
            strcmp(a->name, "htx") == 0) /* dollars only */
            assert_near(s->open_interest_usd, 100.0 * a->past_open_interest);
        else
            assert_near(s->open_interest, a->past_open_interest);
        assert_near(s->long_account_share, a->past_share);
        assert_true(isnan(got.data.ticker.last));
        assert_true(isnan(s->mark_price) && isnan(s->funding_rate));
        assert_true(s->next_funding_ms == 0);
        mock_teardown(NULL);
    }
}

/* --- symbols -------------------------------------------------------------- */

static void symbols(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < N_ADAPTERS; i++) {
        const struct liq_symbols *s = &got.symbols;
        struct liq_buf b;

        a = &adapters[i];
        b = fixture(a->name, a->symbols_file);
        mock_setup(a->name, a->serve, 0);
        mock_add(a->symbols_match, 200, b.data, NULL, -1);
        must(fetch_symbols());
        assert_int_equal(mock.n_url, 1);
        for (j = 0; j < 6 && a->symbols[j].name != NULL; j++) {
            assert_true(j < s->n);
            assert_string_equal(s->at[j].name, a->symbols[j].name);
            assert_string_equal(s->at[j].base, a->symbols[j].base);
            assert_near(s->at[j].tick, a->symbols[j].tick > 0.0
                                           ? a->symbols[j].tick
                                           : (double)NAN);
        }
        if (s->n != j)
            fail_msg("%s: %zu symbols, %s", a->name, s->n, s->at[j].name);
        liq_buf_free(&b);
        mock_teardown(NULL);
    }
}

/* --- failures ---------------------------------------------------------------
 */

static void check_failure(const struct failure *c)
{
    char says[200];
    enum liq_err err;

    mock_setup(a->name, a->serve, 0);
    must(fetch_clock());
    mock_clear();
    mock_add(c->match, c->status, c->body, c->headers, -1);
    err = fetch_n(LIQ_DAY_MS, 3);
    snprintf(says, sizeof says, "%s: %s", a->name, c->says);
    if (err != c->err || strncmp(got.why.text, says, strlen(says)) != 0 ||
        got.why.retry_after_ms != c->wait_ms)
        fail_msg("%s, %s: %s '%s' %lld", a->name, c->name, liq_err_name(err),
                 got.why.text, (long long)got.why.retry_after_ms);
    assert_null(got.data.klines.at);
    mock_clear();
    if (c->wait_ms > 0) {
        pass(c->wait_ms - 1);
        assert_int_equal(fetch_n(LIQ_DAY_MS, 3), c->err);
        assert_int_equal(mock.n_batch, 0);
        pass(1);
    }
    pass(LIQ_MINUTE_MS); /* beyond what is kept */
    must(fetch_n(LIQ_DAY_MS, 3));
    mock_teardown(NULL);
}

static void failures(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < N_ADAPTERS; i++) {
        a = &adapters[i];
        for (j = 0; j < 12 && a->failure[j].name != NULL; j++)
            check_failure(&a->failure[j]);
        assert_true(j > 0);
    }
}

/* --- recorded bodies, where they are at hand --------------------------------
 */

/* What each says: so many candles or symbols, the sum of the closes or of the
 * quote volumes, or of the endpoint whose path contains this, a value. */
static const struct recording {
    const char *exchange, *file, *endpoint;
    int64_t to_ms;
    double value;
    size_t field; /* of struct liq_found */
} recordings[] = {
    {"binance", "fapi_v1_klines.json", "candles", 0, 1, 0},
    {"binance", "fapi_v1_klines.json", "closes", 0, 0.015771, 0},
    {"binance", "fapi_v1_klines.json", "quotes", 0, 2434.19055334, 0},
    /* Spot has the same rows. */
    {"binance", "api_v3_klines_BTCUSDT_1h_1500.json", "candles", 0, 1500, 0},
    {"binance", "api_v3_klines_BTCUSDT_1h_1500.json", "closes", 0, 91581271.72,
     0},
    {"binance", "api_v3_klines_BTCUSDT_1h_1500.json", "quotes", 0,
     111872643672.2, 0},
    {"binance", "api_v3_klines_BTCUSDT_5m_limit1000.json", "closes", 0,
     20716308.74, 0},
    {"binance", "api_v3_klines_BTCUSDT_5m_limit1000.json", "quotes", 0,
     10280527702.0565, 0},
    {"binance", "fapi_v1_exchangeInfo_2021.json", "symbols", 0, 117, 0},
    {"binance", "fapi_v1_ticker_24hr.json", "/ticker", 0, -95.96,
     LIQ_TICKER(change_percent_24h)},
    {"binance", "fapi_v1_openInterest.json", "/openInterest?", 0, 10659.509,
     LIQ_STATISTIC(open_interest)},
    {"binance", "fapi_v1_premiumIndex.json", "/premiumIndex", 0, 0.00038246,
     LIQ_STATISTIC(funding_rate)},
    {"binance", "futures_data_openInterestHist.json", "/openInterestHist",
     INT64_C(1583128200000), 149940752.14464448,
     LIQ_STATISTIC(open_interest_usd)},
    {"binance", "futures_data_openInterestHist.json", "/openInterestHist",
     INT64_C(1583128199999), 150570784.07809979,
     LIQ_STATISTIC(open_interest_usd)},
    {"bybit", "v5_market_kline.json", "candles", 0, 3, 0},
    {"bybit", "v5_market_kline.json", "closes", 0, 51198, 0},
    {"bybit", "v5_market_kline.json", "quotes", 0, 16.36220536, 0},
    {"bybit", "v5_market_instruments-info_linear.json", "symbols", 0, 1, 0},
    {"bybit", "v5_market_tickers_linear.json", "/tickers", 0, 16597.0,
     LIQ_TICKER(last)},
    {"bybit", "v5_market_open-interest.json", "/open-interest",
     INT64_C(1669571400000), 461134384.0 / 2.0, LIQ_STATISTIC(open_interest)},
    {"okx", "api_v5_market_candles.json", "candles", 0, 2, 0},
    {"okx", "api_v5_public_instruments_SWAP_2022.json", "symbols", 0, 126, 0},
    {"okx", "api_v5_market_ticker.json", "/market/ticker", 0, 9999.99,
     LIQ_TICKER(last)},
    {"okx", "api_v5_public_open-interest.json", "/public/open-interest", 0,
     555.55, LIQ_STATISTIC(open_interest)},
    {"okx", "api_v5_public_funding-rate.json", "/funding-rate", 0,
     0.000079238688534, LIQ_STATISTIC(funding_rate)},
    {"bitget", "api_v2_mix_market_candles.json", "candles", 0, 2, 0},
    {"bitget", "api_v2_mix_market_candles.json", "closes", 0, 52365.5, 0},
    {"bitget", "api_v2_mix_market_candles.json", "quotes", 0, 1158516.35, 0},
    {"bitget", "api_v3_market_candles.json", "quotes", 0, 153696948.3742, 0},
    {"bitget", "api_v2_mix_market_contracts.json", "symbols", 0, 1, 0},
    {"bitget", "api_v2_mix_market_ticker.json", "/ticker", 0, 9488.49,
     LIQ_STATISTIC(open_interest)},
    {"gate", "api_v4_futures_usdt_candlesticks.json", "candles", 0, 1, 0},
    {"gate", "api_v4_futures_usdt_candlesticks.json", "closes", 0, 1.032, 0},
    {"gate", "api_v4_futures_usdt_candlesticks.json", "quotes", 0, 3580, 0},
    {"gate", "api_v4_futures_usdt_contracts_2023.json", "symbols", 0, 301, 0},
    {"gate", "api_v4_futures_usdt_tickers.json", "/tickers", 0, 3232.3904,
     LIQ_STATISTIC(open_interest)},
    {"gate", "api_v4_futures_usdt_contract_stats.json", "/contract_stats", 0,
     1.0 / 3.0, LIQ_STATISTIC(long_account_share)},
    {"kucoin", "api_v1_kline_query.json", "candles", 0, 2, 0},
    {"kucoin", "api_v1_kline_query.json", "closes", 0, 14954.99, 0},
    {"kucoin", "api_v1_contracts_active.json", "symbols", 0, 1, 0},
    {"kucoin", "api_ua_v1_market_open-interest.json", "/open-interest",
     INT64_C(1767004200000), 4615.535, LIQ_STATISTIC(open_interest)},
    {"hyperliquid", "info_candleSnapshot.json", "candles", 0, 24, 0},
    {"hyperliquid", "info_candleSnapshot.json", "closes", 0, 0.037458, 0},
    {"hyperliquid", "info_candleSnapshot.json", "quotes", 0, 22201672.057549667,
     0},
};

/* what: "candles", "closes" or "quotes". */
static double recorded_candles(const struct liq_reading *r, const char *what)
{
    struct liq_kline_list list = {NULL, 0, 0};
    struct liq_reason why;
    double sum = 0.0;

    if (liq_read_candles(r, &list, &why) != LIQ_OK)
        fail_msg("%s", why.text);
    for (size_t i = 0; i < list.n; i++)
        sum += what[1] == 'a'   ? 1.0
               : what[0] == 'c' ? list.at[i].close
                                : list.at[i].quote_volume;
    free(list.at);
    return sum;
}

static double recorded_symbols(const struct liq_reading *r)
{
    struct liq_symbols s = {NULL, 0};
    struct liq_reason why;
    double n;

    if (liq_read_symbols(r->row, r->root, &s, &why) != LIQ_OK)
        fail_msg("%s", why.text);
    n = (double)s.n;
    liq_symbols_free(&s);
    return n;
}

static double recorded_value(const struct liq_reading *r,
                             const struct recording *rec)
{
    struct liq_found found = liq_found_nothing();
    const struct liq_endpoint *e = r->row->endpoint;
    struct liq_reason why;
    double x;

    while (strstr(e->path, rec->endpoint) == NULL ||
           e->when != (rec->to_ms != 0 ? LIQ_PAST : LIQ_LIVE))
        e++;
    if (liq_read_endpoint(r, e, &found, &why) != LIQ_OK)
        fail_msg("%s: %s", rec->file, why.text);
    memcpy(&x, (const char *)&found + rec->field, sizeof x);
    return x;
}

static void recorded(void **state)
{
    const char *shared = getenv("LIQMAP_SHARED");
    size_t i, n = 0;

    (void)state;
    for (i = 0; i < sizeof recordings / sizeof recordings[0]; i++) {
        const struct recording *rec = &recordings[i];
        const struct liq_exchange_row *row = liq_exchange_row(rec->exchange);
        struct liq_interval any = {.ms = 1}; /* some were written by hand */
        struct liq_query q = {.interval = &any, .to_ms = rec->to_ms};
        struct liq_reading r = {row, &q, NULL, INT64_C(1800000000000)};
        struct cJSON *root;
        struct liq_buf b;
        char folder[400];
        double x;

        snprintf(folder, sizeof folder, "%s/market-data/rest/%s",
                 shared != NULL ? shared : "../shared", rec->exchange);
        if (!read_body(&b, folder, rec->file))
            continue;
        n++;
        q.contract_size = row->size != NULL ? row->size[0].scale : 1.0;
        assert_true(liq_name_there(row, "BTCUSDT", &q));
        r.root = root = liq_json_parse(b.data, b.len);
        assert_non_null(root);
        if (rec->endpoint[0] == '/')
            x = recorded_value(&r, rec);
        else if (rec->endpoint[0] == 's')
            x = recorded_symbols(&r);
        else
            x = recorded_candles(&r, rec->endpoint);
        if (!(fabs(x - rec->value) <= 1e-9 * fabs(rec->value)))
            fail_msg("%s: %.12g is not %.12g", rec->file, x, rec->value);
        liq_json_free(root);
        liq_buf_free(&b);
    }
    if (n == 0)
        skip();
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cold_starts), CASE(five_intervals), CASE(klines),
        CASE(urls),        CASE(units),          CASE(the_past),
        CASE(symbols),     CASE(failures),       CASE(recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
