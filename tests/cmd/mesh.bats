#!/usr/bin/env bats
# Many nodes at once, and many in a hurry: nothing lost, nothing doubled. The nodes run in one
# process (helpers/mesh), the routers are programs.

load net
load routing

setup() {
    net_setup
    ulimit -S -n "$(ulimit -H -n)"
}

teardown() {
    net_teardown
}

# start_slow NAME SECOND EACH JITTER SEED: a router that is reached through helpers/delay.
start_slow() {
    local name=$1
    shift
    start_router "$name"
    "$BUILD/helpers/delay" "${ADDRESS##*:}" "$@" >"$HOME/$name.delay" 3>&- &
    PIDS+=($!)
    wait_for 10 test -s "$HOME/$name.delay"
    nectar-net publish-tx -n "$name" --ws "127.0.0.1:$(cat "$HOME/$name.delay")" >/dev/null
}

# mesh VERB COUNT WINDOW ROUTER...: fails with what it said unless each message was handled once and
# acknowledged; its figures are in $output.
mesh() {
    local verb=$1
    shift
    run "$BUILD/helpers/mesh" "$verb" "$REGISTRY" "$@"
    assert_success
}

figure() { # NAME
    tail -n 1 <<<"$output" | jq ".$1"
}

# How many passages through a router carried a message: a lost race ends before its third message.
carried() { # ROUTER
    jq -s 'map(select(.event=="close" and (.bytes_out|tonumber)>350))|length' "$HOME/$1.out"
}

@test "50 nodes without an address on 3 routers, each sends to each, all 2,450 at once" {
    for router in r1.nec r2.nec r3.nec; do
        start_router "$router" --max-per-address 16384 --max-passthroughs 8192
    done
    mesh each 50 49 r1.nec r2.nec r3.nec
    assert_equal "$(figure sent)" 2450
    for router in r1.nec r2.nec r3.nec; do
        [ "$(routing_of "$router" | grep -c "^registered")" -ge 50 ]
    done
}

@test "two routers, one 1 ms slower: 1,000 cold sends, each by one connection" {
    start_slow r1.nec 0 1000 0 1
    start_router r2.nec
    mesh cold 1000 20 r1.nec r2.nec
    assert_equal "$(figure sent)" 1000
    [ "$(carried r1.nec)" -gt 100 ]
    [ "$(carried r2.nec)" -gt 100 ]
}

# The second router is tried 250 ms after the first has said its last. Two waits of half of that, in
# the sender's connection and in the target's, bring both to the same millisecond.
@test "two routers that answer within the same millisecond: 1,000 cold sends, each by one connection" {
    start_slow r1.nec 132000 0 4000 1
    start_router r2.nec
    mesh cold 1000 40 r1.nec r2.nec
    assert_equal "$(figure sent)" 1000
    [ "$(routing_of r1.nec | grep -c '^pending')" -gt 300 ]
    [ "$(routing_of r2.nec | grep -c '^pending')" -gt 600 ]
    [ "$(carried r1.nec)" -gt 10 ]
    [ "$(carried r2.nec)" -gt 300 ]
}

# Its way takes half a second, twice the time that one without a sign of life would get.
@test "a router that is slow, and answers, is not taken for dead" {
    start_slow r1.nec 0 55000 0 1
    start_router r2.nec
    mesh cold 40 4 r1.nec r2.nec
    [ "$(carried r1.nec)" -gt 3 ]
    assert_equal "$(cat "$HOME"/r?.nec.out | jq -s 'map(select(.event=="pending"))|length')" 40
}

@test "two nodes behind one router call each other at the same moment, 50 times" {
    start_router r1.nec
    mesh crossing 50 10 r1.nec
    assert_equal "$(figure sent)" 100
    [ "$(figure apart_us)" -lt 1000 ] || echo "# apart by $(figure apart_us) us" >&3
}

@test "two nodes with addresses dial each other at the same moment, 50 times" {
    mesh crossing 50 10
    assert_equal "$(figure sent)" 100
    [ "$(figure apart_us)" -lt 1000 ] || echo "# apart by $(figure apart_us) us" >&3
}
