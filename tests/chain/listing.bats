#!/usr/bin/env bats
# All the names of a registry on a real chain, from its log: names, export, and copies of it.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load registry

setup() {
    net_setup
    registry_start nec
    KEY=aa00000000000000000000000000000000000000000000000000000000000011
}

teardown() {
    anvil_stop
    net_teardown
}

# An endpoint of a mode (tests/helpers/endpoint), before the node. Sets AT, its URI.
endpoint() { # MODE [ARGUMENT]
    : >"$HOME/endpoint"
    "$BUILD/helpers/endpoint" -n "${ANVIL_URL##*:}" "$@" >"$HOME/endpoint" 2>/dev/null 3>&- &
    PIDS+=("$!")
    wait_for 5 test -s "$HOME/endpoint"
    AT="nectar+http://127.0.0.1:$(head -n 1 "$HOME/endpoint")?contract=$CONTRACT"
}

# Has the node publish so many names, n00001 and on, each with a port that its number is added to.
# All at once, so many in a block.
publish_many() { # COUNT PORT
    local nonce
    nonce=$(($(rpc eth_getTransactionCount "\"${ACCOUNTS[0]}\"" '"latest"')))
    rpc evm_setAutomine false >/dev/null
    # shellcheck disable=SC2016 # Perl's own
    perl -e 'my ($count, $port, $nonce, $from, $to) = @ARGV;
        sub text { my $hex = unpack "H*", $_[0]; sprintf "%064x%s%s", length $_[0], $hex, "0" x (-length($hex) % 64) }
        sub call { my $words = join "", map { sprintf "%064x", $_ } 192, $_[0], 256, $port + $_[0], 0, 320;
            "0xda15b084$words" . text(sprintf "n%05d", $_[0]) . text("::1") . text("") }
        print "[" . join(",", map { sprintf q({"jsonrpc":"2.0","id":%d,"method":"eth_sendTransaction","params":[) .
                q({"from":"%s","to":"%s","gas":"0x60000","nonce":"0x%x","data":"%s"}]}),
            $_, $from, $to, $nonce++, call($_) } 1 .. $count) . "]\n"' \
        "$1" "$2" "$nonce" "${ACCOUNTS[0]}" "$CONTRACT" |
        curl -sS -H 'content-type: application/json' -d @- "$ANVIL_URL" | jq -e 'all(has("result"))' >/dev/null
    while [ "$(rpc eth_getTransactionCount "\"${ACCOUNTS[0]}\"" '"latest"')" != "$(printf '0x%x' $((nonce + $1)))" ]; do
        rpc evm_mine >/dev/null
    done
    rpc evm_setAutomine true >/dev/null
}

@test "names and export: each form of a record, with its owner and block" {
    registry_publish squid "$KEY" 203.0.113.7 9000 0 "" >/dev/null
    registry_publish both "$KEY" host.example 9000 9001 "" >/dev/null
    registry_publish tcp "$KEY" 203.0.113.7 0 9001 "" >/dev/null
    registry_publish indirect "$KEY" "" 0 0 loach,eel.os "${ACCOUNTS[1]}" >/dev/null
    registry_publish keyless "" 2001:db8::1 9000 0 "" >/dev/null
    registry_publish b "$KEY" "" 0 0 "" >/dev/null
    registry_publish b- "" "" 0 0 "" >/dev/null
    run --separate-stderr nectar-net registry names -p "$URI"
    assert_success
    assert_equal "$stderr" ""
    assert_equal "${lines[*]}" "b-.nec b.nec both.nec indirect.nec keyless.nec squid.nec tcp.nec"
    nectar-net pki-lookup -p "$URI" - <<<"$output" >"$HOME/looked-up"
    nectar-net registry export -p "$URI" | jq -c 'del(.owner)' | diff - "$HOME/looked-up"
    # Owners with the checksum of their address.
    nectar-net registry export -p "$URI" | jq -se --arg a "${ACCOUNTS[0]}" --arg b "${ACCOUNTS[1]}" \
        'map(.owner|ascii_downcase) == [$a,$a,$a,$b,$a,$a,$a] and
         .[0].owner == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"'
    nectar-net registry export --json -p "$URI" |
        jq -se 'all(.type=="record") and map(.block)==["8","7","3","5","6","2","4"]'
}

