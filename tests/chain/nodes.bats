#!/usr/bin/env bats
# Nodes whose identities stand in a registry on a real chain talk with one another.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load registry
load nodes

setup_file() {
    registry_start nec
}

teardown_file() {
    anvil_stop
}

setup() {
    net_setup
    export NECTAR_PKI=$URI
}

teardown() {
    net_teardown
}

@test "send, ping and listen" {
    serve_direct listen alice
    make_chain_node bob
    run --separate-stderr nectar-net send -n bob alice -m hello
    assert_success
    run --separate-stderr nectar-net ping -n bob -c 2 alice
    assert_success
    wait_for 5 jq -e 'select(.type=="message" and .from=="bob.nec")' "$HOME/alice.out"
}

@test "through a router, all three on the chain" {
    serve_direct router loach
    make_chain_node carol loach
    serve listen carol
    make_chain_node bob
    run --separate-stderr nectar-net send -n bob carol -m hello
    assert_success
    wait_for 5 jq -e 'select(.type=="message" and .from=="bob.nec")' "$HOME/carol.out"
}

@test "a key that changes on the chain is the one that counts" {
    export NECTAR_MAX_CACHED=0
    serve_direct listen dave
    make_chain_node bob
    nectar-net send -n bob dave -m hello >/dev/null
    registry_publish dave "$(nectar-net pubkey -n bob)" 127.0.0.1 "${ADDRESS##*:}" 0 "" >/dev/null
    run --separate-stderr nectar-net send -n bob dave -m hello
    assert_failure 7
    assert_regex "$stderr" 'signature does not match the published key|auth'
    registry_publish dave "$(nectar-net pubkey -n dave)" 127.0.0.1 "${ADDRESS##*:}" 0 "" >/dev/null
    run --separate-stderr nectar-net send -n bob dave -m hello
    assert_success
}

# What passes connections on to where a server listens, and can break them; its record says so.
# Sets BETWEEN, the process.
go_between() { # NAME [PORT]
    "$BUILD/helpers/delay" "${2:-${ADDRESS##*:}}" 0 0 0 1 >"$HOME/$1.between" 3>&- &
    BETWEEN=$!
    PIDS+=("$BETWEEN")
    wait_for 5 test -s "$HOME/$1.between"
    publish_between "$1"
}

publish_between() { # NAME
    registry_publish "$1" "$(nectar-net pubkey -n "$1")" 127.0.0.1 "$(cat "$HOME/$1.between")" 0 "" >/dev/null
}

# A new key, on the chain and then in the process that runs.
change_key() { # NAME COMMAND...: what publishes it
    nectar-net keygen -n "$1.nec" --no-passphrase --force >/dev/null
    "${@:2}"
    nectar-net ctl reload -n "$1" >/dev/null
}

@test "whom one calls changes its key, and nobody is started anew: the next message gets there" {
    make_chain_node alice
    serve listen alice --bind 127.0.0.1:0 --exec cat
    go_between alice
    make_chain_node bob
    mkfifo "$HOME/pipe"
    # Each has a cache of its own, and keeps what it was told for long.
    XDG_CACHE_HOME=$HOME/bobs nectar-net send -vv -n bob --max-cached 600 --batch alice \
        <"$HOME/pipe" >"$HOME/replies" 2>"$HOME/bob.err" 3>&- &
    pid=$!
    PIDS+=("$pid")
    exec 6>"$HOME/pipe"
    echo '{"body":"1"}' >&6
    wait_for 10 grep -q '"body":"1"' "$HOME/replies"
    change_key alice publish_between alice
    # What stands stays.
    echo '{"body":"2"}' >&6
    wait_for 10 grep -q '"body":"2"' "$HOME/replies"
    kill -HUP "$BETWEEN"
    wait_for 5 grep -q 'alice.nec: ended' "$HOME/bob.err" # or the message might go there, and fail
    echo '{"body":"3"}' >&6
    wait_for 10 grep -q '"body":"3"' "$HOME/replies"
    exec 6>&-
    wait "$pid"
    # It believed what it had kept, and asked again in the one handshake.
    run -0 grep -c 'alice.nec found in the cache' "$HOME/bob.err"
    assert_output 1
    run -0 grep -c 'alice.nec is proven' "$HOME/bob.err"
    assert_output 2
    run -0 grep -c 'alice.nec: dialling' "$HOME/bob.err"
    assert_output 2
}

@test "who calls changes its key, and nobody is started anew: its router takes it as it was" {
    XDG_CACHE_HOME=$HOME/loachs serve_direct router loach -vv --max-cached 600
    go_between loach
    make_chain_node carol loach
    XDG_CACHE_HOME=$HOME/carols serve listen carol
    make_chain_node bob
    XDG_CACHE_HOME=$HOME/bobs nectar-net send -n bob carol -m before
    change_key carol make_chain_node carol loach
    kill -HUP "$BETWEEN"
    wait_for 10 routed_again
    XDG_CACHE_HOME=$HOME/bobs nectar-net send -n bob --max-cached 600 carol -m after
    run -0 jq -sr 'map(select(.type=="message").body) | join(" ")' "$HOME/carol.out"
    assert_output "before after"
}

routed_again() {
    [ "$(grep -c 'carol.nec is proven' "$HOME/loach.err")" = 2 ]
}

@test "whom the chain does not know is not talked with, nor is one whose name is not there" {
    serve_direct listen erin
    nectar-net keygen -n stranger --no-passphrase >/dev/null
    run --separate-stderr nectar-net send -n stranger erin -m hello
    assert_failure 4
    make_chain_node bob
    run --separate-stderr nectar-net send -n bob nobody -m hello
    assert_failure 6
}

@test "no endpoint answers: 5, from every verb, before its deadline" {
    local verb
    make_chain_node bob
    "$BUILD/helpers/endpoint" hang >"$HOME/hang" 2>/dev/null 3>&- &
    PIDS+=("$!")
    wait_for 5 test -s "$HOME/hang"
    NECTAR_PKI="nectar+http://127.0.0.1:$(cat "$HOME/hang")?contract=$CONTRACT"
    for verb in "send -n bob.nec alice.nec -m x" "ping -n bob.nec -c 1 alice.nec" "listen -n bob.nec"; do
        # shellcheck disable=SC2086 # words on purpose
        run --separate-stderr timeout 10 nectar-net $verb
        assert_failure 5
        [[ $stderr == *"no answer within 5 s"* ]] || fail "says: $stderr"
    done
}
