#!/usr/bin/env bats
# A router dies with a large message half through it.

load fault

SIZE=10400000
# A line whose buffers are not endless: what a kernel holds, nobody can know the fate of.
LINE="rate 4000000 queue 300000"

declare -gA ROUTERS

setup() {
    fault_setup alice r1 r2 bob
    make_node alice.nec
    head -c "$SIZE" /dev/urandom >"$HOME/body"
}

teardown() {
    net_teardown
}

# Two routers, and bob behind them.
stand() {
    serve_at r1 r1.nec router
    ROUTERS[r1]=$SERVER
    serve_at r2 r2.nec router
    ROUTERS[r2]=$SERVER
    indirect_at bob bob.nec r1.nec,r2.nec
}

# Has so much of the message passed that leg? Sets USED to the router that it goes through.
has_come() { # first|second BYTES
    for USED in r1 r2; do
        if [ "$1" = first ]; then
            ! has_passed alice "$USED" "$2" || return 0
        else
            ! has_passed "$USED" bob "$2" || return 0
        fi
    done
    return 1
}

# kill_at LEG PERCENT: sends, and kills the router when so much has passed that leg of the way, and
# before more does. The status is that of send.
kill_at() {
    local bytes=$((SIZE / 100 * $2))
    if [ "$1" = first ]; then
        relay way alice '*' until "$bytes"
    else
        relay way '*' bob until "$bytes"
    fi
    launch_at alice alice.nec send bob -f "$HOME/body" -W 10
    wait_for 20 has_come "$1" "$bytes"
    kill -KILL "${ROUTERS[$USED]}"
    wait "${ROUTERS[$USED]}" || true
    relay link '*' '*' until 0
    wait "$STARTED"
}

# The message comes out at the other end, once, and as it was.
arrives_once() { # LEG PERCENT
    stand
    if [ "$1" = first ]; then
        # shellcheck disable=SC2086 # options
        relay link alice '*' $LINE
    else
        # shellcheck disable=SC2086 # options
        relay way '*' bob $LINE
    fi
    timed kill_at "$1" "$2"
    note "killed with $2 % of $SIZE bytes through the $1 leg: in all $TOOK ms"
    jq -e '.type=="reply" and .body=="ack" and .retried' "$HOME/alice.nec.out"
    assert_equal "$(messages_of bob.nec | wc -l)" 1
    assert_equal "$(messages_of bob.nec | jq -r .body_b64 | base64 -d | sha256sum)" \
        "$(sha256sum <"$HOME/body")"
}

@test "kill -9 of a router with 10 % of a message through: it arrives through the other, once" {
    arrives_once first 10
}

@test "with 50 %" {
    arrives_once first 50
}

@test "with 90 %" {
    arrives_once first 90
}

# A router holds little of what it passes on, so its sender is still writing.
@test "with 10 %, and slow behind the router" {
    arrives_once second 10
}

# Later the kernels on the way may hold all the rest. Then nobody can say what has become of it, and
# it is not sent again.
@test "slow behind the router, so that all of it is written: it arrives once, or the sender is told" {
    stand
    # shellcheck disable=SC2086 # options
    relay way '*' bob $LINE
    status=0
    timed kill_at second 60 || status=$?
    heard=$(messages_of bob.nec | wc -l)
    note "killed with 60 % of $SIZE bytes through the second leg: exit $status, heard $heard times"
    case $status in
    0) assert_equal "$heard" 1 ;;
    7) jq -e '.stage=="reply"' "$HOME/alice.nec.out" && assert_equal "$heard" 0 ;;
    *) fail "exit $status: $(cat "$HOME/alice.nec.out")" ;;
    esac
    assert_equal "$(at alice nectar-net send -n alice bob -m "and now")" ack
}
