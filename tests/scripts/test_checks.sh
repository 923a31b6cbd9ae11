#!/bin/sh
# The source checks pass on a copy of some of the source, and fail and name the
# file when one bad line is added.
set -u
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/liqmap-checks.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM
tree=$work/tree
passed=0
failed=0

# A part of the tree, because each case searches all of it.
for file in src/base/buf.c src/base/err.c include/liqmap/err.h \
    include/liqmap/buf.h include/liqmap/model.h include/liqmap/series.h \
    www/js/snapshot.js www/js/palette.js www/js/state.js www/js/format.js \
    www/js/chart.js www/js/header.js; do
    mkdir -p "$(dirname "$tree/$file")"
    cp "$root/$file" "$tree/$file" || exit 2
done

pass() {
    passed=$((passed + 1))
}

fail() {
    echo "FAILED: $1"
    [ ! -s "$work/out" ] || sed 's/^/    /' "$work/out"
    failed=$((failed + 1))
}

# content CHECK: passes on the unchanged copy
content() {
    if "$root/scripts/$1" "$tree" >"$work/out" 2>&1; then
        pass
    else
        fail "$1 on an unchanged copy"
    fi
}

# plant CHECK FILE TEXT: the check must fail.  harmless: it must pass.
try() {
    mkdir -p "$(dirname "$tree/$2")"
    rm -f "$work/saved"
    [ ! -f "$tree/$2" ] || cp "$tree/$2" "$work/saved"
    printf '%s\n' "$3" >>"$tree/$2"
    "$root/scripts/$1" "$tree" >"$work/out" 2>&1
    status=$?
    rm -f "$tree/$2"
    [ ! -f "$work/saved" ] || mv "$work/saved" "$tree/$2"
}

plant() {
    try "$@"
    if [ "$status" -ne 0 ] && grep -q -F "$2" "$work/out"; then
        pass
    else
        fail "$1 missed in $2: $3"
    fi
}

harmless() {
    try "$@"
    if [ "$status" -eq 0 ]; then
        pass
    else
        fail "$1 refused in $2: $3"
    fi
}

layers=check-layers.sh
content $layers
plant $layers src/base/buf.c '#include "liqmap/cache.h"'
plant $layers src/base/buf.c '#include "liqmap/model.h"'
plant $layers src/base/new.c '#include <curl/curl.h>'
plant $layers src/model/new.c '#include "liqmap/buf.h"'
plant $layers src/model/new.c '#include <stdio.h>'
plant $layers src/model/new.c '#include <time.h>'
plant $layers src/model/new.c '#  include	"liqmap/clock.h"'
plant $layers src/net/new.c '#include "liqmap/api.h"'
plant $layers src/net/new.c '#include "liqmap/model.h"'
plant $layers src/cache/new.c '#include "liqmap/api.h"'
plant $layers src/cache/new.c '#include "liqmap/http.h"'
plant $layers src/api/new.c '#include <fcgiapp.h>'
plant $layers src/api/new.c '#include <curl/curl.h>'
plant $layers src/api/new.c '#include <cjson/cJSON.h>'
plant $layers src/fcgi/new.c '#include "liqmap/model.h"'
plant $layers src/cli/new.c '#include "liqmap/cache.h"'
plant $layers src/api/new.c '#include "model/book.h"'
plant $layers src/api/new.c '#include "../model/book.h"'
plant $layers src/extra/new.c 'int x;'
plant $layers include/liqmap/err.h '#include "liqmap/api.h"'
plant $layers include/liqmap/model.h '#include "liqmap/buf.h"'
harmless $layers src/model/new.c '/* #include "liqmap/buf.h" */'
harmless $layers src/cli/new.c '#include <cjson/cJSON.h>'
harmless $layers src/liqmapd.c '#include "liqmap/market.h"'
for name in snapshot palette state format; do
    plant $layers "www/js/$name.js" 'document.title = "x";'
    plant $layers "www/js/$name.js" 'const w = window.innerWidth;'
    plant $layers "www/js/$name.js" 'await fetch("/api");'
done
harmless $layers www/js/format.js '// the document, its window and fetch(x)'
harmless $layers www/js/format.js 'export const fetched = { prefetch: 1 };'
plant $layers www/js/header.js 'import { createChart } from "../vendor/lightweight-charts.mjs";'
plant $layers www/js/new.js "import * as x from 'lightweight-charts';"
plant $layers www/js/new.js "const x = await import('../vendor/lightweight-charts.mjs');"
harmless $layers www/js/chart.js "import * as y from 'lightweight-charts';"
plant $layers www/js/new.js "import { a } from './chart.js'; import { b } from './api.js';"
harmless $layers www/js/new.js "import { a } from './chart.js';"
harmless $layers www/js/new.js "import { b } from './api.js';"

bans=check-bans.sh
content $bans
for call in 'sprintf(s, "x")' 'vsprintf (s, f, a)' 'strcpy(a, b)' \
    'strcat(a, b)' 'strtok(a, b)' 'atoi(a)' 'gets(a)' 'localtime(&t)' \
    'setlocale(LC_ALL, "")' 'alloca(3)' 'exit(1)' '_exit(1)' 'abort()'; do
    plant $bans src/base/new.c "void f(void) { $call; }"
done
plant $bans src/base/new.c 'int x; // why'
harmless $bans src/base/new.c 'int x; /* atoi(a) at http://x */'
harmless $bans src/base/new.c 'const char *x = "atoi(a) // b";'
harmless $bans src/base/new.c 'void f(void) { snprintf(a, 1, "x"); }'
harmless $bans src/base/new.c 'void f(void) { my_atoi(a); fgets(a, 1, f); }'
harmless $bans src/liqmap.c 'void f(void) { exit(1); }'
plant $bans src/base/new.c '/* TO''DO: later */'
plant $bans www/js/new.js 'e.innerHTML = "x";'
plant $bans www/js/new.js 'eval("x");'
plant $bans www/js/new.js 'e.setAttribute("style", "x");'
harmless $bans www/js/new.js 'e.style.width = "3px"; // innerHTML'
plant $bans www/new.html '<p style="color: red">'
plant $bans www/new.html '<button onclick="x()">'
plant $bans www/new.html '<script>x()</script>'
harmless $bans www/new.html '<script type="module" src="js/main.js"></script>'

length=top-length.sh
content $length
body=$(awk 'BEGIN { for (i = 0; i < 69; i++) print "    x();" }')
plant $length src/base/new.c "void f(void)
{
$body
}"
harmless $length src/base/new.c "static const int table[] = {
$body
$body
};"
plant $length src/base/new.c "$(awk 'BEGIN { for (i = 0; i < 601; i++) print "" ; print ";" }')"

echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ] || echo "[  FAILED  ] $failed test(s)."
[ "$failed" -eq 0 ]