@test "a registry without a name; a URI without a contract, or with another" {
    run --separate-stderr nectar-net registry names -p "$URI"
    assert_success
    assert_equal "$output$stderr" ""
    run nectar-net registry names -p "nectar+$ANVIL_URL"
    assert_failure 5
    assert_output --partial "names no contract"
    run nectar-net registry names -p "nectar+$ANVIL_URL?contract=0x00000000000000000000000000000000000000aa"
    assert_failure 5
    assert_output --partial "no contract stands there"
    run nectar-net registry init -p "$URI"
    assert_failure 8
    run nectar-net registry names -p nectar+http://127.0.0.1:1?contract="$CONTRACT"
    assert_failure 5
    assert_output --partial "refused"
}

@test "the newest entry of a name is what stands there: also within a block, and after a transfer" {
    rpc evm_setAutomine false >/dev/null
    for port in 1 2 3; do
        rpc eth_sendTransaction "{\"from\":\"${ACCOUNTS[0]}\",\"to\":\"$CONTRACT\",\"gas\":\"0x60000\",\"data\":\"$(registry_call squid "$KEY" ::1 $port 0 "")\"}" >/dev/null
    done
    rpc evm_mine >/dev/null
    rpc evm_setAutomine true >/dev/null
    nectar-net registry export -p "$URI" | jq -e '.ws_routing==["::1",3]'
    registry_publish squid "$KEY" ::1 4 0 "" >/dev/null
    nectar-net registry export -p "$URI" | jq -e '.ws_routing==["::1",4]'
    # transfer("squid", the second account)
    chain_send "$CONTRACT" "0xfbf58b3e$(printf '%064x%064s' 64 "${ACCOUNTS[1]#0x}" | tr ' ' 0)$(abi_text squid)" >/dev/null
    nectar-net registry export -p "$URI" | jq -e --arg owner "${ACCOUNTS[1]}" \
        '.ws_routing==["::1",4] and (.owner|ascii_downcase)==$owner'
}

@test "1,000 names: every one, in time and memory; copied into a file, and looked up there" {
    publish_many 1000 1000
    local began=$EPOCHREALTIME
    nectar-net registry export -p "$URI" >"$HOME/all"
    awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "export: %.2f s\n", b - a }'
    assert_equal "$(jq -r .name "$HOME/all")" "$(seq -f 'n%05g.nec' 1000)"
    assert_equal "$(jq -s 'map(.ws_routing[1]) == [range(1001; 2001)]' "$HOME/all")" true
    nectar-net registry import -p "sqlite:$HOME/copy.db" "$HOME/all"
    nectar-net registry export -p "sqlite:$HOME/copy.db" | diff - <(jq -c 'del(.owner)' "$HOME/all")
    # Each of them changes: the newest is what counts, however the log is cut.
    publish_many 1000 2000
    nectar-net registry export -p "$URI" >"$HOME/new"
    assert_equal "$(jq -s 'map(.ws_routing[1]) == [range(2001; 3001)]' "$HOME/new")" true
    endpoint narrow 2
    nectar-net registry export -vv -p "$AT" 2>"$HOME/err" | diff - "$HOME/new"
    grep -q 'query returned more than 10000 results' "$HOME/err"
    nectar-net pki-lookup --all -p "$URI" -p "sqlite:$HOME/copy.db" n00500.nec ||
        [ $? = 15 ]
}

