#!/usr/bin/env bats
# Nodes whose identities stand in Hypermap talk with one another; whom they route by has to be known
# by name.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load hypermap
load publish
load nodes

setup_file() {
    hypermap_start
    # On a node that others use too names must be new each time.
    RUN=$(printf '%x' "$EPOCHSECONDS")
    export RUN
}

teardown_file() {
    hypermap_stop
}

setup() {
    publish_setup
    unset NECTAR_KEY
}

teardown() {
    net_teardown
}

# A node with a key and a record: make_node NAME ROUTE...
make_node() {
    nectar-net keygen -n "$1" --no-passphrase >/dev/null
    publish "$@" --mint >/dev/null
}

@test "a router is reached once its name is known, and not before" {
    local router=r-$RUN carol=c-$RUN bob=b-$RUN hash
    make_node "$router" --no-route
    serve router "$router" --bind 127.0.0.1:0
    publish "$router" --ws "$ADDRESS" >/dev/null
    make_node "$carol" --routers "$router"
    serve listen "$carol" || fail "$(cat "$HOME/$carol.err")"
    make_node "$bob" --no-route
    hash=0x$(namehash "$router.os" | cut -c 3-)
    # A machine that has heard nothing of these names.
    export XDG_CACHE_HOME=$HOME/elsewhere
    run --separate-stderr nectar-net send -n "$bob" "$carol" -m hello -w 5
    assert_failure
    [[ $stderr == *"$hash"* ]] || fail "$stderr"
    nectar-net registry sync
    run --separate-stderr nectar-net send -n "$bob" "$carol" -m hello
    assert_success
    wait_for 5 jq -e --arg bob "$bob.os" 'select(.type=="message" and .from==$bob)' "$HOME/$carol.out"
}
