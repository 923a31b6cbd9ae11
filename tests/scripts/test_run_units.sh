#!/bin/sh
# run-units.sh counts correctly and reports every kind of failure.
set -u
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/liqmap-run-units.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM
passed=0
failed=0

program() {
    printf '#!/bin/sh\n%s\n' "$2" >"$work/$1"
    chmod +x "$work/$1"
}

# expect STATUS LAST_LINE PROGRAM...
expect() {
    want=$1
    line=$2
    shift 2
    out=$(cd "$work" && LIQ_TEST_LIMIT_S=0.3 "$root/scripts/run-units.sh" "$@")
    status=$?
    if [ "$status" -eq "$want" ] && [ "$(echo "$out" | tail -n 1)" = "$line" ]; then
        passed=$((passed + 1))
    else
        echo "FAILED: $* gave $status:"
        echo "$out" | sed 's/^/    /'
        failed=$((failed + 1))
    fi
}

program good 'echo "[==========] Running 3 test(s)."
echo "[  PASSED  ] 3 test(s)." >&2'
program bad 'echo "[  PASSED  ] 2 test(s)."
echo "[  FAILED  ] 2 test(s), listed below:"
echo "[  FAILED  ] some_test"
exit 2'
program newer 'echo "[  PASSED  ] 12 test(s)."
echo "[  FAILED  ] tests: 1 test(s), listed below:"
exit 1'
program crash 'echo "[ RUN      ] some_test"
kill -SEGV $$'
program crash_late 'echo "[  PASSED  ] 3 test(s)."
exit 1'
program skip 'echo "[  PASSED  ] 1 test(s)."
echo "[  SKIPPED ] 2 test(s), listed below:"'
program silent 'exit 0'
program hang 'exec sleep 600'

expect 0 '0 passed, 0 failed'
expect 0 '3 passed, 0 failed' ./good
expect 0 '6 passed, 0 failed' ./good ./good
expect 1 '5 passed, 2 failed' ./bad ./good
expect 1 '12 passed, 1 failed' ./newer
expect 1 '3 passed, 1 failed' ./crash ./good
expect 1 '3 passed, 1 failed' ./crash_late
expect 0 '1 passed, 0 failed' ./skip
expect 1 '0 passed, 1 failed' ./silent
expect 1 '3 passed, 1 failed' ./hang ./good
expect 1 '3 passed, 1 failed' ./missing ./good

echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ] || echo "[  FAILED  ] $failed test(s)."
[ "$failed" -eq 0 ]