@test "ranges are halved when they are refused; from= and the deployment spare what is before" {
    rpc anvil_mine '"0x600"' >/dev/null
    registry_start_over nec
    registry_publish a "$KEY" ::1 1 0 "" >/dev/null
    rpc anvil_mine '"0x100"' >/dev/null
    registry_publish b "$KEY" ::1 1 0 "" >/dev/null
    endpoint narrow 100
    run nectar-net registry names -vv -p "$AT"
    assert_success
    assert_line a.nec
    assert_line b.nec
    assert_line --regexp 'the contract is there from block 1538$'
    # Only from there on: b alone.
    run --separate-stderr nectar-net registry names -p "$AT&from=1545"
    assert_success
    assert_output b.nec
    run --separate-stderr nectar-net registry names -p "$AT&from=99999"
    assert_success
    assert_output ""
    # Not even one block.
    endpoint error 'eth_getLogs={"code":-32005,"message":"no logs \u001b[31mhere"}'
    run nectar-net registry names -p "$AT&from=1"
    assert_failure 5
    assert_output --partial "eth_getLogs: no logs"
    refute_output --partial $'\e'
}

# Another registry, where the chain is by now.
registry_start_over() { # TLD
    CONTRACT=$(registry_deploy "$1")
    URI="nectar+$ANVIL_URL?contract=$CONTRACT"
}

@test "what no registry would say is not believed: exit 5, each in bounded time" {
    registry_publish squid "$KEY" ::1 1 0 "" >/dev/null
    entry=$(rpc eth_getLogs "{\"address\":\"$CONTRACT\",\"fromBlock\":\"0x0\"}" | jq -c '.[0]')
    lies=('null' '{}' '[null]' '[[]]' '"0x"' '[{"address":"0x"}]')
    for change in '.address="0x00000000000000000000000000000000000000aa"' '.blockNumber="0xffff"' \
        '.topics[0]=.topics[1]' '.topics[1]=.topics[0]' '.topics=[]' '.topics+=[.topics[1]]' '.topics+=.topics' \
        '.topics[2]="0x0000000000000000000000000000000000000000000000000000000000000000"' \
        '.topics[2]="0x0100000000000000000000000000000000000000000000000000000000000001"' \
        '.data="0x"' '.data=.data[:-2]' '.data+="00"' '.data="0xzz"' '.removed=true' '.logIndex=0' 'del(.logIndex)'; do
        lies+=("[$(jq -c "$change" <<<"$entry")]")
    done
    for lie in "${lies[@]}"; do
        endpoint answer "eth_getLogs=$lie"
        run --separate-stderr timeout 20 nectar-net registry names -p "$AT"
        assert_failure 5
        [ "$output" = "" ] || fail "$lie: $output"
        [ -n "$stderr" ]
    done
    endpoint answer "eth_getLogs=[$entry,$entry]"
    run nectar-net registry names -p "$AT"
    assert_success
    assert_output squid.nec
}

@test "an endpoint that hangs, breaks off, or answers 1 GB: exit 5, in bounded time" {
    registry_publish squid "$KEY" ::1 1 0 "" >/dev/null
    for mode in hang 'cut 100' huge 'status 500' 'text []' 'text {}' missing wrong-id; do
        # shellcheck disable=SC2086 # a mode and its argument
        endpoint $mode
        begun=$EPOCHSECONDS
        run timeout 60 nectar-net registry names -p "$AT"
        assert_failure 5
        ((EPOCHSECONDS - begun < 25 * ${NECTAR_SLOWER:-1})) || fail "$mode took long"
    done
}

@test "a chain that went another way while its log was read is read again" {
    registry_publish squid "$KEY" ::1 1 0 "" >/dev/null
    registry_publish eel "$KEY" ::1 1 0 "" >/dev/null
    endpoint slow 400
    nectar-net registry names -p "$AT" >"$HOME/names" 3>&- &
    PIDS+=($!)
    # It knows the newest block, and has asked for the log.
    wait_for 10 grep -q eth_getLogs "$HOME/endpoint"
    rpc anvil_reorg 2 '[]' >/dev/null
    wait "$!"
    assert_equal "$(grep -c eth_getLogs "$HOME/endpoint")" 2
    [[ $(cat "$HOME/names") == $(nectar-net registry names -p "$URI") ]]
}
