#!/usr/bin/env bats
# Publishing by endpoints that fail, and on disks that do.
# shellcheck disable=SC2154 # stderr is set by run

load publish

# An endpoint of a mode (tests/helpers/endpoint), before the node. Sets AT, its URI.
endpoint() { # MODE [ARGUMENT]
    : >"$HOME/endpoint"
    "$BUILD/helpers/endpoint" -n "${ANVIL_URL##*:}" "$@" >"$HOME/endpoint" 2>/dev/null 3>&- &
    PIDS+=("$!")
    wait_for 5 test -s "$HOME/endpoint"
    AT="nectar+http://127.0.0.1:$(head -n 1 "$HOME/endpoint")?contract=$CONTRACT"
}

@test "endpoints that hang, refuse, answer garbage or far too much: 5, in time, and nothing is sent" {
    name=$(new_name)
    before=$(nonce)
    while read -r mode argument; do
        endpoint "$mode" ${argument:+"$argument"}
        begun=$EPOCHREALTIME
        run publish "$name" --no-route -p "$AT"
        assert_failure 5
        (((${EPOCHREALTIME/./} - ${begun/./}) / 1000000 < 7 * ${NECTAR_SLOWER:-1})) || fail "$mode took long"
        kill "${PIDS[-1]}"
    done <<'MODES'
hang
reset
text nonsense
status 500
huge
missing
wrong-id
cut
error eth_getTransactionCount={"code":-32000,"message":"no \u001b[31mstate"}
error eth_chainId={"code":-32000,"message":"no"}
answer eth_estimateGas="0xfffffffffffffffff"
answer eth_estimateGas="much"
MODES
    assert_equal "$(nonce)" "$before"
    [ ! -e "$HOME/state/nectar-net/tx" ] || assert_equal "$(under_way)" 0
    endpoint hang
    run publish "$name" --no-route -p "$AT" -w 0.5
    assert_failure 28
}

@test "no suggestion of a tip: it is taken from past blocks" {
    endpoint error 'eth_maxPriorityFeePerGas={"code":-32601,"message":"Method not found"}'
    publish "$(new_name)" --no-route -p "$AT"
    grep -q eth_feeHistory "$HOME/endpoint"
    endpoint answer 'eth_maxPriorityFeePerGas="none"'
    publish "$(new_name)" --no-route -p "$AT"
}

@test "taken, and told that it was not: it is looked for, and waited for" {
    name=$(new_name)
    before=$(nonce)
    endpoint error 'eth_sendRawTransaction={"code":-32000,"message":"already known"}'
    run publish "$name" --no-route -p "$AT"
    assert_success
    assert_equal "$(nonce)" $((before + 1))
}

# at_send MODE OPTION...: publishes by an endpoint that is of that mode from the sending on
at_send() {
    local mode=$1
    shift
    echo "slow 300" >"$HOME/mode"
    endpoint "@$HOME/mode"
    publish "$@" -p "$AT" >"$HOME/out" 2>"$HOME/err" 3>&- &
    PIDS+=("$!")
    wait_for 10 grep -q eth_estimateGas "$HOME/endpoint"
    echo "$mode" >"$HOME/mode.new"
    mv "$HOME/mode.new" "$HOME/mode"
    wait "${PIDS[-1]}"
}

@test "the reply to the sending is lost: 13, never failed; the same command again tells which it was" {
    name=$(new_name)
    before=$(nonce)
    run at_send mute "$name" --no-route -w 4
    assert_failure 13
    assert_equal "$(under_way)" 1
    grep -q '^0x' "$HOME/out"
    run publish "$name" --no-route
    assert_success
    assert_output "$(cat "$HOME/out")"
    assert_equal "$(nonce)" $((before + 1))
}

@test "the sending itself is lost: 13; the same command again sends the very same bytes" {
    name=$(new_name)
    before=$(nonce)
    run at_send reset "$name" --no-route -w 4
    assert_failure 13
    assert_equal "$(nonce)" "$before"
    run publish "$name" --no-route
    assert_success
    assert_output "$(cat "$HOME/out")"
    assert_equal "$(nonce)" $((before + 1))
}

@test "a journal that is damaged: 3, and where; once the chain is past it, it is forgotten" {
    name=$(new_name)
    rpc evm_setAutomine false >/dev/null
    run --separate-stderr publish "$name" --no-route -w 0.5
    assert_failure 13
    entry=$(find "$HOME/state/nectar-net/tx" -name '*.json')
    cp "$entry" "$HOME/kept"
    echo '{' >"$entry"
    run publish "$name" --no-route
    assert_failure 3
    assert_output --partial "${entry%/*}"
    rpc evm_setAutomine true >/dev/null
    rpc evm_mine >/dev/null
    run --separate-stderr publish "$name" --no-route
    assert_success
    assert_equal "$stderr" "nectar-net publish-tx: unchanged"
    assert_equal "$(under_way)" 0
}

@test "a state folder that cannot be written, and a disk that is full: 3, and nothing is sent" {
    name=$(new_name)
    before=$(nonce)
    echo >"$HOME/file"
    XDG_STATE_HOME=$HOME/file run publish "$name" --no-route
    assert_failure 3
    assert_output --partial "Not a directory"
    unshare -rm true 2>/dev/null || skip "no namespaces here"
    mkdir -p "$HOME/state"
    run unshare -rm bash -c "mount -t tmpfs -o size=8k tmpfs $HOME/state || exit 99
        mkdir -p $HOME/state/nectar-net/tx
        cat /dev/zero >$HOME/state/fill 2>/dev/null
        nectar-net publish-tx -n $name --no-route --eth-key $OWNER"
    assert_failure 3
    assert_output --partial "No space left on device"
    assert_equal "$(nonce)" "$before"
}

# Every 7th: all of them take minutes, by hand.
@test "an allocation refused, one after the other: the same command again ends well, and a name costs one transaction" {
    before=$(nonce)
    run "$BUILD/helpers/scarce" "$URI" "$OWNER" "$HOME/state/nectar-net/tx" 7
    assert_success
    [ "$output" != skipped ] || skip "memory cannot be refused here"
    [ "$output" -gt 100 ]
    assert_equal "$(nonce)" $((before + output))
    assert_equal "$(under_way)" 0
}
