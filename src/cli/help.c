#include "help.h"

#include <string.h>

static const char overview[] =
    "usage: liqmap COMMAND [OPTION [VALUE]]...\n"
    "\n"
    "On files of candles; the output is what the route of the same name under\n"
    "/api/v1/ responds:\n"
    "  heatmap   the map itself, JSON\n"
    "  levels    where the mass lies: a table, --json or --csv\n"
    "  profile   mass by price and tier; --model single for one leverage\n"
    "  explain   why the cell of --time and --price is hot\n"
    "  render    the map as an image, PNG\n"
    "\n"
    "On files of the past:\n"
    "  report    what the map was worth: liquidations, touches, placebos\n"
    "\n"
    "On the exchanges:\n"
    "  doctor    whether each gives what the daemon needs, and what is wrong\n"
    "\n"
    "On the recorder's file:\n"
    "  import    reads CSV files of the archives into it\n"
    "  export    writes it as CSV, or a copy of it while the daemon runs\n"
    "\n"
    "On a running server:\n"
    "  watch     post, run or send something when price comes near a level\n"
    "\n"
    "liqmap help COMMAND or liqmap COMMAND --help explains one;\n"
    "liqmap --version names the build.\n";

/* Options of every command that reads files. */
static const char files[] =
    "\n"
    "  --klines FILE    required: candles, CSV with a header line or an\n"
    "                   exchange's JSON, plain or gzip; - is standard input\n"
    "  --metrics FILE   open interest: columns create_time, symbol,\n"
    "                   sum_open_interest, sum_open_interest_value;\n"
    "                   default: none, densities without dollars\n"
    "  --symbol NAME    default: BTCUSDT\n"
    "  --interval NAME  of the map: 5m, 15m, 1h, 4h or 1d; default: 1h\n"
    "  --bars N         100, 200, 500, 1000 or 1500; default: 200\n"
    "  --as-of TIME     use nothing later, UTC, such as 2025-10-10T21:15:00Z;\n"
    "                   default: the whole file\n"
    "  --end TIME       the newest candle of the map; default: the last one\n"
    "  --rows N         price rows, 50 to 800; default: 400\n"
    "  --range PERCENT  around the last price, 1 to 90; default: fits the\n"
    "                   candles\n"
    "  --tiers LIST     leverages out of 2,3,5,10,25,50,100; default: all\n"
    "  --side SIDE      long, short or both; default: both\n"
    "  --contract KIND  linear or inverse: what the file is of; default:\n"
    "                   linear\n"
    "  --config FILE    settings; section [model] has the model's parameters;\n"
    "                   default: none, then LIQMAP_... of the environment\n"
    "  --set section.key=value  one setting over both; repeat it for others\n";

static const char status[] = "\n"
                             "Exit status: 0 when it was written, 1 when the "
                             "files cannot be used, 2 for\n"
                             "a wrong option.\n";

static const char doctor[] =
    "  --exchange NAME  ask this one; repeat it, or give several with commas;\n"
    "                   default: all that there are\n"
    "  --symbol NAME    default: BTCUSDT\n"
    "  --routes         list every request too; default: only for one "
    "exchange\n"
    "  --json           all of it as JSON; default: a table\n"
    "  --record DIR     write each body to a file of its own in DIR, and\n"
    "                   index.json, for a bug report; default: write nothing\n"
    "  --replay DIR     take responses from such a folder; no network\n"
    "  --config FILE    settings of the daemon: base URLs, budgets, "
    "deadlines;\n"
    "                   default: none, then LIQMAP_... of the environment\n"
    "  --set section.key=value  one setting over both\n"
    "\n"
    "Columns: ms of a small request; weight of all our requests of the limit;\n"
    "the exchange's clock minus this machine's; routes that were as expected "
    "of\n"
    "those requested; candles; last price; open interest in dollars; maximum\n"
    "leverage.  A line with ! has something wrong, listed below the table.\n"
    "While a daemon runs on this machine, both count against the same limits.\n"
    "\n"
    "Exit status: 0 when nothing is wrong, 1 when something is or a recording\n"
    "cannot be written, 2 for a wrong option, setting or recording.\n"
    "\n"
    "Example:\n"
    "  liqmap doctor --exchange okx,bybit --record report\n";

