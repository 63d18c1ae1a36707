#!/usr/bin/env bats
# Transactions that are sent and not confirmed: told as pending, waited for, never sent anew; blocks
# that are replaced.
# shellcheck disable=SC2154 # stderr is set by run

load publish

teardown() {
    rpc evm_setAutomine true >/dev/null
    mine
    net_teardown
}

hold() {
    rpc evm_setAutomine false >/dev/null
}

# The account's transactions that are in no block.
waiting() {
    rpc txpool_content | jq --arg a "${ACCOUNTS[0]}" '[.pending, .queued | .[$a] // {} | length] | add'
}

@test "no block in time: 13, the hash, a hint; the same command again waits on" {
    name=$(new_name)
    before=$(nonce)
    hold
    run --separate-stderr publish "$name" --ws h:1 -w 1
    assert_failure 13
    assert_output --regexp '^0x[0-9a-f]{64}$'
    hash=$output
    [[ $stderr == *"transaction pending: "*"$hash is in no block yet"* ]] || fail "$stderr"
    [[ $stderr == *"hint: nectar-net tx status $hash"* ]] || fail "$stderr"
    assert_equal "$(under_way)" 1
    run nectar-net tx status "$hash"
    assert_failure 13
    assert_output pending
    # Again, and again: still that one.
    for _ in 1 2; do
        run publish "$name" --ws h:1 -w 0.5 --json
        assert_failure 13
        jq -se --arg hash "$hash" '.[0].type=="tx" and .[0].status=="pending" and .[0].hash==$hash
            and .[1].type=="error" and .[1].error=="tx_pending" and .[1].exit==13' <<<"$output"
    done
    assert_equal "$(waiting)" 1
    publish "$name" --ws h:1 >"$HOME/out" 3>&- &
    PIDS+=("$!")
    sleep 0.2
    mine
    wait "$!"
    assert_equal "$(cat "$HOME/out")" "$hash"
    assert_equal "$(nonce)" $((before + 1))
    assert_equal "$(under_way)" 0
    run --separate-stderr publish "$name" --ws h:1
    assert_equal "$stderr" "nectar-net publish-tx: unchanged"
}

@test "mined while nobody waited: the same command tells which" {
    name=$(new_name)
    hold
    run --separate-stderr publish "$name" --ws h:1 -w 0.5
    assert_failure 13
    hash=$output
    mine
    run publish "$name" --ws h:1
    assert_success
    assert_output "$hash"
    assert_equal "$(under_way)" 0
}

@test "mined while nobody waited, and changed since by another machine: the record is made so again" {
    name=$(new_name)
    hold
    run --separate-stderr publish "$name" --ws h:1 -w 0.5
    assert_failure 13
    hash=$output
    rpc evm_setAutomine true >/dev/null
    mine
    XDG_STATE_HOME=$HOME/elsewhere publish "$name" --ws h:2
    run publish "$name" --ws h:1
    assert_success
    [ "$output" != "$hash" ]
    assert_equal "$(record "$name" | jq '.ws_routing[1]')" 1
}

@test "a change behind one that waits: waits for it first, and tells so" {
    name=$(new_name)
    before=$(nonce)
    hold
    run --separate-stderr publish "$name" --ws h:1 -w 0.5
    hash=$output
    run --separate-stderr publish "$name" --ws h:2 -w 0.5
    assert_failure 13
    assert_output "$hash"
    [[ $stderr == *"an earlier change of $name is not confirmed yet"* ]] || fail "$stderr"
    # Back to what stands there now is a change, too, since another one is on its way.
    run --separate-stderr publish "$name" --no-route -w 0.5
    assert_failure 13
    assert_equal "$(waiting)" 1
    publish "$name" --ws h:2 >"$HOME/out" 3>&- &
    PIDS+=("$!")
    sleep 0.2
    rpc evm_setAutomine true >/dev/null
    mine
    wait "$!"
    assert_equal "$(nonce)" $((before + 2))
    assert_equal "$(record "$name" | jq '.ws_routing[1]')" 2
}

@test "other names are not held up" {
    hold
    run --separate-stderr publish "$(new_name)" --no-route -w 0.5
    run --separate-stderr publish "$(new_name)" --no-route -w 0.5
    assert_failure 13
    assert_equal "$(waiting)" 2
    mine
    assert_equal "$(waiting)" 0
    # What others left confirmed is forgotten by the next one.
    rpc evm_setAutomine true >/dev/null
    publish "$(new_name)" --no-route
    assert_equal "$(under_way)" 0
}

@test "sent, dropped by the endpoint: the same command sends the very same bytes" {
    name=$(new_name)
    before=$(nonce)
    hold
    run --separate-stderr publish "$name" --ws h:1 -w 0.5
    hash=$output
    rpc anvil_dropTransaction "\"$hash\"" >/dev/null
    assert_equal "$(waiting)" 0
    run nectar-net tx status "$hash"
    assert_output unknown
    rpc evm_setAutomine true >/dev/null
    run publish "$name" --ws h:1 -v
    assert_success
    assert_line "$hash"
    assert_line --partial "never received; it is sent"
    assert_equal "$(nonce)" $((before + 1))
}

