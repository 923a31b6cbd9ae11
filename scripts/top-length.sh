#!/bin/sh
# The longest C functions, and failure when one is above the cutoff, which only
# goes down.  Lines are counted from brace to brace; our format puts those of a
# function, and no others, alone in the first column.
#   top-length.sh [ROOT]
set -u
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cd -- "${1:-$here/..}" || exit 2
function_max=70
file_max=600
show=15

list=$(mktemp "${TMPDIR:-/tmp}/liqmap-lengths.XXXXXX") || exit 2
trap 'rm -f "$list"' EXIT

find src -name '*.[ch]' | sort | xargs awk -v max="$function_max" '
    FNR == 1 { start = 0 }
    /^[A-Za-z_].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
    /^\{/ { start = FNR }
    /^\}/ && start {
        n = FNR - start + 1
        note = (n > max) ? "  TOO LONG" : ""
        print n " " FILENAME ":" start " " name note
        start = 0
    }' | sort -rn -k1,1 >"$list"
head -n "$show" "$list"
status=0
if grep -q 'TOO LONG$' "$list"; then
    echo "a function above $function_max lines" >&2
    status=1
fi
for file in $(find src include -name '*.[ch]' && find www/js -name '*.js' 2>/dev/null); do
    n=$(wc -l <"$file")
    if [ "$n" -gt "$file_max" ]; then
        echo "$file: $n lines, above $file_max" >&2
        status=1
    fi
done
exit $status
