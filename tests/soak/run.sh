#!/bin/bash
# run.sh: listeners, routers, nodes behind them and senders, that come and go for MINUTES (2): are
# stopped, killed, frozen, begun again at the same address and at another. Then: is every message
# that its sender was told delivered at its receiver, and no message twice; do those that stayed
# take as much memory and as many descriptors as they did early on? SEED makes the same troubles.
set -u
here=$(realpath "$(dirname "$0")")
BUILD=$(realpath "${BUILD:-$here/../../build}")
PATH=$BUILD/bin:$PATH
# shellcheck source=tests/soak/nodes.bash
. "$here/nodes.bash"
# shellcheck source=tests/soak/senders.bash
. "$here/senders.bash"
# shellcheck source=tests/soak/report.bash
. "$here/report.bash"

HOME=$(mktemp -d "${TMPDIR:-/tmp}/nectar-soak.XXXXXX")
export HOME XDG_DATA_HOME=$HOME/data XDG_CONFIG_HOME=$HOME/config XDG_STATE_HOME=$HOME/state
export XDG_RUNTIME_DIR=$HOME/run NO_COLOR=1
unset NECTAR_KEY NECTAR_PKI NECTAR_NAME NECTAR_PASSPHRASE_FILE NECTAR_ETH_KEY_FILE NECTAR_ETH_PASSPHRASE_FILE
LEDGER=$HOME/ledger
mkdir -p "$LEDGER"
RANDOM=${SEED:=$((RANDOM))}
passed=0 failed=0
WORKERS=()
STAYING=(r1.nec bob.nec ivy.nec)

leave() {
    local pid
    touch "$LEDGER/enough"
    for pid in "${PID[@]}" "${WORKERS[@]}"; do
        kill -CONT "$pid" 2>/dev/null
        kill -KILL "$pid" 2>/dev/null
    done
    wait 2>/dev/null
    if [ $failed -eq 0 ]; then rm -rf "$HOME"; else echo "the ledger is left in $LEDGER"; fi
}
trap leave EXIT
trap 'exit 1' INT TERM

worker() { # COMMAND...
    "$@" &
    WORKERS+=($!)
}

# One trouble, of a node that does not stay or a short one of one that does.
trouble() {
    local pause=$((RANDOM % 4)).$((RANDOM % 10))
    case $((RANDOM % 12)) in
    0) end TERM carol.nec; begin_at listen carol.nec ;;
    1) end KILL carol.nec; begin_at listen carol.nec ;;
    2) end KILL carol.nec; begin_at listen carol.nec new ;;
    3) freeze carol.nec "$pause" ;;
    4) end TERM jan.nec; begin_behind jan.nec r1.nec,r2.nec ;;
    5) end KILL jan.nec; begin_behind jan.nec r2.nec,r1.nec ;;
    6) freeze jan.nec "$pause" ;;
    7) end KILL r2.nec; begin_at router r2.nec ;;
    8) end TERM r2.nec; begin_at router r2.nec new ;;
    9) freeze r2.nec "$pause" ;;
    10) freeze "${STAYING[RANDOM % 3]}" 0.5 ;;
    *) nectar-net ctl -n "${STAYING[RANDOM % 3]}" reload ;;
    esac >>"$LEDGER/troubles" 2>&1
}

sample() {
    local second
    for ((second = 0; ; second++)); do
        note_sample "$second"
        sleep 1
    done
}

# What a node has open beside the connections that it tells of.
count_others() { # NAME
    echo $(($(descriptors_of "${PID[$1]}") - $(nectar-net peers -n "$1" --json | wc -l)))
}

# Those that stayed have no more open than before there were senders, and connections to each other
# at most.
are_few() {
    local name
    for name in "${STAYING[@]}"; do
        [ "$(nectar-net peers -n "$name" --json | wc -l)" -le 5 ] &&
            [ "$(count_others "$name")" -le "${BEFORE[$name]}" ] || return 1
    done
}

all_still_run() {
    local name
    for name in "${STAYING[@]}" long.nec peg.nec; do
        kill -0 "${PID[$name]}" || return 1
    done
}

seconds=$(awk -v m="${MINUTES:-2}" 'BEGIN { s = int(m * 60); print s < 20 ? 20 : s }')
for name in r1 r2 bob carol ivy jan ann amy long bill peg pat; do make_node $name.nec; done
begin_all() {
    begin_at router r1.nec && begin_at router r2.nec && begin_at listen bob.nec &&
        begin_at listen carol.nec && begin_behind ivy.nec r1.nec,r2.nec &&
        begin_behind jan.nec r1.nec,r2.nec
}
if ! begin_all; then
    failed=1
    echo "the nodes do not begin"
    exit 1
fi
sleep 1
declare -A BEFORE
for name in "${STAYING[@]}"; do BEFORE[$name]=$(count_others "$name"); done

echo "soak: $seconds s, SEED=$SEED"
worker send_singly ann.nec
worker send_singly amy.nec --no-retry
worker send_singly ivy.nec # by the process that runs under that name, over its control socket
worker send_in_batches bill.nec
worker ping_in_turns pat.nec
send_for_long long.nec
nectar-net ping -q -n peg.nec -i 0.1 -W 3 bob.nec >"$LEDGER/peg" 2>&1 &
PID[peg.nec]=$!
STAYING+=(long.nec peg.nec)
sample &
SAMPLER=$!
WORKERS+=("$SAMPLER")
troubles=0
for ((until = SECONDS + seconds; SECONDS < until; troubles++)); do
    trouble
    sleep 0.$((RANDOM % 9 + 1))
done
check "all that should have stayed did" all_still_run

kill "$SAMPLER"
touch "$LEDGER/enough"
kill -INT "${PID[peg.nec]}"
for pid in "${WORKERS[@]}" "${PID[long.nec]}" "${PID[peg.nec]}"; do wait "$pid" 2>/dev/null; done
all=("${STAYING[@]}")
STAYING=(r1.nec bob.nec ivy.nec)
check "descriptors are as before" wait_for 30 are_few
for name in "${STAYING[@]}"; do
    echo "descriptors of $name: ${BEFORE[$name]} before, $(count_others "$name") after, and $(
        nectar-net peers -n "$name" --json | wc -l) of connections"
done
for name in bob.nec carol.nec ivy.nec jan.nec r1.nec r2.nec; do end TERM $name; done
echo "troubles: $troubles; pings of the one that stayed: $(tail -n 2 "$LEDGER/peg" | head -n 1)"
report_messages
for name in "${all[@]}"; do check_memory "$name"; done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
