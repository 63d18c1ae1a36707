#!/usr/bin/env bats
# All names of a registry that several endpoints have: where one fails, whenever that is, another
# goes on, or it is told of each what it did.
# shellcheck disable=SC2154 # stderr, PORT_NAME and AT_NAME are set by others

load ../cmd/net
load registry
load hypermap
load endpoints

NAMES=30 # of Hypermap: three pages
KEY=aa00000000000000000000000000000000000000000000000000000000000011

setup_file() {
    local i
    unset NECTAR_HYPERMAP_RPC
    hypermap_start
    export MAP_URI=$URI
    CONTRACT=$(registry_deploy nec)
    export CONTRACT
    registry_publish squid "$KEY" 203.0.113.7 9000 0 "" >/dev/null
    rpc anvil_mine '"0x60"' >/dev/null
    registry_publish eel "$KEY" 203.0.113.7 9000 0 "" >/dev/null
    for ((i = 1; i < NAMES; i++)); do
        hypermap_mint "$(printf n%02d $i)" "${ACCOUNTS[0]}" >/dev/null
    done
}

teardown_file() {
    anvil_stop
}

setup() {
    net_setup
    endpoint good pass
}

teardown() {
    net_teardown
}

names() { # URI...
    local each uris=()
    for each; do uris+=(-p "$each"); done
    run --separate-stderr timeout 60 nectar-net registry names -v "${uris[@]}"
}

# The names of Hypermap, known from now on.
sync_names() {
    nectar-net registry sync -q -p "$MAP_good" >/dev/null
}

all_of_hypermap() {
    seq -f 'n%02g.os' 1 $((NAMES - 1))
}

