#!/bin/sh
# scripts/test counts correctly, runs the named suites and reports every kind of
# failure: run in a tree whose suites are one line each.
set -u
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/liqmap-test.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM
passed=0
failed=0

mkdir -p "$work/scripts" "$work/.ci" "$work/tests"
cp "$root/scripts/test" "$work/scripts/test"
cp "$root/.ci/run" "$work/.ci/run"
printf '#!/bin/sh\nexit 0\n' >"$work/scripts/install-deps.sh"
chmod +x "$work/scripts/install-deps.sh"
echo '{"packages":{}}' >"$work/package-lock.json"
for folder in js reference e2e web; do
    mkdir "$work/tests/$folder"
    echo "import { test } from 'node:test'; test('$folder', () => {});" \
        >"$work/tests/$folder/one.test.mjs"
done
for folder in js e2e web; do
    mv "$work/tests/$folder/one.test.mjs" "$work/tests/$folder/one.half.mjs"
done

# A unit suite reports 5 cases; any other is one case.
makefile() { # [LINE...]: what differs from suites that pass
    cat >"$work/Makefile" <<'END'
build-release build-clang build-asan build-tsan vendor: ; @echo built $@
unit-gcc asan tsan: ; @echo 'noise' && $(LOAD) && echo '5 passed, 0 failed'
tidy cppcheck scripts-test layers bans fmt-check types: ; @$(LOAD)
LOAD := true
END
    printf '%s\n' "$@" >>"$work/Makefile"
}

# expect NAME STATUS LAST_LINE [SUITE...]; the output stays in $work/out
expect() {
    name=$1
    want=$2
    line=$3
    shift 3
    (cd "$work" && scripts/test "$@") >"$work/out" 2>&1
    status=$?
    if [ "$status" -eq "$want" ] && [ "$(tail -n 1 "$work/out")" = "$line" ]; then
        passed=$((passed + 1))
    else
        echo "FAILED: $name: status $status, not $want and '$line':"
        sed 's/^/    /' "$work/out"
        failed=$((failed + 1))
    fi
}

shows() { # PATTERN: in the last output
    if grep -qE -e "$1" "$work/out"; then
        passed=$((passed + 1))
    else
        echo "FAILED: $name: no $1 in:"
        sed 's/^/    /' "$work/out"
        failed=$((failed + 1))
    fi
}

makefile
expect 'all suites' 0 '27 passed, 0 failed'
shows '^web +ok'
expect 'one suite and what it needs' 0 '6 passed, 0 failed' unit-gcc
shows '^build +ok'
expect 'a suite that needs nothing built' 0 '1 passed, 0 failed' bans
expect 'an unknown suite' 2 "$(cd "$work" && scripts/test nope 2>&1)" nope
shows 'no suite nope'

makefile 'bans: broken' 'broken: ; @echo reason; false'
expect 'a suite without a count' 1 '1 passed, 1 failed' bans layers
shows '^bans +FAILED'
shows '^reason$'

makefile 'unit-gcc: broken' 'broken: ; @echo "3 passed, 2 failed"; false'
expect 'a suite with a count' 1 '4 passed, 2 failed' unit-gcc

makefile 'build-release: broken' 'broken: ; @echo reason; false'
expect 'a build that fails' 1 '0 passed, 1 failed' unit-gcc bans
shows '^reason$'

makefile
echo "import { test } from 'node:test'; test('no', () => { throw Error('reason'); });" \
    >"$work/tests/js/two.half.mjs"
expect 'a failing script test' 1 '2 passed, 1 failed' js
shows 'not ok .* no'
echo 'import nothing' >"$work/tests/js/two.half.mjs"
expect 'a script that cannot be read' 1 '2 passed, 1 failed' js
rm "$work/tests/js/two.half.mjs" "$work/tests/js/one.half.mjs"
expect 'a folder without tests' 1 '1 passed, 1 failed' js

# One list: make check and CI run it all.
name='one list'
make -s -n -C "$root" check >"$work/out" 2>&1
shows '^scripts/test$'
cp "$root/.ci/run" "$work/out"
shows '^exec scripts/test </dev/null$'

echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ] || echo "[  FAILED  ] $failed test(s)."
[ "$failed" -eq 0 ]
