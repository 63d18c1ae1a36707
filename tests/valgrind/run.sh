#!/bin/bash
# run.sh [FILE.bats ...]: the black-box tests with every verb under valgrind's memcheck: no wrong
# access and no leak in any process that ends by itself or is told to, background ones included.
# Without files, all of tests/cmd but what tests/valgrind/left-out names; with TOOL=helgrind, races
# are looked for, without files in threads.bats. BUILD is the build folder; logs are in
# $BUILD/valgrind/TOOL; the last line counts.
set -u
here=$(realpath "$(dirname "$0")")
top=$(realpath "$here/../..")
BUILD=$(realpath "${BUILD:-$top/build}")
tool=${TOOL:-memcheck}
folder=$BUILD/valgrind
NECTAR_VALGRIND_LOGS=$folder/$tool
NECTAR_VALGRIND="--error-exitcode=99 --suppressions=$here/libraries.supp --num-callers=30"
if [ "$tool" = memcheck ]; then
    NECTAR_VALGRIND+=" --leak-check=full --show-leak-kinds=definite,indirect,possible"
    NECTAR_VALGRIND+=" --errors-for-leak-kinds=definite,indirect,possible --keep-debuginfo=yes"
else
    NECTAR_VALGRIND+=" --tool=$tool"
fi
# Tests wait for longer and end processes gently (tests/cmd/net.bash); and so do the verbs.
export BUILD NECTAR_VALGRIND NECTAR_VALGRIND_LOGS NECTAR_SLOWER=6 NECTAR_TIMEOUT=30
export NECTAR_NET_EXEC_PATH=$folder/bin

rm -rf "${folder:?}/bin" "$NECTAR_VALGRIND_LOGS"
mkdir -p "$folder/bin" "$NECTAR_VALGRIND_LOGS"
for verb in "$BUILD"/bin/nectar-net-*; do
    ln -s "$here/verb" "$folder/bin/${verb##*/}"
done

files=("$@")
if [ $# -eq 0 ] && [ "$tool" != memcheck ]; then
    files=("$here/threads.bats")
elif [ $# -eq 0 ]; then
    for file in "$top"/tests/cmd/*.bats; do
        name=$(basename "$file" .bats)
        grep -q "^$name " "$here/left-out" || files+=("$file")
    done
fi
cd "$top" || exit 1
printf '%s\n' "${files[@]}" | xargs -P "${JOBS:-2}" -n 1 tests/valgrind/one
fine=$(cat "$NECTAR_VALGRIND_LOGS"/*.tap | grep -c '^ok')
slow=$(cat "$NECTAR_VALGRIND_LOGS"/*.tap | grep -c '^not ok')
grep -H '^not ok' "$NECTAR_VALGRIND_LOGS"/*.tap | sed 's,.*/,note: ,; s/[.]tap:/: /'

# A process that a signal has ended has freed nothing: only its accesses are judged.
is_judged() { # LOG
    ! grep -qE 'default action of signal (2|13|15) ' "$1" ||
        grep -qE '(Invalid|Mismatched) |uninitialised|overlap|Possible data race' "$1"
}

passed=0 failed=0 killed=0
for log in "$NECTAR_VALGRIND_LOGS"/nectar-net-*; do
    summary=$(grep -o 'ERROR SUMMARY: [0-9]* errors' "$log" | tail -n 1)
    is_judged "$log" || summary=
    case $summary in
    '') killed=$((killed + 1)) ;;
    'ERROR SUMMARY: 0 errors') passed=$((passed + 1)) ;;
    *)
        failed=$((failed + 1))
        echo "--- ${log#"$top"/}"
        sed 's/^==[0-9]*== //' "$log" | head -n 60
        ;;
    esac
done
echo "under $tool: $passed processes without an error, $failed with; $killed were killed or became another"
# How long things take is for other tests to say: these are twenty times slower. But enough must have
# gone its way for this to mean something.
echo "of the tests themselves $fine went well, and $slow did not, most of them for being slow"
if [ "$fine" -lt $((3 * slow)) ]; then failed=$((failed + 1)); fi
echo "$passed passed, $failed failed"
[ $passed -gt 0 ] && [ $failed -eq 0 ]