@test "an endpoint that fails, in every way: the next one tells all names, and what it did is told" {
    local row text begun
    sync_names
    while IFS='|' read -r row text; do
        # shellcheck disable=SC2086 # words on purpose
        endpoint bad ${row}
        for kind in AT MAP; do
            bad=${kind}_bad good=${kind}_good
            begun=$EPOCHREALTIME
            names "${!bad}" "${!good}"
            assert_success
            (((${EPOCHREALTIME/./} - ${begun/./}) < 7000000 * ${NECTAR_SLOWER:-1})) || fail "$row: took long"
            [ $kind = AT ] && assert_output $'eel.nec\nsquid.nec' || assert_output "$(all_of_hypermap)"
            [[ $stderr == *":$PORT_bad?"*"$text"* ]] || fail "$row says: $stderr"
        done
    done <<'MODES'
refuse|Connection refused
hang|no answer within 5 s
reset|:
status 500|HTTP 500
cut|transfer closed
text {|it is no JSON
answer eth_getCode="0x"|no contract stands there
huge|its answer is over
MODES
    endpoint bad answer 'eth_chainId="0x1"'
    names "$AT_bad&chain=31337" "$AT_good&chain=31337"
    assert_success
    [[ $stderr == *"it is on chain 1, and the URI wants chain 31337"* ]] || fail "says: $stderr"
}

@test "export says which endpoint answered; one that lookups leave alone is asked last" {
    endpoint bad status 500
    nectar-net registry export --json -p "$AT_bad" -p "$AT_good" | jq -se --arg at ":$PORT_good" \
        'length == 2 and all(.source|contains($at))'
    assert_equal "$(asked bad)" 1
    nectar-net pki-lookup -p "$AT_bad" -p "$AT_good" squid.nec 2>/dev/null
    assert_equal "$(asked bad)" 2
    names "$AT_bad" "$AT_good"
    assert_success
    assert_equal "$stderr" ""
    assert_equal "$(asked bad)" 2
    # Where no other answers, it is asked all the same.
    endpoint gone refuse
    names "$AT_bad" "$AT_gone"
    assert_failure 5
    assert_equal "$(asked bad)" 3
}

@test "all fail: 5, and what each did" {
    endpoint one status 500
    endpoint two refuse
    sync_names
    for kind in AT MAP; do
        one=${kind}_one two=${kind}_two
        names "${!one}" "${!two}"
        assert_failure 5
        assert_output ""
        [[ $stderr == *"HTTP 500"*"; "*"Connection refused"* ]] || fail "says: $stderr"
    done
    # Another registry is not asked in its place.
    other=$(registry_deploy os)
    names "$AT_one" "${AT_good/$CONTRACT/$other}"
    assert_failure 5
}

@test "an endpoint that fails in the middle of the log: the next one reads it" {
    local n
    for n in 1 2 3 4; do
        endpoint bad after "$n status 500"
        names "$AT_bad" "$AT_good"
        assert_success
        assert_output $'eel.nec\nsquid.nec'
    done
    [ "$(asked good)" -gt 3 ]
}

@test "an endpoint of Hypermap fails in the middle: another goes on where it was, each name once" {
    local n
    sync_names
    for n in 1 2 3; do
        endpoint bad after "$n reset"
        names "$MAP_bad" "$MAP_good"
        assert_success
        assert_output "$(all_of_hypermap)"
        [[ $stderr == *":$PORT_bad?"* ]] || fail "says: $stderr"
    done
    # And that one fails, too.
    endpoint bad after "2 reset"
    endpoint worse after "2 hang"
    endpoint gone refuse
    names "$MAP_bad" "$MAP_worse" "$MAP_gone" "$MAP_good"
    assert_success
    assert_output "$(all_of_hypermap)"
    names "$MAP_bad" "$MAP_gone"
    assert_failure 5
    [[ $stderr == *"answer: "*":$PORT_bad: "*"; "*":$PORT_gone: Failed to connect"* ]] || fail "says: $stderr"
}

@test "another chain does not go on, whatever it calls itself" {
    local first=$ANVIL_URL
    sync_names
    endpoint bad after "2 reset"
    hypermap_start
    endpoint strange pass
    run --separate-stderr nectar-net registry names -p "$MAP_bad" -p "$MAP_strange"
    [ "$ANVIL_URL" = "$first" ] || anvil_stop
    assert_failure 5
    assert_equal "$output" "$(all_of_hypermap | head -n 10)"
    [[ $stderr == *"it does not have block "*" as the others had it"* ]] || fail "says: $stderr"
}

@test "an endpoint that refuses the log of even one block: the next one gives it" {
    endpoint bad narrow 0
    names "$AT_bad" "$AT_good"
    assert_success
    assert_output $'eel.nec\nsquid.nec'
    [[ $stderr == *"query returned more than 10000 results"* ]] || fail "says: $stderr"
    [ "$(grep -c eth_getLogs "$HOME/bad.asked")" -le 20 ]
    : >"$HOME/bad.asked"
    run --separate-stderr nectar-net registry sync -v -p "$MAP_bad" -p "$MAP_good"
    assert_success
    assert_output --partial " $NAMES new"
    [[ $stderr == *":$PORT_bad?"*"query returned more than 10000 results"* ]] || fail "says: $stderr"
    [ "$(grep -c eth_getLogs "$HOME/bad.asked")" -le 20 ]
    names "$MAP_bad" "$MAP_good"
    assert_output "$(all_of_hypermap)"
    # Nobody gives it.
    endpoint worse narrow 0
    names "$AT_bad" "$AT_worse"
    assert_failure 5
    [[ $stderr == *":$PORT_bad: "*"more than 10000 results"*"; "*":$PORT_worse: "* ]] || fail "says: $stderr"
    mend
    run --separate-stderr nectar-net registry sync -p "$MAP_bad" -p "$MAP_worse"
    assert_failure 5
    [[ $stderr == *":$PORT_bad: "*"more than 10000 results"*"; "*":$PORT_worse: "* ]] || fail "says: $stderr"
}

@test "an endpoint that refuses many blocks at once gives all by few, and no other is asked" {
    endpoint few narrow 16
    names "$AT_few" "$AT_good"
    assert_success
    assert_output $'eel.nec\nsquid.nec'
    run --separate-stderr nectar-net registry sync -p "$MAP_few" -p "$MAP_good"
    assert_success
    assert_output --partial " $NAMES new"
    names "$MAP_few" "$MAP_good"
    assert_output "$(all_of_hypermap)"
    assert_equal "$(asked good)" 0
    [ "$(grep -c eth_getLogs "$HOME/few.asked")" -gt 10 ]
}
