#!/bin/sh
# Check for banned functions and words in code.  Comments and strings may name
# them.
#   check-bans.sh [ROOT]
set -u
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cd -- "${1:-$here/..}" || exit 2
found=$(mktemp "${TMPDIR:-/tmp}/liqmap-bans.XXXXXX") || exit 2
lines=$(mktemp "${TMPDIR:-/tmp}/liqmap-lines.XXXXXX") || exit 2
trap 'rm -f "$found" "$lines"' EXIT

# ban PATTERN WHY, reading lines FILE:LINE:TEXT on standard input
ban() {
    grep -E "^[^:]*:[0-9]*:(.*[^[:alnum:]_\$])?($1)" | while IFS= read -r hit; do
        echo "$hit: $2" >>"$found"
    done
}

# The code of the files that standard input names; with a word, of strings too.
code() {
    xargs -r awk -v keep="${1:-}" -v where=1 -f "$here/code-only.awk"
}

text() {
    xargs -r grep -nH ''
}

files() {
    for dir in src include tests www scripts conf; do
        [ ! -d "$dir" ] || find "$dir" -type f -name "$1" ! -path 'www/vendor/*'
    done | sort
}

files '*.[ch]' | code >"$lines"
ban '(v?sprintf|strcpy|strcat|strtok|atoi|gets|setlocale|localtime|alloca)[[:space:]]*\(' \
    'banned function' <"$lines"
ban '.*//' 'only /* */ comments' <"$lines"
grep '^src/.*/' "$lines" | ban '(_?exit|abort)[[:space:]]*\(' \
    'only liqmapd.c and liqmap.c end the process'
files '*.js' | grep '^www/' | code strings >"$lines"
ban '.*(innerHTML|outerHTML|insertAdjacentHTML|document\.write|new Function)|eval[[:space:]]*\(' \
    'banned in a page with a strict CSP' <"$lines"
ban ".*(setAttribute\([[:space:]]*[\"']style|<[a-z][^>]* style=)" \
    'no style attribute' <"$lines"
files '*.html' | text >"$lines"
ban '.*([[:space:]]style[[:space:]]*=|<style|[[:space:]]on[a-z]+[[:space:]]*=)' \
    'no inline style or handler' <"$lines"
ban '.*(<script>|javascript:)' 'no inline script' <"$lines"
# Split, so that this file does not name itself.
left='TO''DO|FIX''ME'
for kind in '*.[ch]' '*.js' '*.mjs' '*.sh' '*.md' '*.html' '*.css'; do
    files "$kind"
done | text | ban "($left)([^[:alnum:]_]|\$)" 'unfinished'

if [ -s "$found" ]; then
    cat "$found" >&2
    exit 1
fi
