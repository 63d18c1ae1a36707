#!/usr/bin/env bats
# The way of a change over two machines: --unsigned, --sign-only, --raw; and tx decode.
# shellcheck disable=SC2154 # stderr is set by run

load publish

# Runs where there is no network at all, not even loopback.
without_network() {
    unshare -rn "$@"
}

# sign_alone OPTION...: from the options of a record
sign_alone() {
    nectar-net publish-tx --sign-only --eth-key "$OWNER" -q -p "$URI&chain=31337" "$@"
}

@test "unsigned here, signed there, sent from here" {
    name=$(new_name)
    nectar-net publish-tx -n "$name" --ws h:1 --unsigned --from "${ACCOUNTS[0]}" >"$HOME/unsigned"
    jq -e --arg name "$name" --arg nonce "$(nonce)" '.v==1 and .type=="unsigned" and .name==$name and .chain=="31337"
        and .nonce==$nonce and .value=="0" and .call.function=="publish"
        and .call.arguments.host=="h" and (.data|startswith("0xda15b084"))' "$HOME/unsigned"
    before=$(nonce)
    nectar-net publish-tx --sign-only --eth-key "$OWNER" "$HOME/unsigned" >"$HOME/raw" 2>"$HOME/told"
    # Whoever signs is told what.
    grep -q '"function":"publish".*"host":"h"' "$HOME/told"
    # From standard input it is the same.
    diff "$HOME/raw" <(nectar-net publish-tx --sign-only --eth-key "$OWNER" -q - <"$HOME/unsigned")
    assert_equal "$(nonce)" "$before"
    run --separate-stderr nectar-net publish-tx --raw - <"$HOME/raw"
    assert_success
    assert_output "$(nectar-net tx decode - <"$HOME/raw" | sed -n 's/^hash //p')"
    assert_equal "$stderr" ""
    record "$name" | jq -e '.ws_routing==["h",1]'
    # A second time it is found, and not sent again.
    assert_equal "$(nectar-net publish-tx --raw "$HOME/raw")" "$output"
    assert_equal "$(nonce)" $((before + 1))
}

@test "the line of the manual: signed here | sent there" {
    name=$(new_name)
    sign_alone -n "$name" --routers r1.nec,r2.nec --nonce "$(nonce)" --gas 200000 --max-fee 10gwei --tip 1gwei |
        nectar-net publish-tx --raw -
    record "$name" | jq -e '.allowed_routers==["r1.nec","r2.nec"]'
}

@test "signing opens no socket, and works where there is no network" {
    may_trace
    name=$(new_name)
    nectar-net publish-tx -n "$name" --ws h:1 --unsigned --from "${ACCOUNTS[0]}" >"$HOME/unsigned"
    # shellcheck disable=SC2034 # named below
    by_json=(nectar-net publish-tx --sign-only --eth-key "$OWNER" -q "$HOME/unsigned")
    # shellcheck disable=SC2034
    by_options=(nectar-net publish-tx --sign-only --eth-key "$OWNER" -q -p "$URI&chain=31337" -n "$name"
        --ws h:1 --nonce "$(nonce)" --gas 200000 --max-fee 10gwei --tip 1gwei)
    for command in by_json by_options; do
        declare -n words=$command
        strace -f -qq -e trace=%network -o "$HOME/trace" "${words[@]}" >"$HOME/raw"
        [ ! -s "$HOME/trace" ] || fail "$(cat "$HOME/trace")"
        diff "$HOME/raw" <("${words[@]}")
        if without_network true 2>/dev/null; then
            diff "$HOME/raw" <(without_network "${words[@]}")
        fi
    done
    # The tracer does see one that sends.
    strace -f -qq -e trace=%network -o "$HOME/trace" nectar-net publish-tx --raw "$HOME/raw"
    grep -q 'socket(AF_INET' "$HOME/trace"
}

@test "--json of each step" {
    name=$(new_name)
    nectar-net publish-tx -n "$name" --no-route --unsigned --eth-key "$OWNER" --json >"$HOME/unsigned"
    nectar-net publish-tx --sign-only --eth-key "$OWNER" --json "$HOME/unsigned" >"$HOME/signed"
    jq -e '.type=="signed" and (.raw|startswith("0x02"))' "$HOME/signed"
    jq -r .raw "$HOME/signed" | nectar-net publish-tx --raw - --json |
        jq -e --arg hash "$(jq -r .hash "$HOME/signed")" '.type=="tx" and .status=="mined" and .hash==$hash'
}

@test "what is missing to sign alone: 2, and what" {
    for missing in nonce gas max-fee tip; do
        options=(--nonce 1 --gas 1 --max-fee 1 --tip 1)
        for i in "${!options[@]}"; do
            [ "${options[i]}" != "--$missing" ] || unset "options[i]" "options[i+1]"
        done
        run sign_alone -n squid.nec --no-route "${options[@]}"
        assert_failure 2
        assert_output --partial "nonce, gas, fee and tip"
    done
    run nectar-net publish-tx --sign-only --eth-key "$OWNER" -n squid.nec --no-route \
        --nonce 1 --gas 1 --max-fee 1 --tip 1
    assert_failure 2
    assert_output --partial '&chain=ID'
    run nectar-net publish-tx --sign-only --eth-key "$OWNER" -n squid.nec --no-route \
        --nonce 1 --gas 1 --max-fee 1 --tip 1 -p "nectar+$ANVIL_URL?chain=31337"
    assert_failure 2
    assert_output --partial '?contract='
    # A bare name would have to be asked for.
    run sign_alone -n squid --no-route --nonce 1 --gas 1 --max-fee 1 --tip 1
    assert_failure 2
    assert_output --partial "full name"
}

