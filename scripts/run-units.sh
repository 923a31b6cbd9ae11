#!/bin/sh
# Run each test program and add up what they say.
#   run-units.sh PROGRAM...
# A program reports as cmocka does: "[  PASSED  ] N test(s)." and
# "[  FAILED  ] N test(s)".  One that ends badly without naming a failed test,
# by a signal, a sanitizer or a hang, counts as one failed test.  The output of
# a program that did well is not shown.  The last line is "N passed, N failed".
set -u
limit_s=${LIQ_TEST_LIMIT_S:-300}
log=$(mktemp "${TMPDIR:-/tmp}/liqmap-units.XXXXXX") || exit 2
trap 'rm -f "$log"' EXIT
trap 'exit 2' INT TERM
passed=0
failed=0

# The sum of the numbers in the report lines that hold the word.
count() {
    sed -n "s/.*\[ *$1 *\][^0-9]* \([0-9][0-9]*\) test(s).*/\1/p" "$log" |
        awk '{ n += $1 } END { print n + 0 }'
}

for program; do
    timeout -k 5 "$limit_s" "$program" >"$log" 2>&1 </dev/null
    status=$?
    p=$(count PASSED)
    f=$(count FAILED)
    s=$(count SKIPPED)
    if [ "$f" -eq 0 ] && [ "$status" -ne 0 ]; then
        f=1
    elif [ "$((p + f + s))" -eq 0 ]; then
        echo "$program: ran no test" >>"$log"
        f=1
    fi
    if [ "$f" -gt 0 ]; then
        cat "$log"
        echo "FAIL $program (status $status)"
    fi
    passed=$((passed + p))
    failed=$((failed + f))
    [ "$s" -eq 0 ] || echo "$program: $s skipped"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
