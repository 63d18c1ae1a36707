#!/usr/bin/env bats
# Publishing by several endpoints of one registry: whichever fails, whenever that is, a change is
# made, once.
# shellcheck disable=SC2154 # stderr, PORT_NAME and AT_NAME are set by others

load publish
load endpoints

setup() {
    publish_setup
    endpoint good pass
}

teardown() {
    rpc evm_setAutomine true >/dev/null
    net_teardown
}

# published NAME SECONDS URI...: publishes by these; one transaction, in time
published() {
    local name=$1 seconds=$2 before begun each uris=()
    shift 2
    for each; do uris+=(-p "$each"); done
    before=$(nonce)
    begun=$EPOCHREALTIME
    run --separate-stderr publish "$name" --ws h:1 "${uris[@]}" -w 30
    assert_success
    (((${EPOCHREALTIME/./} - ${begun/./}) < seconds * 1000000 * ${NECTAR_SLOWER:-1})) || fail "took long: $stderr"
    assert_equal "$(nonce)" $((before + 1))
    assert_equal "$(under_way)" 0
    record "$name" | jq -e '.ws_routing==["h",1]'
}

@test "an endpoint that fails, in every way: the next one is published by, and that is told" {
    local row text
    while IFS='|' read -r row text; do
        mend
        # shellcheck disable=SC2086 # words on purpose
        endpoint bad ${row}
        published "$(new_name)" 4 "$AT_bad&chain=31337" "$AT_good&chain=31337"
        [[ $stderr == *":$PORT_bad?"*"$text"* ]] || fail "$row says: $stderr"
        # It is left alone by the next command.
        before=$(asked bad)
        published "$(new_name)" 4 "$AT_bad&chain=31337" "$AT_good&chain=31337"
        assert_equal "$(asked bad)" "$before"
        assert_equal "$stderr" ""
    done <<'MODES'
refuse|Connection refused
hang|no answer within 1.5 s
reset|:
status 500|HTTP 500
cut|transfer closed
text {|it is no JSON
answer eth_chainId="0x1"|it is on chain 1, and the URI wants chain 31337
answer eth_getCode="0x"|no contract stands there
error eth_getTransactionCount={"code":-32005,"message":"throttled"}|it refuses to answer: throttled (-32005)
MODES
}

@test "one that fails at any exchange, before or after it has done what it was asked: one transaction" {
    local mode n steps=0
    for mode in reset 'status 500' cut mute 'text {'; do
        for n in 1 2 3 4 5 6 7; do
            mend
            endpoint bad after "$n $mode"
            published "$(new_name)" 6 "$AT_bad" "$AT_good"
            steps=$((steps + 1))
        done
    done
    echo "# $steps steps" >&3
}

@test "each fails in turn: planned anew by who answers, and one transaction" {
    endpoint one after "3 reset"
    endpoint two after "4 status 500"
    published "$(new_name)" 6 "$AT_one" "$AT_two" "$AT_good"
    # Nonces, and what stands there, are of one endpoint.
    grep -q 'eth_getTransactionCount' "$HOME/good.asked"
    endpoint three after "2 hang"
    published "$(new_name)" 6 "$AT_three" "$AT_good"
}

@test "taken by one that goes away, and tells nobody: the next one gets the very same bytes" {
    local name before
    name=$(new_name)
    before=$(nonce)
    endpoint bad @
    mode bad swallow
    publish "$name" --ws h:1 -p "$AT_bad" -p "$AT_good" -w 20 >"$HOME/out" 2>"$HOME/err" 3>&- &
    PIDS+=("$!")
    wait_for 10 grep -q eth_getTransactionReceipt "$HOME/bad.asked"
    assert_equal "$(nonce)" "$before"
    mode bad reset
    wait "${PIDS[-1]}" || fail "$(cat "$HOME/err")"
    assert_equal "$(nonce)" $((before + 1))
    assert_equal "$(under_way)" 0
    record "$name"
}

@test "sent by one, and none has it in a block: 13 stays 13, by whichever it is asked; then the same one" {
    local name before hash
    name=$(new_name)
    before=$(nonce)
    rpc evm_setAutomine false >/dev/null
    endpoint bad after "8 reset"
    run --separate-stderr publish "$name" --ws h:1 -p "$AT_bad" -p "$AT_good" -w 2
    assert_failure 13
    hash=$output
    [[ $stderr == *":$PORT_bad?"* ]] || fail "says: $stderr"
    endpoint gone refuse
    endpoint lost mute
    for first in "$AT_gone" "$AT_lost" "$AT_good"; do
        run --separate-stderr publish "$name" --ws h:1 -p "$first" -p "$AT_good" -w 3
        assert_failure 13
        assert_output "$hash"
    done
    # One that does not know it is not the only one that is asked about it.
    endpoint blind answer 'eth_getTransactionByHash=null'
    run nectar-net tx status "$hash" -p "$AT_blind" -p "$AT_good"
    assert_output --partial pending
    run nectar-net tx status "$hash" -p "$AT_blind"
    assert_output --partial unknown
    rpc evm_setAutomine true >/dev/null
    mine
    run --separate-stderr publish "$name" --ws h:1 -p "$AT_gone" -p "$AT_good"
    assert_success
    assert_output "$hash"
    assert_equal "$(nonce)" $((before + 1))
    run nectar-net tx status "$hash" -p "$AT_gone" -p "$AT_good"
    assert_success
    assert_output --partial mined
}

@test "an error is an answer: of a contract, 8; of a node, 12; and nothing is sent by another" {
    local name
    name=$(new_name)
    endpoint bad pass
    XDG_STATE_HOME=$HOME/other-state nectar-net publish-tx -n "$name" --no-route --eth-key "$OTHER"
    run publish "$name" --ws h:1 -p "$AT_bad" -p "$AT_good"
    assert_failure 8
    assert_equal "$(asked good)" 0
    run publish "$(new_name)" --ws h:1 --nonce 0 -p "$AT_bad" -p "$AT_good"
    assert_failure 12
    assert_output --partial "nonce too low"
    run grep -c eth_sendRawTransaction "$HOME/good.asked"
    assert_output 0
    assert_equal "$(under_way)" 0
}

@test "a refusal where another may have taken it is not the end: looked for, waited for" {
    local before
    before=$(nonce)
    # The first one has the transaction mined and does not say so; the second has heard of it.
    endpoint bad after "5 cut"
    endpoint late error 'eth_sendRawTransaction={"code":-32003,"message":"nonce too low"}'
    published "$(new_name)" 8 "$AT_bad" "$AT_late"
    assert_equal "$(nonce)" $((before + 1))
}

@test "refused by one, and perhaps taken by another that fell silent: 13, never 12; and then the same one" {
    local name hash before
    name=$(new_name)
    before=$(nonce)
    endpoint picky reject
    run publish "$name" --ws h:1 -p "$AT_picky" -p "$AT_good" -w 3
    assert_failure 12
    assert_equal "$(under_way)" 0
    endpoint bad after "5 hang"
    run --separate-stderr publish "$name" --ws h:1 -p "$AT_bad" -p "$AT_picky" -w 4
    assert_failure 13
    hash=$output
    assert_equal "$(under_way)" 1
    assert_equal "$(nonce)" "$before"
    mend
    run --separate-stderr publish "$name" --ws h:1 -p "$AT_good" -p "$AT_picky"
    assert_success
    assert_output "$hash"
    assert_equal "$(nonce)" $((before + 1))
}

@test "another chain of the same id and contract is not taken for it, and gets nothing" {
    local first=$ANVIL_URL pid=$ANVIL_PID home=$ANVIL_HOME before
    before=$(nonce)
    endpoint bad after "3 reset"
    registry_start nec
    endpoint strange pass
    run publish "$(new_name)" --ws h:1 -p "$AT_bad" -p "$AT_strange" -w 10
    other=$(nonce)
    anvil_stop
    ANVIL_URL=$first ANVIL_PID=$pid ANVIL_HOME=$home
    assert_failure 5
    assert_output --partial "its first block is another"
    assert_equal "$other" 1 # the contract
    assert_equal "$(nonce)" "$before"
    assert_equal "$(under_way)" 0
}

@test "all hang: 28 in the time that was given, and nothing is sent; all fail: 5, and what each did" {
    local before
    before=$(nonce)
    endpoint one hang
    endpoint two hang
    begun=$EPOCHREALTIME
    run publish "$(new_name)" --ws h:1 -p "$AT_one" -p "$AT_two" -w 1
    assert_failure 28
    (((${EPOCHREALTIME/./} - ${begun/./}) < 2000000 * ${NECTAR_SLOWER:-1})) || fail "took long"
    # One that hangs takes its part of the time alone.
    mend
    begun=$EPOCHREALTIME
    run publish "$(new_name)" --ws h:1 -p "$AT_one" -p "$AT_good" -w 1
    assert_success
    mend
    endpoint three status 500
    begun=$EPOCHREALTIME
    run --separate-stderr publish "$(new_name)" --ws h:1 -p "$AT_one" -p "$AT_three"
    assert_failure 5
    (((${EPOCHREALTIME/./} - ${begun/./}) < 9000000 * ${NECTAR_SLOWER:-1})) || fail "took long"
    [[ $stderr == *"HTTP 500"* && $stderr == *"no answer within"* ]] || fail "says: $stderr"
    assert_equal "$(nonce)" $((before + 1))
}

@test "one that takes longer than its part, where no other answers, is given the time" {
    endpoint slow slow 1700
    endpoint gone refuse
    published "$(new_name)" 30 "$AT_gone" "$AT_slow"
}

@test "what is planned, signed and sent on two machines, and many records at once" {
    local before raw
    endpoint gone refuse
    before=$(nonce)
    publish "$(new_name)" --ws h:1 --unsigned --from "${ACCOUNTS[0]}" -p "$AT_gone" -p "$AT_good" >"$HOME/unsigned"
    raw=$(nectar-net publish-tx --sign-only "$HOME/unsigned" --eth-key "$OWNER")
    endpoint bad after "4 mute"
    nectar-net publish-tx --raw - -p "$AT_bad" -p "$AT_good" <<<"$raw"
    assert_equal "$(nonce)" $((before + 1))
    mend
    endpoint bad after "7 cut"
    for i in {1..20}; do
        echo "{\"name\":\"many-$i.nec\",\"networking_key\":\"$KEY\",\"ws_routing\":null,\"allowed_routers\":[]}"
    done | nectar-net registry import -p "$AT_bad" -p "$AT_good" --eth-key "$OWNER" -
    assert_equal "$(nonce)" $((before + 21))
}

@test "many at once, while one goes away: one transaction each" {
    local before i pids=()
    before=$(nonce)
    endpoint bad after "40 reset"
    for i in {1..10}; do
        publish "crowd-$i.nec" --ws h:1 -p "$AT_bad" -p "$AT_good" >"$HOME/out.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i" || fail "$(cat "$HOME"/out.*)"; done
    assert_equal "$(nonce)" $((before + 10))
    [ "$(asked bad)" -gt 40 ]
}

@test "a registry is made by the first endpoint alone: others have no contract in common yet" {
    endpoint gone refuse
    run nectar-net registry deploy --tld os -p "nectar+http://127.0.0.1:$PORT_gone" -p "nectar+$ANVIL_URL" --eth-key "$OWNER"
    assert_failure 5
}

# Every 7th, as in publish-trouble.bats.
@test "an allocation refused, while one endpoint fails and another goes on: a name costs one transaction" {
    local before
    before=$(nonce)
    endpoint bad after "3 reset"
    run "$BUILD/helpers/scarce" "$AT_bad" "$OWNER" "$HOME/state/nectar-net/tx" 7 "$AT_good"
    assert_success
    [ "$output" != skipped ] || skip "memory cannot be refused here"
    [ "$output" -gt 100 ]
    assert_equal "$(nonce)" $((before + output))
    assert_equal "$(under_way)" 0
}