static const char watch[] =
    "  --server URL     the server; default: http://127.0.0.1:8080\n"
    "  --symbol LIST    default: BTCUSDT\n"
    "  --exchange NAME  auto, all or one; default: auto\n"
    "  --interval NAME  of the map: 5m, 15m, 1h, 4h or 1d; default: 1h\n"
    "  --within PERCENT of price, where a level is near; default: 1\n"
    "  --leave FACTOR   times within, where it is left; default: 1.5\n"
    "  --min-usd N      modelled dollars of the level; default: 0\n"
    "  --min-density N  0 to 100; default: 50\n"
    "  --events LIST    some of approached,touched,swept,faded; default: all\n"
    "  --cooldown SECONDS  until the same level is reported again; default: "
    "1800\n"
    "  --every SECONDS  between two questions; default: 10\n"
    "  --webhook URL    post each event there\n"
    "  --secret-file FILE  sign what is posted; default: "
    "LIQMAP_WEBHOOK_SECRET\n"
    "  --exec COMMAND   run this program with the event on standard input and "
    "in\n"
    "                   LIQMAP_EVENT_...; words are split at blanks, no shell\n"
    "  --telegram       send a message; LIQMAP_TELEGRAM_TOKEN and\n"
    "                   LIQMAP_TELEGRAM_CHAT say from which bot to whom\n"
    "  --timeout SECONDS  of one attempt; default: 10\n"
    "  --retry SECONDS  pause after a failure, doubled each time; default: 5\n"
    "  --give-up SECONDS  drop what could not be delivered; default: 3600\n"
    "  --state FILE     remember across a restart; default: do not\n"
    "  --config FILE    settings of the daemon, section [watch]\n"
    "  --set section.key=value  one setting over it; options come over both\n"
    "\n"
    "Each event is also printed, JSON on a line.  README, \"Notifications\",\n"
    "explains events and the check of signatures.  It runs until it is ended.\n"
    "\n"
    "Exit status: 0 when it was ended by SIGTERM or SIGINT, 1 when it could "
    "not\n"
    "begin, 2 for a wrong option, setting or secret.\n"
    "\n"
    "Example:\n"
    "  liqmap watch --symbol BTCUSDT,ETHUSDT --within 0.5 --min-usd 50e6 \\\n"
    "      --webhook https://example.org/hook --state watch.state\n";

static const char report[] =
    "  CANDLES.csv      one file or more that follow each other, as for\n"
    "                   --klines of the other commands\n"
    "  --liquidations FILE  reported liquidations: columns time, side (long "
    "or\n"
    "                   short: what was closed), usd, as liqmap export writes\n"
    "                   them; or orders: time, side (SELL closed a long),\n"
    "                   quantity, price; may be repeated\n"
    "  --metrics FILE   open interest of one exchange, as for the other\n"
    "                   commands; may be repeated\n"
    "  --display NAME   interval of the bars that are judged; default: 1h, or\n"
    "                   that of the file where it is longer\n"
    "  --engine NAME    what the model runs on; default: the file's interval\n"
    "  --from TIME, --to TIME  judge bars that open then; default: all but "
    "the\n"
    "                   first 14 days, in which the map warms up\n"
    "  --symbol NAME    default: BTCUSDT\n"
    "  --contract KIND  linear or inverse; default: linear\n"
    "  --seed N         of the resampling and of the shuffled map; default: 1\n"
    "  --draws N        resamples, 300 to 10000; default: 1000\n"
    "  --config FILE, --set section.key=value  section [model] has the "
    "model's\n"
    "                   parameters\n"
    "  --compare A.conf B.conf  run twice on the same bars: the figures of A\n"
    "                   minus those of B, resampled with the same days\n"
    "  --json           all figures as JSON; default: text\n"
    "  --html FILE      write one page with plots that needs no network, too\n"
    "\n"
    "Without a file of liquidations, what needs them is not measured.\n";

