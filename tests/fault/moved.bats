#!/usr/bin/env bats
# A listener that is somewhere else from now on, and a conversation with it that goes on.

load fault

setup() {
    fault_setup alice old new
    make_node alice.nec
}

teardown() {
    net_teardown
}

# start_pings: alice pings bob five times a second.
start_pings() {
    launch_at alice alice.nec ping bob -i 0.2 -W 1
    PINGER=$STARTED
    wait_for 10 has_line alice.nec '"pong"'
}

# Have N requests come to the process whose output is in that file?
has_heard() { # FILE N
    [ "$(grep -c '"message"' "$HOME/$1")" -ge "$2" ]
}

# move: bob stands at the new place; what it heard at the old one is in $HOME/old.out.
move() {
    mv "$HOME/bob.nec.out" "$HOME/old.out"
    serve_at new bob.nec listen
}

# Ends the pings; SUMMARY is what they say then.
end_pings() {
    kill -TERM "$PINGER"
    wait "$PINGER"
    SUMMARY=$(jq -c 'select(.type=="summary")' "$HOME/alice.nec.out")
    note "$* $SUMMARY"
}

@test "the old one ends in an orderly way: the conversation goes on at the new one within 2 s" {
    serve_at old bob.nec listen
    old=$SERVER
    start_pings
    kill -TERM "$old"
    wait "$old"
    move
    timed wait_for 10 has_heard bob.nec.out 3
    end_pings "after $TOOK ms:"
    [ "$TOOK" -lt 2600 ] # with the time of three pings
}

@test "the new one stands first, and then the old one ends: nothing is lost" {
    serve_at old bob.nec listen
    old=$SERVER
    start_pings
    move
    kill -TERM "$old"
    wait "$old"
    wait_for 10 has_heard bob.nec.out 3
    end_pings
    jq -e '.loss==0' <<<"$SUMMARY"
}

@test "the old one is cut off without a word: it goes on within 5 s, and without a new start" {
    serve_at old bob.nec listen
    start_pings
    relay link old '*' cut on
    move
    timed wait_for 10 has_heard bob.nec.out 3
    end_pings "after $TOOK ms:"
    [ "$TOOK" -lt 5000 ]
}

@test "a node behind a router moves: its routers follow, and the conversation goes on" {
    add_places router
    serve_at router r1.nec router
    indirect_at old bob.nec r1.nec
    start_pings
    relay link old '*' cut on
    mv "$HOME/bob.nec.out" "$HOME/old.out"
    timed indirect_at new bob.nec r1.nec
    wait_for 10 has_heard bob.nec.out 3
    end_pings "stood again after $TOOK ms:"
}
