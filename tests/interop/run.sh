#!/usr/bin/env bash
# Our programs (`us`) and an independent peer (`it`) as initiator and responder: run.sh [PAIR...], PAIR such as us-it.
# Prints a table; the last line is `N passed, N failed`, and how many were skipped, where our programs lack an option.
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2154
set -u
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/cells.sh"
. "$here/wrong.sh"
. "$here/quirks.sh"
. "$here/old.sh"
. "$here/routed.sh"
. "$here/routed_wrong.sh"
. "$here/manners.sh"

passed=0 failed=0 skipped=0

# row ROLE FORM CASE BYTES MS VERDICT [WHY]; between the two is what `between` names: a router of us or it, or ws.
between=ws
row() {
    printf '%-6s %-4s %-6s %-28s %9s %8s  %s%s\n' "$1" "$between" "$2" "$3" "$4" "$5" "$6" "${7:+: $7}"
    case $6 in
        ok) passed=$((passed + 1)) ;;
        skipped) skipped=$((skipped + 1)) ;;
        *) failed=$((failed + 1)) ;;
    esac
}

start_listeners() {
    # The addresses come with `ready`; the records must stand before.
    write_registry "$registry"
    start it-in "$peer" listen --name it-in.nec --seed "$tmp/it-in.seed" --registry "$registry"
    [[ -n $with_us ]] && start_us
    write_registry "$registry"
}

# need_cargo: without it there is no peer, which is an error, unless the caller can do without all this.
need_cargo() {
    command -v cargo >/dev/null && return
    [[ ${NECTAR_INTEROP_OPTIONAL:-} == 1 ]] || die "no cargo on this machine (NECTAR_INTEROP_OPTIONAL=1: skip all)"
    echo "skipped: no cargo on this machine, so no independent peer"
    echo "0 passed, 0 failed"
    exit 0
}

start_us() {
    us_answer=(--reply pong)
    if our listen --exec; then us_answer=(--exec cat); fi
    start us-in "$bin/nectar-net-listen" -n us-in.nec -p "json:$registry" --bind 127.0.0.1:0 --json
    start us-re "$bin/nectar-net-listen" -n us-re.nec -p "json:$registry" --bind 127.0.0.1:0 --json "${us_answer[@]}"
}

choose_pairs "$@"
need_cargo
build_peer
need_our_programs
make_keys
start_listeners
start_routed
begin_manners
printf '%-6s %-4s %-6s %-28s %9s %8s  %s\n' ROLE VIA FORM CASE BYTES MS VERDICT
for pair in "${pairs[@]}"; do
    run_cells "$pair"
    run_quirks "$pair"
    run_old "$pair"
    run_routed "$pair"
    run_far_quirks "$pair"
done
run_manners
run_wrong
end_manners
echo "$passed passed, $failed failed$( ((skipped)) && echo ", $skipped skipped")"
((failed == 0))
