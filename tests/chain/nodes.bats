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