@test "sent, dropped, and its nonce taken by another: the change is made with the next one" {
    name=$(new_name)
    before=$(nonce)
    hold
    run --separate-stderr publish "$name" --ws h:1 -w 0.5
    hash=$output
    rpc anvil_dropTransaction "\"$hash\"" >/dev/null
    rpc evm_setAutomine true >/dev/null
    chain_send "${ACCOUNTS[3]}" 0x >/dev/null
    run --separate-stderr publish "$name" --ws h:1
    assert_success
    [ "$output" != "$hash" ]
    assert_equal "$(nonce)" $((before + 2))
    assert_equal "$(under_way)" 0
}

@test "a gap in the nonces is filled by the next change" {
    first=$(new_name)
    second=$(new_name)
    before=$(nonce)
    hold
    # As a process leaves it whose first one was dropped, and forgotten.
    run --separate-stderr publish "$first" --no-route -w 0.5
    rpc anvil_dropTransaction "\"$output\"" >/dev/null
    hash=$output
    run --separate-stderr publish "$second" --no-route --nonce $((before + 1)) -w 0.5
    find "$HOME/state/nectar-net/tx" -name "*${hash#0x}.json" -delete
    rpc anvil_dropTransaction "\"$hash\"" >/dev/null || true
    rpc evm_setAutomine true >/dev/null
    publish "$first" --ws h:1
    publish "$second" --no-route
    assert_equal "$(nonce)" $((before + 2))
    assert_equal "$(under_way)" 0
}

@test "--confirmations: as many blocks as were asked for" {
    name=$(new_name)
    publish "$name" --no-route --confirmations 3 --json >"$HOME/out" 3>&- &
    PIDS+=("$!")
    in_a_block() { [ "$(record "$name")" ]; }
    wait_for 10 in_a_block
    sleep 0.3
    kill -0 "$!"
    mine
    sleep 0.3
    kill -0 "$!"
    [ ! -s "$HOME/out" ]
    mine
    wait "$!"
    jq -e '.status=="mined" and .confirmations=="3"' "$HOME/out"
    run publish "$name" --ws h:1 --confirmations 3 -w 1 --json
    assert_failure 13
    jq -se '.[0].status=="pending" and .[0].confirmations=="1"
        and (.[1].reason|contains("1 of 3 confirmations"))' <<<"$output"
}

@test "elsewhere than on a test chain it is 3" {
    anvil_url=$ANVIL_URL anvil_pid=$ANVIL_PID anvil_home=$ANVIL_HOME
    anvil_start --chain-id 4242
    uri=$(nectar-net registry deploy --tld nec -p "nectar+$ANVIL_URL" --eth-key "$OWNER" --confirmations 1)
    run publish a.nec --no-route -p "$uri" -w 1 --json
    anvil_stop
    ANVIL_URL=$anvil_url ANVIL_PID=$anvil_pid ANVIL_HOME=$anvil_home
    assert_failure 13
    jq -se '.[1].reason|contains("1 of 3 confirmations")' <<<"$output"
}

@test "a block that is replaced does not count" {
    name=$(new_name)
    publish "$name" --no-route --confirmations 4 --json >"$HOME/out" 3>&- &
    PIDS+=("$!")
    in_a_block() { [ "$(record "$name")" ]; }
    wait_for 10 in_a_block
    mine 2
    sleep 0.3
    # Three blocks are others now, without it.
    rpc anvil_reorg '3, []' >/dev/null
    run record "$name"
    assert_failure 6
    sleep 0.5
    kill -0 "$!"
    [ ! -s "$HOME/out" ]
    # It is sent once more by the same command, while the first one still waits.
    publish "$name" --no-route --json >"$HOME/again" 3>&- &
    PIDS+=("$!")
    wait_for 10 in_a_block
    mine 4
    wait "${PIDS[0]}"
    wait "${PIDS[1]}"
    assert_equal "$(jq -r .hash "$HOME/out")" "$(jq -r .hash "$HOME/again")"
    receipt=$(rpc eth_getTransactionReceipt "\"$(jq -r .hash "$HOME/out")\"")
    assert_equal "$(jq -r .block "$HOME/out")" "$(($(jq -r .blockNumber <<<"$receipt")))"
}

@test "the endpoint goes away and comes again while it is waited for" {
    name=$(new_name)
    hold
    publish "$name" --no-route >"$HOME/out" 3>&- &
    PIDS+=("$!")
    sent() { [ "$(waiting)" = 1 ]; }
    wait_for 10 sent
    kill -STOP "$ANVIL_PID"
    sleep 1
    kill -CONT "$ANVIL_PID"
    mine
    wait "$!"
    grep -q '^0x' "$HOME/out"
}
