#!/usr/bin/env bats
# Places that cannot reach each other for a while, and then can again. Nobody is started again.

load fault

setup() {
    fault_setup alice r1 r2 bob
    make_node alice.nec
}

teardown() {
    net_teardown
}

# start_pings: alice pings bob five times a second.
start_pings() {
    launch_at alice alice.nec ping bob -i 0.2 -W 1
    wait_for 10 more_pongs 0
}

count_pongs() {
    grep -c '"pong"' "$HOME/alice.nec.out"
}

# Have more come than that?
more_pongs() {
    [ "$(count_pongs)" -gt "$1" ]
}

# cut_for SECONDS A B: and then it heals; TOOK is how many ms later the pongs come again.
cut_for() {
    local before
    relay link "$2" "$3" cut on
    sleep "$1"
    before=$(count_pongs)
    relay link "$2" "$3" cut off
    timed wait_for 30 more_pongs "$before"
    note "cut for $1 s between $2 and $3: pongs again $TOOK ms later"
}

@test "between two in a conversation: it goes on within 3 s of healing" {
    serve_at bob bob.nec listen
    start_pings
    for span in 0.5 4; do
        cut_for "$span" alice bob
        [ "$TOOK" -lt 3000 ]
    done
}

@test "between the sender and the only router: the same" {
    serve_at r1 r1.nec router
    indirect_at bob bob.nec r1.nec
    start_pings
    for span in 0.5 3; do
        cut_for "$span" alice r1
        [ "$TOOK" -lt 3000 ]
    done
}

@test "between the sender and one router of two: it goes on through the other before it heals" {
    serve_at r1 r1.nec router
    serve_at r2 r2.nec router
    indirect_at bob bob.nec r1.nec,r2.nec
    relay way alice r2 cut on # for r1 to be the one
    start_pings
    relay way alice r2 cut off
    relay link alice r1 cut on
    timed wait_for 10 has_line alice.nec '"via":"r2.nec"'
    note "through the other after $TOOK ms"
    [ "$TOOK" -lt 4000 ]
}

@test "between a listener and its only router, for 5 s: reachable within 5 s of healing" {
    serve_at r1 r1.nec router
    indirect_at bob bob.nec r1.nec
    start_pings
    cut_for 5 bob r1
    [ "$TOOK" -lt 5000 ]
}

# Does this kernel let us say how long it may wait before it sends something again? One that does not
# may wait for as long again as the line was dead.
is_recent() {
    [ -e /proc/sys/net/ipv4/tcp_rto_max_ms ]
}

@test "between them for 25 s, with somebody asking at its beginning: within 8 s of healing" {
    serve_at r1 r1.nec router
    indirect_at bob bob.nec r1.nec
    relay link bob r1 cut on
    run -7 at alice nectar-net send -n alice bob -m lost -W 1
    sleep 25
    relay link bob r1 cut off
    timed wait_for 40 at alice nectar-net send -n alice bob -m hello -W 1
    note "cut for 25 s: reached again $TOOK ms later"
    [ "$TOOK" -lt "$(is_recent && echo 8000 || echo 32000)" ]
}

@test "a message whose answer is lost in a partition: timeout at reply, and it was heard once" {
    serve_at bob bob.nec listen
    relay link alice bob delay 150
    launch_at alice alice.nec send bob -m hello -W 2 -vv
    wait_for 10 grep -q 'sent message 3' "$HOME/alice.nec.err"
    relay way bob alice cut on
    result=0
    wait "$STARTED" || result=$?
    assert_equal "$result" 28
    jq -e '.error=="timeout" and .stage=="reply"' "$HOME/alice.nec.out"
    assert_equal "$(messages_of bob.nec | wc -l)" 1
}