static const struct topic {
    const char *name, *head, *options, *tail, *example;
} topics[] = {
    {"heatmap",
     "usage: liqmap heatmap --klines FILE [OPTION VALUE]...\n"
     "\n"
     "The map as JSON: candles, cells, statistics and every assumption.\n",
     files, "  --json           default, and the only format\n",
     "  liqmap heatmap --klines BTCUSDT-15m.csv.gz --interval 1h --bars 200\n"},
    {"levels",
     "usage: liqmap levels --klines FILE [OPTION VALUE]... [--json | --csv]\n"
     "\n"
     "Where the mass lies now: bands with prices, distance, density and "
     "tiers.\n",
     files, "  --json, --csv    default: a table\n",
     "  liqmap levels --klines BTCUSDT-15m.csv.gz --interval 1h\n"},
    {"profile",
     "usage: liqmap profile --klines FILE [OPTION VALUE]... [--json | --csv]\n"
     "\n"
     "Mass by price and tier now, and what lies between here and there.\n",
     files,
     "  --model MODEL    gauss7 or single; default: gauss7\n"
     "  --leverage N     of single: above 1, to 150; default: 25\n"
     "  --margin-rate N  of single: 0 to 0.1 of notional; default: 0.004\n"
     "  --lambda N       of single: 0 to 10 per hour; default: 0.2\n"
     "  --band N         of single: height of a price band; default: by price\n"
     "  --json, --csv    default: a table\n"
     "With single there are no --rows, --tiers and --side.\n",
     "  liqmap profile --klines BTCUSDT-15m.csv.gz --model single --leverage "
     "10\n"},
    {"explain",
     "usage: liqmap explain --klines FILE --time TIME --price PRICE\n"
     "                      [OPTION VALUE]... [--json | --csv]\n"
     "\n"
     "Why a cell is hot: the candles and tiers that put its mass there.\n",
     files,
     "  --time TIME      required: a time within the map, UTC\n"
     "  --price PRICE    required: a price within the map\n"
     "  --json, --csv    default: a table\n",
     "  liqmap explain --klines BTCUSDT-15m.csv.gz --price 110000 \\\n"
     "      --time 2025-10-10T21:00:00Z\n"},
    {"render",
     "usage: liqmap render FILE -o IMAGE [OPTION VALUE]...\n"
     "\n"
     "The map as a PNG that looks like the page; FILE is that of --klines.\n",
     files,
     "  -o, --output IMAGE  required: the file to write; - is standard "
     "output\n"
     "  --width N        320 to 2400 pixels, in steps of 10; default: 1200\n"
     "  --height N       200 to 1600 pixels, in steps of 10; default: 630\n"
     "  --theme NAME     dark or light; default: dark\n"
     "  --palette NAME   viridis, ember or steel; default: viridis\n"
     "  --scale A-B      percent of the cells at the dark and at the bright\n"
     "                   end; default: 0-99.5\n"
     "  --colour SCALE   linear or log; default: linear\n"
     "  --axis SCALE     of prices, linear or log; default: linear\n"
     "  --candles KIND   colour or hollow; default: colour\n"
     "  --ridges WORD    the crests of the bands, on or off; default: on\n"
     "  --profile WORD   tiers, off or auto, by the width; default: auto\n",
     "  liqmap render BTCUSDT-15m.csv.gz -o map.png --interval 1h\n"},
    {"doctor",
     "usage: liqmap doctor [OPTION [VALUE]]...\n"
     "\n"
     "Asks every exchange for every route that the daemon uses, and says "
     "which\n"
     "respond as they should, what is wrong, and what was expected.\n\n",
     doctor, NULL, NULL},
    {"import",
     "usage: liqmap import --db FILE [OPTION VALUE]... CSV...\n"
     "\n"
     "Reads CSV files with a header line, plain or gzip, into the recorder's\n"
     "file, which is made if it is not there.  What is there already stays, "
     "so\n"
     "a file can be read again.\n\n",
     "  --db FILE        required: the recorder's file\n"
     "  --exchange NAME  of rows that do not say it; default: binance\n"
     "  --symbol NAME    of rows that do not say it\n"
     "\n"
     "Columns: create_time, sum_open_interest, sum_open_interest_value,\n"
     "count_long_short_ratio (metrics); funding_time, funding_rate; time, "
     "side,\n"
     "average_price, original_quantity (orders of liquidations); or time, "
     "side\n"
     "(long or short: what was closed) and usd.\n",
     NULL, "  liqmap import --db liqmap.db BTCUSDT-metrics-2025-10-10.csv\n"},
    {"export",
     "usage: liqmap export --db FILE [OPTION VALUE]... TABLE\n"
     "       liqmap export --db FILE --backup COPY\n"
     "\n"
     "Writes a table as CSV: liquidations, statistics, levels or cover (when\n"
     "the feeds of liquidations were complete; the rest are gaps).\n\n",
     "  --db FILE        required: the recorder's file\n"
     "  --exchange NAME  default: all\n"
     "  --symbol NAME    default: all\n"
     "  --from TIME, --to TIME  UTC, such as 2025-10-10T21:15:00Z\n"
     "  --backup COPY    copy the file; it may be in use\n",
     NULL, "  liqmap export --db liqmap.db --symbol BTCUSDT liquidations\n"},
    {"watch",
     "usage: liqmap watch [OPTION [VALUE]]...\n"
     "\n"
     "Asks a server for its levels and delivers what price does to them:\n"
     "approached, touched, swept, faded.\n\n",
     watch, NULL, NULL},
    {"report",
     "usage: liqmap report CANDLES.csv... [OPTION [VALUE]]...\n"
     "\n"
     "What the map was worth on files of the past, against baselines, base\n"
     "rates and placebos, with 95 % intervals (docs/truth.md).\n\n",
     report, NULL,
     "  liqmap report BTCUSDT-5m.csv.gz --liquidations orders.csv \\\n"
     "      --html report.html\n"},
};

bool cli_help(FILE *out, const char *command)
{
    const struct topic *t = NULL;

    if (!command) {
        fputs(overview, out);
        return true;
    }
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        if (strcmp(topics[i].name, command) == 0)
            t = &topics[i];
    }
    if (!t)
        return false;
    fprintf(out, "%s%s%s", t->head, t->options, t->tail ? t->tail : "");
    if (t->example)
        fprintf(out, "%s\nExample:\n%s", status, t->example);
    return true;
}
