#!/bin/sh
# Check for banned functions and words in code.  Comments and strings may name
# them.
#   check-bans.sh [ROOT]
set -u
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cd -- "${1:-$here/..}" || exit 2
found=$(mktemp "${TMPDIR:-/tmp}/liqmap-bans.XXXXXX") || exit 2
trap 'rm -f "$found"' EXIT

# ban FILE PATTERN WHY, reading code on standard input
ban() {
    grep -nE "$2" | while IFS= read -r hit; do
        echo "$1:$hit: $3" >>"$found"
    done
}

code() {
    awk -v keep="${2:-}" -f "$here/code-only.awk" "$1"
}

files() {
    for dir in src include tests www scripts conf; do
        [ ! -d "$dir" ] || find "$dir" -type f -name "$1" ! -path 'www/vendor/*'
    done | sort
}

word='(^|[^[:alnum:]_$])'

for file in $(files '*.[ch]'); do
    code "$file" | ban "$file" \
        "$word(v?sprintf|strcpy|strcat|strtok|atoi|gets|setlocale|localtime|alloca)[[:space:]]*\(" \
        'banned function'
    code "$file" | ban "$file" '//' 'only /* */ comments'
done
for file in $(files '*.[ch]' | grep '^src/.*/'); do
    code "$file" | ban "$file" "$word(_?exit|abort)[[:space:]]*\(" \
        'only liqmapd.c and liqmap.c end the process'
done
for file in $(files '*.js' | grep '^www/'); do
    code "$file" 1 | ban "$file" \
        "innerHTML|outerHTML|insertAdjacentHTML|document\.write|${word}eval[[:space:]]*\(|new Function" \
        'banned in a page with a strict CSP'
    code "$file" 1 | ban "$file" \
        "setAttribute\([[:space:]]*[\"']style|<[a-z][^>]* style=" \
        'no style attribute'
done
for file in $(files '*.html'); do
    ban "$file" "[[:space:]]style[[:space:]]*=|<style|[[:space:]]on[a-z]+[[:space:]]*=" \
        'no inline style or handler' <"$file"
    ban "$file" '<script>|javascript:' 'no inline script' <"$file"
done
# Split, so that this file does not name itself.
left='TO''DO|FIX''ME'
for file in $(files '*.[ch]' && files '*.js' && files '*.mjs' && files '*.sh' &&
    files '*.md' && files '*.html' && files '*.css'); do
    ban "$file" "$word($left)([^[:alnum:]_]|\$)" 'unfinished' <"$file"
done

if [ -s "$found" ]; then
    cat "$found" >&2
    exit 1
fi
