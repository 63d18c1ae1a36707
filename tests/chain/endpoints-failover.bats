#!/usr/bin/env bats
# Several endpoints of one registry: what fails is passed over, and left alone for a while; what one
# says alone is doubted where it can be; what was said is kept.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load registry
load nodes
load endpoints

setup_file() {
    registry_start nec
}

teardown_file() {
    anvil_stop
}

setup() {
    net_setup
    KEY=aa00000000000000000000000000000000000000000000000000000000000011
    OTHER=bb00000000000000000000000000000000000000000000000000000000000022
    registry_publish squid "$KEY" 203.0.113.7 9000 0 "" >/dev/null
    endpoint good pass
}

teardown() {
    net_teardown
}

lookup() {
    nectar-net pki-lookup --json "$@"
}

@test "an endpoint that fails, in every way: the next one answers, and it is told once" {
    local row text begun
    while IFS='|' read -r row text; do
        mend
        # shellcheck disable=SC2086 # words on purpose
        endpoint bad ${row}
        begun=$EPOCHREALTIME
        run --separate-stderr lookup -p "$AT_bad" -p "$AT_good" squid.nec
        assert_success
        (((${EPOCHREALTIME/./} - ${begun/./}) < 4000000 * ${NECTAR_SLOWER:-1})) || fail "$row: took long"
        jq -e --arg key "$KEY" --arg at ":$PORT_good" '.networking_key==$key and (.source|contains($at))' <<<"$output"
        [[ $stderr == *"$text"* ]] || fail "$row says: $stderr"
        run --separate-stderr lookup -p "$AT_bad" -p "$AT_good" squid.nec
        assert_success
        assert_equal "$stderr" ""
    done <<'MODES'
refuse|Connection refused
hang|no answer within 1.5 s
reset|:
status 429|HTTP 429
status 500|HTTP 500
cut|transfer closed
text {|it is no JSON
wrong-id|a call that was not made
answer eth_getCode="0x"|no contract stands there
huge|its answer is over 1024 KiB
MODES
}

@test "a wrong chain is passed over, where the URI says which is right" {
    endpoint bad answer 'eth_chainId="0x1"'
    run --separate-stderr lookup -p "$AT_bad&chain=31337" -p "$AT_good&chain=31337" squid.nec
    assert_success
    [[ $stderr == *"it is on chain 1, and the URI wants chain 31337"* ]] || fail "says: $stderr"
}

@test "one that failed is left alone, by other processes too, and is asked again after a while" {
    endpoint bad @
    mode bad status 500
    lookup -p "$AT_bad" -p "$AT_good" squid.nec
    assert_equal "$(asked bad)" 1
    lookup -p "$AT_bad" -p "$AT_good" squid.nec
    assert_equal "$(asked bad)" 1
    mode bad pass
    sleep 1.1
    run --separate-stderr lookup -v -p "$AT_bad" -p "$AT_good" squid.nec
    [[ $stderr == *"answers again"* ]] || fail "says: $stderr"
    jq -e --arg at ":$PORT_bad" '.source|contains($at)' <<<"$output"
}

@test "whoever gives up ends at once, and says nothing of an endpoint that hangs" {
    local begun took least=9999999
    make_chain_node bob
    endpoint bad @
    export NECTAR_PKI="$AT_bad $AT_good"
    lookup bob.nec # and is kept: a sender asks for its own record, too
    mode bad hang
    for _ in {1..5}; do
        begun=${EPOCHREALTIME/./}
        run nectar-net send -n bob.nec -W 0.5 squid.nec -m x
        took=$((${EPOCHREALTIME/./} - begun))
        assert_failure 5
        [[ $output == *"no answer within 0.5 s"* ]]
        ((took > least)) || least=$took
    done
    ((least < 650000 * ${NECTAR_SLOWER:-1})) || fail "took $least us"
    assert_equal "$(asked bad)" 6
    assert_equal "$(asked good)" 0
    mode bad pass
    run --separate-stderr lookup squid.nec
    assert_success
    assert_equal "$(asked good)" 0
}

@test "all fail: 5, says what each did, no secret of theirs, and they are asked all the same" {
    endpoint one status 500
    endpoint two refuse
    for _ in 1 2; do
        run --separate-stderr lookup -p "${AT_one/127/u:secret@127}" -p "$AT_two" squid.nec
        assert_failure 5
        jq -e '.reason|contains("HTTP 500") and contains("Connection refused")' <<<"$output"
        [[ $output$stderr != *secret* ]]
    done
    [ "$(asked one)" = 2 ]
    run grep -rc secret "$HOME/.cache"
    refute_output --regexp ':[1-9]'
}

@test "no such name counts when a second endpoint says so" {
    endpoint empty nobody
    run --separate-stderr lookup -p "$AT_good" -p "$URI" nobody.nec
    assert_failure 6
    run --separate-stderr lookup -p "$AT_empty" -p "$AT_good" squid.nec
    assert_success
    [[ $stderr == *"knows no squid.nec, which"* ]] || fail "says: $stderr"
    endpoint gone refuse
    run --separate-stderr lookup -p "$AT_empty" -p "$AT_gone" squid.nec
    assert_failure 5
    jq -e '.reason|contains("no such name, which no other endpoint confirms") and contains("refused")' <<<"$output"
}

@test "one that has fallen behind is passed over, and will do where no other answers" {
    rpc anvil_mine '"0x14"' >/dev/null
    endpoint old lag 12
    run --separate-stderr lookup -p "$AT_good" squid.nec
    run --separate-stderr lookup -p "$AT_old" -p "$AT_good" squid.nec
    assert_success
    jq -e --arg at ":$PORT_good" '.source|contains($at)' <<<"$output"
    [[ $stderr == *"it has fallen behind"* ]] || fail "says: $stderr"
    endpoint gone refuse
    run --separate-stderr lookup -p "$AT_old" -p "$AT_gone" squid.nec
    assert_success
}

@test "--quorum: endpoints that agree are believed, a liar is not" {
    endpoint liar lie "$OTHER"
    endpoint fair pass
    run --separate-stderr lookup --quorum 2 -p "$AT_liar" -p "$AT_good" -p "$AT_fair" squid.nec
    assert_success
    jq -e --arg key "$KEY" '.networking_key==$key' <<<"$output"
    [[ $stderr == *":$PORT_liar?"*": key bb000000... "*"the others say otherwise"* ]] || fail "says: $stderr"
    run --separate-stderr lookup --quorum 3 -p "$AT_liar" -p "$AT_good" -p "$AT_fair" squid.nec
    assert_failure 5
    jq -e '.reason|contains("3 endpoints do not agree") and contains("key bb000000") and contains("key aa000000")' <<<"$output"
    NECTAR_QUORUM=2 run --separate-stderr lookup -p "$AT_liar" -p "$AT_good" squid.nec
    assert_failure 5
    run --separate-stderr lookup --quorum 2 -p "$AT_good" squid.nec
    assert_failure 5
    jq -e '.reason|contains("a quorum of 2 is wanted, and the URIs name 1 endpoint of it")' <<<"$output"
    # The same endpoint twice has one voice.
    run --separate-stderr lookup --quorum 2 -p "$AT_liar" -p "$AT_liar" squid.nec
    assert_failure 5
    run --separate-stderr lookup --quorum 2 -p "$AT_good" -p "$AT_fair" nobody.nec
    assert_failure 6
}
