#!/usr/bin/env bats
# Many that publish with one account at once, and one that publishes much.

load publish

# start NUMBER NAME OPTION...: publishes in the background, into $HOME/out.NUMBER
start() {
    local number=$1
    shift
    publish "$@" --json >"$HOME/out.$number" 2>&1 3>&- &
    PIDS+=("$!")
}

wait_all() {
    local pid
    for pid in "${PIDS[@]}"; do wait "$pid" || cat "$HOME"/out.*; done
}

@test "20 at once with one account: 20 are mined, none is replaced" {
    before=$(nonce)
    for i in {1..20}; do start "$i" "crowd-$i.nec" --ws "127.0.0.1:$i"; done
    wait_all
    assert_equal "$(cat "$HOME"/out.* | jq -r 'select(.type=="tx" and .status=="mined").hash' | sort -u | wc -l)" 20
    assert_equal "$(nonce)" $((before + 20))
    for i in {1..20}; do echo "crowd-$i.nec"; done | nectar-net pki-lookup - |
        jq -se '[.[].ws_routing[1]]==[range(1;21)]'
    assert_equal "$(under_way)" 0
}

@test "20 at once, and no block until all are sent" {
    before=$(nonce)
    rpc evm_setAutomine false >/dev/null
    for i in {1..20}; do start "$i" "wait-$i.nec" --no-route; done
    all_are_sent() { [ "$(($(rpc eth_getTransactionCount "\"${ACCOUNTS[0]}\"" '"pending"')))" = $((before + 20)) ]; }
    wait_for 30 all_are_sent
    assert_equal "$(under_way)" 20
    rpc evm_setAutomine true >/dev/null
    mine
    wait_all
    assert_equal "$(cat "$HOME"/out.* | jq -r 'select(.type=="tx" and .status=="mined").hash' | sort -u | wc -l)" 20
    assert_equal "$(nonce)" $((before + 20))
    assert_equal "$(under_way)" 0
}

@test "the same change from 10 at once: one transaction, and all tell of it" {
    before=$(nonce)
    for i in {1..10}; do start "$i" same.nec --ws h:1; done
    wait_all
    assert_equal "$(nonce)" $((before + 1))
    assert_equal "$(cat "$HOME"/out.* | jq -r .status | sort -u | grep -cv 'mined\|unchanged')" 0
    assert_equal "$(cat "$HOME"/out.* | jq -r 'select(.hash).hash' | sort -u | wc -l)" 1
}

@test "10 changes of one name at once: one after the other, and the last is what stands there" {
    before=$(nonce)
    for i in {1..10}; do start "$i" turns.nec --ws "h:$i"; done
    wait_all
    assert_equal "$(cat "$HOME"/out.* | jq -r .status | sort -u)" mined
    assert_equal "$(nonce)" $((before + 10))
    last=$(cat "$HOME"/out.* | jq -s 'max_by(.block|tonumber).hash')
    data=$(rpc eth_getTransactionByHash "$last" | jq -r .input)
    assert_equal "$((16#${data:202:64}))" "$(record turns.nec | jq '.ws_routing[1]')"
}

@test "a lock that stays taken: 75; 28 where -w is up before" {
    publish lock.nec --no-route
    lock=$(find "$HOME/state/nectar-net/tx" -name lock)
    exec {held}>"$lock"
    flock "$held"
    run publish lock.nec --ws h:1 -w 0.5
    assert_failure 28
    run publish lock.nec --ws h:1
    assert_failure 75
    assert_output --partial "another process is sending with this account"
    exec {held}>&-
    publish lock.nec --ws h:1
}
