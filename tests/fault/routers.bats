#!/usr/bin/env bats
# One router of four lives: the others are there, but no packet comes through to them.

load fault

setup() {
    fault_setup alice r1 r2 r3 r4 bob
    make_node alice.nec
    for n in 1 2 3 4; do
        serve_at "r$n" "r$n.nec" router
    done
    indirect_at bob bob.nec r1.nec,r2.nec,r3.nec,r4.nec
    for n in 2 3 4; do
        relay link "r$n" '*' cut on
    done
}

teardown() {
    net_teardown
}

# longest N COMMAND...: runs it so often; MAX is how many ms the slowest took.
longest() {
    local times=$1
    shift
    MAX=0
    for ((i = 0; i < times; i++)); do
        timed at alice "$@" >"$HOME/output"
        [ "$TOOK" -le "$MAX" ] || MAX=$TOOK
    done
}

@test "1 router lives and 3 are black holes: a cold send is acknowledged in under 1 s" {
    longest 20 nectar-net send -n alice bob -m hello
    note "20 sends, the slowest $MAX ms"
    [ "$MAX" -lt 1000 ]
    assert_equal "$(messages_of bob.nec | wc -l)" 20
}

@test "the same for a ping" {
    longest 5 nectar-net ping -n alice bob -c 1
    note "5 pings, the slowest $MAX ms"
    [ "$MAX" -lt 1000 ]
}

@test "route-via: through the live one at once; through a dead one the first leg fails in time" {
    longest 3 nectar-net route-via -n alice r1 bob
    note "3 times through the live one, the slowest $MAX ms"
    [ "$MAX" -lt 1000 ]
    timed run -7 at alice nectar-net route-via -n alice r2 bob -W 1 --json
    [ "$TOOK" -lt 3000 ]
    jq -se '.[0] | .type=="leg" and .n==1 and (.ok|not)' <<<"$output"
    jq -se '.[-1] | .stage=="tcp" and .peer=="r2.nec"' <<<"$output"
}

@test "all four are black holes: offline within the time of an attempt, and tried names each" {
    relay link r1 '*' cut on
    timed run -7 at alice nectar-net send -n alice bob -m hello -W 2 --json
    note "offline after $TOOK ms"
    [ "$TOOK" -lt 5000 ]
    jq -e '.stage=="router" and ([.tried[].router]|sort==["r1.nec","r2.nec","r3.nec","r4.nec"]) and
        all(.tried[]; .stage=="tcp")' <<<"$output"
}