@test "another's key, too dear, no such file, no such JSON: nothing is signed" {
    name=$(new_name)
    nectar-net publish-tx -n "$name" --no-route --unsigned --from "${ACCOUNTS[0]}" >"$HOME/unsigned"
    run nectar-net publish-tx --sign-only --eth-key "$OTHER" "$HOME/unsigned"
    assert_failure 4
    refute_output --partial 0x02
    run nectar-net publish-tx --sign-only --eth-key "$OWNER" --max-cost 1gwei "$HOME/unsigned"
    assert_failure 12
    run sign_alone -n "$name" --no-route --nonce 1 --gas 100000 --max-fee 2gwei --tip 1gwei --max-cost 199999gwei
    assert_failure 12
    run sign_alone -n "$name" --no-route --nonce 1 --gas 100000 --max-fee 2gwei --tip 1gwei --max-cost 200000gwei
    assert_success
    run nectar-net publish-tx --sign-only --eth-key "$OWNER" "$HOME/none"
    assert_failure 3
    while read -r change; do
        jq -c "$change" "$HOME/unsigned" >"$HOME/bad"
        run nectar-net publish-tx --sign-only --eth-key "$OWNER" "$HOME/bad"
        assert_failure 3
        refute_output --partial 0x02
    done <<'CHANGES'
del(.chain)
del(.to)
.chain=31337
.nonce="0x1"
.nonce="-1"
.gas="18446744073709551616"
.max_fee="115792089237316195423570985008687907853269984665640564039457584007913129639936"
.data="0xabc"
.data="da15"
.from="0xf39Fd6e51aad88F6F4ce6aB8827279cffFb9226"
.to="0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
[.]
CHANGES
    run nectar-net publish-tx --sign-only --eth-key "$OWNER" - <<<'{'
    assert_failure 3
}

@test "--raw: not hex, not a transaction, for another chain, to no contract" {
    before=$(nonce)
    for text in '' 0x zz 0x02 "0x02$(printf '00%.0s' {1..64})"; do
        run nectar-net publish-tx --raw - <<<"$text"
        assert_failure 3
    done
    run nectar-net publish-tx --raw "$HOME/none"
    assert_failure 3
    options=(--no-route --nonce "$(nonce)" --gas 200000 --max-fee 10gwei --tip 1gwei)
    nectar-net publish-tx -n squid.nec "${options[@]}" --sign-only --eth-key "$OWNER" -q -p "$URI&chain=8453" >"$HOME/raw"
    run nectar-net publish-tx --raw "$HOME/raw"
    assert_failure 5
    assert_output --partial "the transaction is for chain 8453"
    nectar-net publish-tx -n squid.nec "${options[@]}" --sign-only --eth-key "$OWNER" -q \
        -p "nectar+$ANVIL_URL?contract=${ACCOUNTS[5]}&chain=31337" >"$HOME/raw"
    run nectar-net publish-tx --raw "$HOME/raw"
    assert_failure 5
    assert_output --partial "no contract stands where"
    assert_equal "$(nonce)" "$before"
}

@test "tx decode: every field, and the call with its arguments" {
    name=$(new_name)
    sign_alone -n "$name" --routers r1,eel.os --nonce 7 --gas 200000 --max-fee 3gwei --tip 1gwei >"$HOME/raw"
    run --separate-stderr nectar-net tx decode "$(cat "$HOME/raw")"
    assert_success
    assert_equal "$stderr" ""
    diff - <(grep -v '^hash\|^data' <<<"$output") <<OUT
kind eip-1559
chain 31337
from 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
to $(nectar-net tx decode --json <"$HOME/raw" | jq -r .to)
nonce 7
gas 200000
max_fee 3000000000
tip 1000000000
value 0
max_cost_wei 600000000000000
call {"function":"publish","arguments":{"username":"${name%.nec}","networkingKey":"$KEY","host":"","wsPort":0,"tcpPort":0,"allowedRouters":"r1,eel.os"}}
OUT
    assert_equal "$(nectar-net tx decode --json <"$HOME/raw" | jq -r '.to|ascii_downcase')" "$CONTRACT"
    nectar-net tx decode --json <"$HOME/raw" |
        jq -e '.type=="decoded" and .nonce=="7" and .access_list==false and .call.arguments.allowedRouters=="r1,eel.os"'
}

@test "tx decode: a call that is none of ours, a deployment, a legacy one; what is none" {
    nectar-net publish-tx -n squid.nec --no-route --unsigned --eth-key "$OWNER" >"$HOME/unsigned"
    jq -c '.data="0x12345678"|.to=.from' "$HOME/unsigned" >"$HOME/other"
    nectar-net publish-tx --sign-only --eth-key "$OWNER" -q "$HOME/other" | nectar-net tx decode --json |
        jq -e '.call==null and .data=="0x12345678"'
    jq -c --arg code "0x$(sed 's/^0x//' lib/contract/NectarRegistry.bin)$(printf '%064x' 32)$(abi_text os)" \
        '.data=$code|.to=null' "$HOME/unsigned" >"$HOME/other"
    nectar-net publish-tx --sign-only --eth-key "$OWNER" -q "$HOME/other" | nectar-net tx decode --json |
        jq -e '.to==null and .call=={"function":"constructor","arguments":{"tld":"os"}}'
    # The example of EIP-155.
    run nectar-net tx decode 0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83
    assert_success
    assert_line 'kind legacy'
    assert_line 'from 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F'
    assert_line 'value 1000000000000000000'
    for text in '' 0x 0x12 zz; do
        run nectar-net tx decode - <<<"$text"
        assert_failure 3
    done
    run nectar-net tx decode --confirmations 3 0x12
    assert_failure 2
}
