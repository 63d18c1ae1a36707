#!/usr/bin/env bats
# The names of Hypermap, read from its log by endpoints that allow much and little, over blocks that
# come and go. Each test finds the chain as it was: what is on it is counted.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load hypermap

setup_file() {
    hypermap_start
}

teardown_file() {
    hypermap_stop
}

setup() {
    net_setup
    AT=$URI
    FIRST=$ANVIL_PID FIRST_URL=$ANVIL_URL
    BEGINNING=$(rpc evm_snapshot)
}

teardown() {
    [ "$ANVIL_PID" = "$FIRST" ] || anvil_stop
    ANVIL_URL=$FIRST_URL
    rpc evm_revert "\"$BEGINNING\"" >/dev/null
    net_teardown
}

# Makes a name, for the first account unless another is named.
mint() { # NAME [OWNER]
    local owner=${2:-${ACCOUNTS[0]}}
    case $1 in
    *.*.os) hypermap_mint_under "${1#*.}" "${1%%.*}" "$owner" ;;
    *) hypermap_mint "${1%.os}" "$owner" ;;
    esac >/dev/null
}

note() { # NAME LABEL [HEX]
    hypermap_note "$1" "$2" "0x${3:-}" >/dev/null
}

digits_of() { # NAME: its hash
    namehash "$1" | cut -c 3-
}

sync() { # [OPTION...]
    run --separate-stderr nectar-net registry sync -p "$AT" "$@"
}

known() {
    nectar-net registry names -p "$URI"
}


# An endpoint of a mode before the node. Sets AT.
endpoint() { # MODE [ARGUMENT]
    : >"$HOME/endpoint"
    "$BUILD/helpers/endpoint" -n "${ANVIL_URL##*:}" "$@" >"$HOME/endpoint" 2>/dev/null 3>&- &
    PIDS+=("$!")
    wait_for 5 test -s "$HOME/endpoint"
    AT="hypermap+http://127.0.0.1:$(head -n 1 "$HOME/endpoint")?contract=$HYPERMAP"
}

