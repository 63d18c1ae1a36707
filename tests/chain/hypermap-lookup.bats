#!/usr/bin/env bats
# Names looked up in Hypermap, and their names read from its log.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load hypermap

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
    net_setup
    KEY=d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
}

teardown() {
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

lookup() {
    run --separate-stderr nectar-net pki-lookup -p "$URI" "$@"
}

# expect_record NAME KEY WS ROUTERS, as JSON each
expect_record() {
    assert_equal "$output" "{\"name\":\"$1\",\"username\":\"${1%.os}\",\"networking_key\":$2,\"ws_routing\":$3,\"allowed_routers\":$4}"
}

@test "a direct node, by notes that others wrote" {
    local name=direct$RUN.os
    mint "$name"
    note "$name" '~net-key' "$KEY"
    note "$name" '~ip' cb007107
    note "$name" '~ws-port' 2328
    note "$name" '~tcp-port' 0000
    lookup "$name"
    assert_success
    assert_equal "$stderr" ""
    expect_record "$name" "\"$KEY\"" '["203.0.113.7",9000]' '[]'
    note "$name" '~ip' 20010db8000000000000000000000001
    lookup "${name%.os}"
    expect_record "$name" "\"$KEY\"" '["2001:db8::1",9000]' '[]'
}

@test "names that are not there, that say nothing, and notes that are malformed" {
    local name=odd$RUN.os
    lookup "nobody$RUN.os"
    assert_failure 6
    mint "$name"
    lookup "$name"
    assert_success
    expect_record "$name" null null '[]'
    note "$name" '~net-key' 01
    note "$name" '~ip' cb0071
    note "$name" '~ws-port' 28
    note "$name" '~routers' 0102
    lookup "$name"
    expect_record "$name" null null '[]'
    note "$name" '~ip' ''
    lookup "$name"
    expect_record "$name" null null '[]'
}

@test "routers are shown by hash until their names are known" {
    local name=bob$RUN.os router=router$RUN.os other=other$RUN.os hash
    for each in "$name" "$router" "$other"; do
        mint "$each"
    done
    hash=$(digits_of "$router")
    note "$name" '~net-key' "$KEY"
    note "$name" '~routers' "$hash$(digits_of "$other")"
    lookup "$name"
    assert_success
    expect_record "$name" "\"$KEY\"" null "[\"0x$hash\",\"0x$(digits_of "$other")\"]"
    [[ $stderr == *"warning: "*"$name has 2 routers whose name is not known here"*"registry sync"* ]]
    # One that was looked up itself is known from then on.
    lookup "$router"
    lookup "$name"
    expect_record "$name" "\"$KEY\"" null "[\"$router\",\"0x$(digits_of "$other")\"]"
    run nectar-net registry sync -p "$URI"
    assert_success
    lookup "$name"
    assert_equal "$stderr" ""
    expect_record "$name" "\"$KEY\"" null "[\"$router\",\"$other\"]"
}

@test "endpoints that fail: the next is asked" {
    local name=next$RUN.os
    mint "$name"
    note "$name" '~net-key' "$KEY"
    run --separate-stderr nectar-net pki-lookup -p "hypermap+http://127.0.0.1:1?contract=$HYPERMAP" -p "$URI" "$name"
    assert_success
    expect_record "$name" "\"$KEY\"" null '[]'
}

@test "--watch: each note that changes the record, as it is seen" {
    local name=watched-$RUN.os
    nectar-net pki-lookup --watch --json -p "$URI" "$name" >"$HOME/out" 3>&- &
    PIDS+=("$!")
    wait_for 5 grep -q unknown_name "$HOME/out"
    mint "$name"
    note "$name" '~net-key' "$KEY"
    wait_for 5 grep -q "$KEY" "$HOME/out"
    note "$name" '~ip' cb007107
    note "$name" '~ws-port' 2328
    wait_for 5 grep -q '"203.0.113.7",9000' "$HOME/out"
    note "$name" '~ws-port' 2329
    wait_for 5 grep -q '"203.0.113.7",9001' "$HOME/out"
    sleep 2
    jq -se '[.[]|select(.type=="record")|[.networking_key, .ws_routing]] as $seen
        | (map(.type)|.[0:2] == ["error","over"]) and ($seen|length) == ($seen|unique|length)
        and $seen[-1][1] == ["203.0.113.7",9001]' "$HOME/out"
}
