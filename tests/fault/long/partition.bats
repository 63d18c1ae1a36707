#!/usr/bin/env bats
# A listener that its router cannot reach for long, somebody having asked for it meanwhile. When it
# heals nobody is started again.

load ../fault

setup() {
    fault_setup alice r1 bob
    make_node alice.nec
    serve_at r1 r1.nec router
    indirect_at bob bob.nec r1.nec
}

teardown() {
    net_teardown
}

reach() {
    at alice nectar-net send -n alice bob -m hello -W 1 >/dev/null 2>&1
}

# cut_for SECONDS: TOOK is how many ms after healing bob is reached again.
cut_for() {
    reach
    relay link bob r1 cut on
    run reach
    assert_failure
    sleep "$1"
    relay link bob r1 cut off
    timed wait_for 120 reach
    note "cut for $1 s: reached again $TOOK ms after it has healed"
}

@test "50 s, which nobody may have noticed: reachable within 10 s of healing" {
    cut_for 50
    [ "$TOOK" -lt 10000 ]
}

# Longer than a ping waits for its pong: bob has noticed, and dials again and again.
@test "75 s: within 10 s, and bob has told that its router was down and is up" {
    cut_for 75
    [ "$TOOK" -lt 10000 ]
    fell_from bob.nec 1
    wait_for 5 stands_at bob.nec 1
}

# Longer than the time between the hellos that ask a router whether it knows us.
@test "140 s, and nobody asks: within 10 s" {
    relay link bob r1 cut on
    sleep 140
    fell_from bob.nec 1
    relay link bob r1 cut off
    timed wait_for 60 reach
    note "reached again $TOOK ms after it has healed"
    [ "$TOOK" -lt 10000 ]
}
