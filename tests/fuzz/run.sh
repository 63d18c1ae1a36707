#!/bin/bash
# run.sh fuzz|fuzz-merge NAME...: runs each target, JOBS at once, for TIME seconds on its corpus,
# its seeds and what earlier runs have found ($BUILD/found/NAME); or adds to the corpora what that is worth.
# What makes a target fail is left in $BUILD/failed/NAME-*. The last line is a total; the exit status
# is 0 only if nothing failed.
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${BUILD:?the folder that the targets were built in}" "${SEEDS:?the folder of the seeds}"
export BUILD SEEDS TIME=${TIME:-60}
export UBSAN_OPTIONS=print_stacktrace=1 ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-14

# One input takes a fraction of a second and a few MiB: more is a finding too.
limits=(-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=64 -max_len=20000)

run_one() { # NAME
    local name=$1 log=$BUILD/log/$1.txt status executions
    mkdir -p "$BUILD/found/$name" "$BUILD/failed" "$BUILD/log"
    mkdir -p "$SEEDS/$name" "tests/fuzz/corpus/$name"
    "$BUILD/tests/fuzz/${name}_fuzz" "${limits[@]}" -max_total_time="$TIME" -print_final_stats=1 \
        -artifact_prefix="$BUILD/failed/$name-" "$BUILD/found/$name" "tests/fuzz/corpus/$name" \
        "$SEEDS/$name" >"$log" 2>&1
    status=$?
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    if [ "$status" = 0 ]; then
        printf 'ok     %-10s %12s executions, 0 findings\n' "$name" "$executions"
        return
    fi
    printf 'not ok %-10s %12s executions, 1 finding: %s\n' "$name" "${executions:-?}" \
        "$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)"
    grep -m 4 -E 'does not hold|ERROR: |runtime error|SUMMARY' "$log" | sed 's/^/    /'
    return 1
}

merge_one() { # NAME
    local name=$1 corpus=tests/fuzz/corpus/$1 log=$BUILD/log/$1-merge.txt
    mkdir -p "$corpus" "$SEEDS/$name" "$BUILD/found/$name" "$BUILD/log"
    if ! "$BUILD/tests/fuzz/${name}_fuzz" "${limits[@]}" -merge=1 -use_counters=0 "$corpus" "$SEEDS/$name" \
        "$BUILD/found/$name" >"$log" 2>&1; then
        echo "not ok $name: see $log"
        return 1
    fi
    echo "ok     $name: $(find "$corpus" -type f | wc -l) files, $(du -sk "$corpus" | cut -f 1) KiB"
}

if [ "${1:-}" = one ]; then
    "$2" "$3"
    exit
fi
case ${1:-} in
fuzz) each=run_one ;;
fuzz-merge) each=merge_one ;;
*) exit 2 ;;
esac
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf '%s\n' "$@" | xargs -P "${JOBS:-1}" -I {} tests/fuzz/run.sh one "$each" {} | tee "$log"
passed=$(grep -c '^ok' "$log")
failed=$(($# - passed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
