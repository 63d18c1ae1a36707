#!/usr/bin/env bats
# On the network's own chain a name under .os takes two transactions, which are not ours to send.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load hypermap
load publish

setup_file() {
    unset NECTAR_HYPERMAP_RPC
    hypermap_start --chain-id 8453
    # Without parameters, the URI means the network's contract on this chain.
    URI="hypermap+$ANVIL_URL"
    export URI
}

teardown_file() {
    anvil_stop
}

setup() {
    publish_setup
}

teardown() {
    net_teardown
}

@test "--mint under .os is explained, and nothing is sent" {
    before=$(nonce "${ACCOUNTS[1]}")
    run --separate-stderr nectar-net publish-tx -n squid-squid.os --no-route --mint --eth-key "$OTHER"
    assert_failure 8
    assert_equal "$output" ""
    [[ $stderr == *"names under .os take two transactions on Base"*"then publish"* ]] || fail "$stderr"
    assert_equal "$(nonce "${ACCOUNTS[1]}")" "$before"
}

@test "a name that is registered is published and looked up there, and names under it are made" {
    hypermap_mint squid-squid "${ACCOUNTS[1]}" >/dev/null
    nectar-net publish-tx -n squid-squid --ws 203.0.113.7:9000 --confirmations 1 --eth-key "$OTHER"
    run nectar-net pki-lookup squid-squid
    assert_output "{\"name\":\"squid-squid.os\",\"username\":\"squid-squid\",\"networking_key\":\"$KEY\",\"ws_routing\":[\"203.0.113.7\",9000],\"allowed_routers\":[]}"
    nectar-net publish-tx -n a.squid-squid.os --routers squid-squid.os --mint --confirmations 1 --eth-key "$OTHER"
    run nectar-net pki-lookup a.squid-squid.os
    assert_output --partial '"allowed_routers":["squid-squid.os"]'
}

@test "another chain at the endpoint: 5" {
    run --separate-stderr nectar-net pki-lookup -p "hypermap+$ANVIL_URL?chain=31337" squid-squid
    assert_failure 5
    [[ $stderr == *"it is on chain 8453, and the URI wants chain 31337"* ]]
}

@test "no Multicall3, or no Hypermap, at an address: 5, which of them" {
    run --separate-stderr nectar-net pki-lookup -p "$URI?multicall=${ACCOUNTS[3]}" squid-squid
    assert_failure 5
    [[ $stderr == *"no Multicall3 at 0x90F79bf6EB2c4f870365E785982E1f101E93b906 on chain 8453"* ]]
    run --separate-stderr nectar-net pki-lookup -p "$URI?contract=$MULTICALL" squid-squid
    assert_failure 5
    [[ $stderr == *"no Hypermap"* ]]
    run --separate-stderr nectar-net pki-lookup -p "$URI?contract=${ACCOUNTS[3]}" squid-squid
    assert_failure 5
    [[ $stderr == *"no contract stands there on chain 8453"* ]]
}
