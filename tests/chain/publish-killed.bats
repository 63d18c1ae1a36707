#!/usr/bin/env bats
# kill -9 at every step of publishing, and then the same command again: the chain and the disk agree,
# and a change has cost one transaction. A step is a system call: the process is killed as it makes
# the Nth of a kind, for every kind that leaves a trace, and every N that there is.

load publish

setup() {
    may_trace
    publish_setup
}

# What changes the disk, or the endpoint's mind, or tells of it.
CALLS="mkdir flock linkat write fsync unlink sendto recvfrom exit_group"

# How often the command makes a call.
count_calls() { # CALL COMMAND...
    local call=$1
    shift
    strace -f -qq -e "trace=$call" -o "$HOME/trace" "$@" >/dev/null 2>&1 || true
    grep -c "$call(" "$HOME/trace" || true
}

# Runs the command, and kills it at the Nth such call.
killed_at() { # CALL N COMMAND...
    local call=$1 n=$2
    shift 2
    # In a shell of its own, which says nothing of who was killed.
    {
        strace -f -qq -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" -o /dev/null "$@" \
            >"$HOME/first" 2>/dev/null || true
    } 2>/dev/null
}

# publish_killed NAME-PREFIX OPTION...: kills at each call, for a name each
publish_killed() {
    local prefix=$1 call n count steps=0 before name
    shift
    for call in $CALLS; do
        rm -rf "$HOME/state"
        count=$(count_calls "$call" nectar-net publish-tx -n "$prefix-${call//_/-}.nec" "$@" --eth-key "$OWNER")
        for ((n = 1; n <= count; n++)); do
            name=$prefix-${call//_/-}-$n.nec
            rm -rf "$HOME/state"
            ! declare -f prepare >/dev/null || prepare "$name"
            before=$(nonce)
            killed_at "$call" "$n" nectar-net publish-tx -n "$name" "$@" --eth-key "$OWNER"
            publish "$name" "$@" >"$HOME/second" 2>"$HOME/told" ||
                fail "$call $n: $(cat "$HOME/told")"
            [ "$(nonce)" = $((before + 1)) ] ||
                fail "$call $n: $(($(nonce) - before)) transactions; $(cat "$HOME/first" "$HOME/second" "$HOME/told")"
            [ "$(under_way)" = 0 ] || fail "$call $n: the journal holds $(under_way)"
            record "$name" | jq -e '.ws_routing==["h",1]' >/dev/null || fail "$call $n: $(record "$name")"
            steps=$((steps + 1))
        done
    done
    echo "# $steps steps" >&3
    [ "$steps" -gt 30 ]
}

@test "a new name" {
    publish_killed new --ws h:1
}

@test "a change of a record" {
    prepare() { XDG_STATE_HOME=$HOME/elsewhere publish "$1" --no-route >/dev/null; }
    publish_killed change --ws h:1
}

@test "killed before a block is there: the same one is waited for, and never another sent" {
    local call n count before name
    for call in sendto fsync linkat; do
        rm -rf "$HOME/state"
        count=$(count_calls "$call" nectar-net publish-tx -n "slow-$call.nec" --ws h:1 --eth-key "$OWNER")
        for ((n = 1; n <= count; n++)); do
            name=slow-$call-$n.nec
            rm -rf "$HOME/state"
            before=$(nonce)
            rpc evm_setAutomine false >/dev/null
            killed_at "$call" "$n" nectar-net publish-tx -n "$name" --ws h:1 --eth-key "$OWNER" -w 0.3
            run publish "$name" --ws h:1 -w 0.4
            assert_failure 13
            rpc evm_setAutomine true >/dev/null
            mine
            publish "$name" --ws h:1 >/dev/null || fail "$call $n"
            [ "$(nonce)" = $((before + 1)) ] || fail "$call $n: $(($(nonce) - before)) transactions"
        done
    done
}

@test "a registry: the same URI, or the one that was told" {
    local call n count before deploy uri again
    deploy=(nectar-net registry deploy --tld os -p "nectar+$ANVIL_URL" --eth-key "$OWNER")
    for call in linkat fsync unlink write sendto recvfrom; do
        rm -rf "$HOME/state"
        count=$(count_calls "$call" "${deploy[@]}")
        for ((n = 1; n <= count; n++)); do
            rm -rf "$HOME/state"
            before=$(nonce)
            killed_at "$call" "$n" "${deploy[@]}"
            uri=$(cat "$HOME/first")
            # Told and forgotten is done. Else the same command again tells of that one.
            if [ -z "$uri" ] || [ "$(under_way)" != 0 ]; then
                again=$("${deploy[@]}")
                [ -z "$uri" ] || assert_equal "$again" "$uri"
                uri=$again
            fi
            [ "$(nonce)" = $((before + 1)) ] || fail "$call $n: $(($(nonce) - before)) transactions"
            [ "$(under_way)" = 0 ] || fail "$call $n: the journal holds $(under_way)"
            nectar-net pki-lookup -p "$uri" a.os >/dev/null 2>&1 && fail "a name there"
            assert_equal "$(rpc eth_getCode "\"$(sed 's/.*contract=//; s/&.*//' <<<"$uri")\"" '"latest"' | cut -c 1-4)" 0x60
        done
    done
}