block() {
    echo $((16#$(rpc eth_blockNumber | sed s/^0x//)))
}

@test "names are read once, and those that are new after that" {
    mint alice.os
    mint sub.alice.os
    sync
    assert_success
    assert_equal "$stderr" ""
    assert_output "3 names up to block $(block), 3 new"
    sync
    assert_output "3 names up to block $(block), 0 new"
    mint bob.os
    sync --json
    assert_equal "$(jq -c '[.type, .needed, .from, .block, .names, .added, .unknown]' <<<"$output")" \
        "[\"sync\",true,\"$(block)\",\"$(block)\",\"4\",\"1\",\"0\"]"
    run known
    assert_output $'alice.os\nbob.os\nsub.alice.os'
}

@test "an endpoint that gives the log of few blocks only" {
    local each
    for each in a b c d e; do
        mint "$each.os"
        rpc anvil_mine '"0x40"' >/dev/null
    done
    endpoint narrow 10
    sync -v
    assert_success
    assert_output "6 names up to block $(block), 6 new"
    [[ $(grep -c eth_getLogs "$HOME/endpoint") -lt 80 ]]
    run known
    assert_output $'a.os\nb.os\nc.os\nd.os\ne.os'
}

@test "an endpoint that gives no log at all" {
    endpoint error 'eth_getLogs={"code":-32000,"message":"logs are not to be had"}'
    sync
    assert_failure 5
    assert_equal "$output" ""
    [[ $stderr == *"eth_getLogs: logs are not to be had (-32000)"* ]]
    [[ $(grep -c eth_getLogs "$HOME/endpoint") -le 20 ]]
}

@test "an endpoint that fails in the middle: the next goes on" {
    local good=$URI
    mint alice.os
    endpoint error 'eth_getLogs={"code":-32000,"message":"logs are not to be had"}'
    run --separate-stderr nectar-net registry sync -v -p "$AT" -p "$good"
    assert_success
    assert_output "2 names up to block $(block), 2 new"
    [[ $stderr == *"logs are not to be had"* ]]
    mint bob.os
    run --separate-stderr nectar-net registry sync -p "hypermap+http://127.0.0.1:1?contract=$HYPERMAP" -p "$AT"
    assert_failure 5
}

@test "logs that lie are not believed" {
    mint alice.os
    endpoint answer 'eth_getLogs=[{"topics":[],"blockNumber":"0x1","logIndex":"0x0","data":"0x"}]'
    sync
    assert_failure 5
    endpoint answer "eth_getLogs=$(rpc eth_getLogs '{"fromBlock":"0x0"}' | jq -c 'map(.blockNumber = "0xffff")')"
    sync
    assert_failure 5
    # A name that does not go with its hash is none.
    endpoint answer "eth_getLogs=$(rpc eth_getLogs '{"fromBlock":"0x0"}' |
        jq -c 'map(select(.topics[0] | startswith("0xb59dae5e")) | .data |= sub("616c696365"; "6576656c6e"))')"
    sync
    assert_success
    assert_output "1 names up to block $(block), 1 new"
}

@test "what is under a name that is not known is left out" {
    local from
    mint alice.os
    from=$(($(block) + 1))
    mint sub.alice.os
    AT="$URI&from=$from"
    sync
    assert_success
    assert_output "0 names up to block $(block), 0 new"
    [[ $stderr == *"1 left out"*"before block $from"* ]]
    # From earlier on it is all read again.
    AT=$URI
    sync
    assert_output "3 names up to block $(block), 3 new"
}

@test "blocks that are no longer on the chain are read again" {
    mint alice.os
    sync
    rpc anvil_mine '"0x2"' >/dev/null
    sync
    mint bob.os
    sync
    assert_output "3 names up to block $(block), 1 new"
    # The last block goes, and another name comes with another block.
    rpc anvil_reorg 1 '[]' >/dev/null
    mint carol.os
    rpc anvil_mine '"0x3"' >/dev/null
    sync -v
    assert_success
    [[ $stderr == *"is read again: the chain has changed"* ]]
    assert_output "4 names up to block $(block), 1 new"
    run known
    assert_output $'alice.os\ncarol.os'
}

@test "a chain that began anew" {
    mint alice.os
    rpc anvil_mine '"0x20"' >/dev/null
    sync
    NECTAR_HYPERMAP_RPC='' hypermap_start
    AT=$URI
    mint bob.os
    sync
    assert_success
    assert_output "3 names up to block $(block), 1 new"
    run known
    assert_output bob.os
}

@test "killed at any time, and many at once" {
    local i pids=()
    for i in {1..40}; do
        mint "n$i.os"
    done
    # Slow, so that none comes to its end before.
    endpoint slow 20
    ANVIL_URL=${AT%%\?*} endpoint narrow 2
    for i in 1 2 3 4 5 6; do
        nectar-net registry sync -p "$AT" >/dev/null 2>&1 3>&- &
        sleep 0.0$((i * 7 % 10))
        kill -KILL $!
        wait $! || true
    done
    for i in 1 2 3; do
        nectar-net registry sync -q -p "$AT" >"$HOME/sync$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || fail "$(cat "$HOME"/sync?)"
    done
    sync
    assert_output "41 names up to block $(block), 0 new"
    run known
    assert_equal "${#lines[@]}" 40
}

@test "names have to be read before all records can be told" {
    mint alice.os
    run --separate-stderr known
    assert_failure 5
    [[ $stderr == *"registry sync"* ]]
}

@test "records are copied into another registry" {
    mint alice.os
    note alice.os '~net-key' d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
    note alice.os '~ip' cb007107
    note alice.os '~ws-port' 2328
    mint bob.os "${ACCOUNTS[1]}"
    note bob.os '~routers' "$(digits_of alice.os)"
    sync
    nectar-net registry export -p "$URI" >"$HOME/all"
    assert_equal "$(jq -c '[.name, .owner, .allowed_routers]' "$HOME/all")" \
        "[\"alice.os\",\"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\",[]]
[\"bob.os\",\"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\",[\"alice.os\"]]"
    nectar-net registry init
    nectar-net registry import "$HOME/all"
    run nectar-net pki-lookup bob.os
    assert_output '{"name":"bob.os","username":"bob","networking_key":null,"ws_routing":null,"allowed_routers":["alice.os"]}'
}

@test "a registry that tells its names by itself needs none of this" {
    nectar-net registry init
    run --separate-stderr nectar-net registry sync
    assert_success
    assert_equal "$output" ""
    [[ $stderr == *"tells its names by itself"* ]]
}

@test "without a folder for what is kept" {
    mint alice.os
    mkdir -p "$HOME/.cache"
    : >"$HOME/.cache/nectar-net"
    sync
    assert_failure 5
    [[ $stderr == *"cannot be kept"* ]]
    run --separate-stderr nectar-net pki-lookup -p "$URI" alice.os
    assert_success
}
