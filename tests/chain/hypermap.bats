#!/usr/bin/env bats
# The Hypermap of the tests says and does what tests/vectors/hypermap-vectors.json has of the real one,
# byte for byte where it does not depend on how the real one is made.

bats_require_minimum_version 1.5.0
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
load hypermap

A=${ACCOUNTS[0]}
B=${ACCOUNTS[1]}

setup_file() {
    hypermap_start
    # the vectors' alice and bob, made and noted by their own bytes
    MINT_ALICE=$(chain_send "$OS_TBA" "$(vector '.calldata["mint(A,alice,0x,HyperAccount)"]')")
    MINT_BOB=$(chain_send "$OS_TBA" "$(vector '.calldata | to_entries[] | select(.key | startswith("mint(A,bob,")).value')")
    ALICE=$(hypermap_tba alice.os)
    BOB=$(hypermap_tba bob.os)
    NOTES_ALICE=$(chain_send "$ALICE" "$(vector '.calldata["execute(multicall3,0,aggregate(4 notes),1)"]')")
    export MINT_ALICE MINT_BOB ALICE BOB NOTES_ALICE
}

teardown_file() {
    hypermap_stop
}

vector() { # JQ-FILTER
    jq -er "$1" tests/vectors/hypermap-vectors.json
}

error() { # NAME: its selector
    vector ".errors[\"$1\"]"
}

# get() of a name says that.
assert_get() { # NAME RAW
    assert_equal "$(chain_call "$HYPERMAP" "$(abi encode 'get(bytes32)' "$(namehash "$1")")")" "$2"
}

# The call reverts with that, to the byte.
assert_reverts() { # DATA TO CALLDATA [FROM]
    local expected=$1
    shift
    run chain_call "$@"
    assert_failure 1
    assert_output "$expected"
}

@test "names are hashed as the vectors have them, and by leaf()" {
    while read -r hash name; do
        assert_equal "$(namehash "$name")" "$hash"
        [ -n "$name" ] || continue
        parent=$([[ $name == *.* ]] && namehash "${name#*.}" || namehash '')
        run chain_call "$HYPERMAP" "$(abi encode 'leaf(bytes32,bytes)' "$parent" "$(hex_of "${name%%.*}")")"
        assert_output "$hash"
    done < <(vector '.namehash | to_entries[] | "\(.value) \(.key)"')
}

@test "what is read of notes is what the vectors have" {
    reads=0
    while IFS=$'\t' read -r name raw; do
        assert_get "$name" "$raw"
        reads=$((reads + 1))
    done < <(vector '.reads | to_entries[] | select(.key | test("^~.*(alice|bob|nobody)|^nobody")) | [.key, .value.raw] | @tsv')
    assert_equal "$reads" 8
    assert_get alice.os "0x${ALICE/0x/$(printf '%024d' 0)}$(vector '.reads["alice.os"].raw[66:]')"
    assert_get bob.os "0x${BOB/0x/$(printf '%024d' 0)}$(vector '.reads["bob.os"].raw[66:]')"
    assert_equal "$(hypermap_get os | jq -r '.[1]')" "$A"
}

@test "many are read in one call" {
    reply=$(chain_call "$MULTICALL" "$(vector .aggregate_read.request_calldata)")
    assert_equal "$(rpc eth_blockNumber)" "$(abi decode '(uint256,bytes[])' "$reply" | jq -r '.[0]')"
    assert_equal "${reply:66}" "$(vector '.aggregate_read.response[66:]')"
}

@test "events of names and notes" {
    assert_log "$MINT_ALICE" 0 mint_alice
    assert_log "$NOTES_ALICE" 0 note_netkey_alice
    assert_log "$NOTES_ALICE" 2 note_wsport_alice
    assert_log "$MINT_BOB" 5 note_routers_bob
    receipt=$(hypermap_note alice.os '~ip' 0x7f000001)
    assert_log "$receipt" 0 note_ip_alice
    hypermap_note alice.os '~ip' 0xcb007107
    hypermap_mint carol "$A"
    receipt=$(hypermap_note carol.os '~routers' 0x)
    assert_log "$receipt" 0 note_routers_empty_carol
    log=$(rpc eth_getLogs "$(vector '.log_filters.mints | tojson')" | jq -c '.[0]')
    assert_log "{\"logs\":[$log]}" 0 mint_os
}

assert_log() { # RECEIPT NTH EXAMPLE
    assert_equal "$(jq -cS ".logs[$2] | {address, topics, data}" <<<"$1")" \
        "$(vector ".log_examples.$3.log | {address, topics, data}" | jq -cS .)"
}

@test "a name that is noted as it is made: the order of events" {
    assert_equal "$(jq -c '[.logs[] | {address, name: .topics[0]}]' <<<"$MINT_BOB" |
        sed -e "s/$(vector '.event_topics["Mint(bytes32,bytes32,bytes,bytes)"]')/Mint/g" \
            -e "s/$(vector '.event_topics["Note(bytes32,bytes32,bytes,bytes,bytes)"]')/Note/g" \
            -e "s/$(vector '.event_topics["Transfer(address,address,uint256)"]')/Transfer/g" \
            -e "s/$BOB/$(vector '.tbas["bob.os"] | ascii_downcase')/")" \
        "$(vector '.log_order_in_mint_with_initialization' | jq -c .)"
}

@test "the filters of an indexer find what they should" {
    mints=$(rpc eth_getLogs "$(vector '.log_filters.mints | tojson')" | jq length)
    notes=$(rpc eth_getLogs "$(vector '.log_filters.notes | tojson')" | jq length)
    assert_equal "$(rpc eth_getLogs "$(vector '.log_filters.both | tojson')" | jq length)" $((mints + notes))
    ((mints >= 3 && notes >= 6))
    assert_equal "$(rpc eth_getLogs "$(vector '.log_filters.notes_of_alice | tojson')" |
        jq -c '[.[].topics[1]] | unique')" "[\"$(namehash alice.os)\"]"
}

@test "its storage is laid out as the real one's" {
    slots=0
    while read -r slot value; do
        run rpc eth_getStorageAt "\"$HYPERMAP\"" "\"$slot\"" '"latest"'
        assert_output "$value"
        slots=$((slots + 1))
    done < <(vector '.storage_layout.entries | to_entries[] | select(.key | startswith("~")) | .value
        | [.entry_slot, .tba_slot_value], [.data_slot, .data_slot_value], (.chunks // [] | .[] | [.slot, .value]) | join(" ")')
    assert_equal "$slots" 9
    run rpc eth_getStorageAt "\"$HYPERMAP\"" "\"$(vector '.storage_layout.entries["alice.os"].entry_slot')\"" '"latest"'
    assert_output "0x${ALICE/0x/$(printf '%024d' 0)}"
}

@test "an account knows its token, and its owner" {
    run chain_call "$ALICE" "$(abi encode 'token()')"
    assert_output "$(abi encode '(uint256,address,uint256)' "$(vector .tba_token.chainId)" \
        "$(vector .tba_token.contract)" "$(vector .tba_token.tokenId_hex)")"
    assert_equal "$(chain_call "$ALICE" "$(abi encode 'isOperator(address)' "$A")")" "$(abi encode '(bool)' true)"
    assert_equal "$(chain_call "$ALICE" "$(abi encode 'isOperator(address)' "$B")")" "$(abi encode '(bool)' false)"
    assert_equal "$(chain_call "$HYPERMAP" "$(abi encode 'tbaOf(bytes32)' "$(namehash alice.os)")")" \
        "$(abi encode '(address)' "$ALICE")"
    assert_equal "$(chain_call "$HYPERMAP" "$(abi encode 'ownerOf(uint256)' "$(namehash alice.os)")")" \
        "$(abi encode '(address)' "$A")"
    assert_reverts "$(error 'ERC721NonexistentToken(uint256)')$(namehash nobody.os | cut -c 3-)" "$HYPERMAP" \
        "$(abi encode 'ownerOf(uint256)' "$(namehash nobody.os)")"
}

@test "who may write, and how the others are refused" {
    probe() { vector ".permission_probes | to_entries[] | select(.key | startswith(\"$1\")).value.$2"; }
    note=$(vector '.calldata["note(~ip,203.0.113.7)"]')
    execute=$(vector '.calldata["execute(hypermap,0,note(~ip,203.0.113.7),0)"]')
    four=$(vector '.calldata["aggregate(4 notes)"]')
    all=$(vector '.calldata["execute(multicall3,0,aggregate(4 notes),1)"]')
    mint=$(vector '.calldata["mint(A,alice,0x,HyperAccount)"]')
    sub=$(abi encode "$MINT" "$A" "$(hex_of sub)" 0x "$ACCOUNT_CODE")

    assert_reverts "$(probe 'note by EOA' data)" "$HYPERMAP" "$note" "$A"
    assert_reverts "$(probe 'mint by EOA' data)" "$HYPERMAP" "$mint" "$A"
    assert_reverts "$(probe 'TBA.execute by non-owner' data)" "$ALICE" "$execute" "$B"
    assert_equal "$(chain_call "$ALICE" "$execute" "$A")" "$(probe 'TBA.execute by owner op 0 -> note' ok)"
    assert_reverts "$(probe 'TBA.execute by owner op 0 -> multicall' data)" "$ALICE" \
        "$(abi encode "$EXECUTE" "$MULTICALL" 0 "$four" 0)" "$A"
    reply=$(chain_call "$ALICE" "$all" "$A")
    expected=$(probe 'TBA.execute by owner op 1' ok)
    assert_equal "${reply:0:130}${reply:194}" "${expected:0:130}${expected:194}" # but for the block
    assert_reverts "$(probe 'TBA.execute by owner op 2' data)" "$ALICE" \
        "$(abi encode "$EXECUTE" "$HYPERMAP" 0 "$note" 2)" "$A"
    assert_reverts "$(probe 'aggregate called by EOA' data)" "$MULTICALL" "$four" "$A"
    assert_equal "$(chain_call "$OS_TBA" "$execute" "$A")" "$(probe '.os TBA (parent)' ok)"
    assert_reverts "$(probe 'mint existing' data)" "$OS_TBA" "$mint" "$A"
    run chain_call "$OS_TBA" "$(abi encode "$MINT" "$B" "$(hex_of dave)" 0x "$ACCOUNT_CODE")" "$B"
    assert_success
    assert_equal ${#output} "$(probe 'mint by any account B' 'ok | length')"
    assert_reverts 0x "$ALICE" "$sub" "$A"
    run chain_call "$ALICE" "$(abi encode "$EXECUTE" "$HYPERMAP" 0 "$sub" 0)" "$A"
    assert_success
    assert_equal ${#output} "$(probe 'mint sub.alice.os' 'ok | length')"
    assert_reverts "$(probe 'mint with initialization that reverts' data)" "$OS_TBA" \
        "$(abi encode "$MINT" "$A" "$(hex_of eve)" "$(abi encode "$EXECUTE" "$HYPERMAP" 0 0x 2)" "$ACCOUNT_CODE")" "$A"
    assert_reverts "$(probe 'transfer alice.os to its own TBA' data)" "$HYPERMAP" \
        "$(abi encode 'safeTransferFrom(address,address,uint256)' "$A" "$ALICE" "$(namehash alice.os)")" "$A"
    run chain_call "$HYPERMAP" \
        "$(abi encode 'transferFrom(address,address,uint256)' "$A" "$ALICE" "$(namehash alice.os)")" "$A"
    assert_success
}

@test "only an account of this map is believed, whatever its code says" {
    # an account that the registry makes for a token of the map, and that the map knows nothing of
    make=$(abi encode 'createAccount(address,bytes32,uint256,address,uint256)' "$ACCOUNT_CODE" \
        "$(printf '0x%064d' 7)" 31337 "$HYPERMAP" "$(namehash alice.os)")
    false_one=0x$(chain_call "$ACCOUNT_REGISTRY" "$make" | tail -c 41)
    chain_send "$ACCOUNT_REGISTRY" "$make"
    assert_equal "$(chain_call "$false_one" "$(abi encode 'token()')")" "$(chain_call "$ALICE" "$(abi encode 'token()')")"
    assert_reverts "$(error 'NotParent()')" "$false_one" \
        "$(vector '.calldata["execute(hypermap,0,note(~ip,203.0.113.7),0)"]')" "$A"
}

@test "a name that is passed on is the other's" {
    hypermap_mint frank "$A" "$(hypermap_notes '~ip' 0x7f000001)"
    tba=$(hypermap_tba frank.os)
    note=$(hypermap_notes '~ip' 0xcb007107)
    chain_send "$HYPERMAP" "$(abi encode 'transferFrom(address,address,uint256)' "$A" "$B" "$(namehash frank.os)")"
    assert_equal "$(vector .transfer_probe.after_transfer_old_owner)" 'NotOperatorOrEntryPoint()'
    assert_reverts "$(error 'NotOperatorOrEntryPoint()')" "$tba" "$note" "$A"
    assert_equal "$(hypermap_get '~ip.frank.os' | jq -r '.[2]')" 0x7f000001
    assert_equal "$(vector .transfer_probe.after_transfer_new_owner)" ok
    hypermap_note frank.os '~ip' 0xcb007107
    assert_equal "$(hypermap_get '~ip.frank.os' | jq -r '.[2]')" 0xcb007107
}

# What a label of the probes is, as bytes, and the data of the note or fact.
label_of() { # PROBE
    case $1 in
    *' empty') echo 0x ;;
    *'63 x a') echo "0x$(printf '61%.0s' {1..63})" ;;
    *'64 x a') echo "0x$(printf '61%.0s' {1..64})" ;;
    *'"~"+62 x a'*) echo "0x7e$(printf '61%.0s' {1..62})" ;;
    *'"~"+63 x a'*) echo "0x7e$(printf '61%.0s' {1..63})" ;;
    *'bytes 61 00') echo 0x6100 ;;
    *'byte 80') echo 0x80 ;;
    *' space') echo 0x20 ;;
    *'"'*) hex_of "$(sed 's/[^"]*"\([^"]*\)".*/\1/' <<<"$1")" ;;
    *) hex_of "$(cut -d ' ' -f 2 <<<"$1")" ;;
    esac
}

data_of() { # PROBE
    case $1 in
    *'empty data') echo 0x ;;
    *'10000 bytes'*) echo "0x$(printf '00%.0s' {1..10000})" ;;
    *) echo 0x01 ;;
    esac
}

@test "labels: what is taken and how the others are refused" {
    probes=0
    while IFS=$'\t' read -r probe outcome; do
        case $probe in
        mint*)
            to=$OS_TBA
            call=$(abi encode "$MINT" "$B" "$(label_of "$probe")" 0x "$ACCOUNT_CODE")
            ;;
        *)
            to=$ALICE
            call=$(abi encode "${probe%% *}(bytes,bytes)" "$(label_of "$probe")" "$(data_of "$probe")")
            call=$(abi encode "$EXECUTE" "$HYPERMAP" 0 "$call" 0)
            ;;
        esac
        run chain_call "$to" "$call" "$A"
        case $outcome in
        ok) [ "$status" = 0 ] || fail "$probe: $output" ;;
        'Panic(50)') assert_output "$(abi encode 'Panic(uint256)' 50)" ;;
        *) [ "$output" = "$(error "$outcome")" ] || fail "$probe: $output" ;;
        esac
        probes=$((probes + 1))
    done < <(vector '.label_probes | to_entries[] | [.key, .value] | join("\t")')
    assert_equal "$probes" 32
}

@test "a fact is written once, and never again" {
    fact=$(abi encode "$EXECUTE" "$HYPERMAP" 0 "$(abi encode 'fact(bytes,bytes)' "$(hex_of '!once')" 0x01)" 0)
    receipt=$(chain_send "$ALICE" "$fact")
    assert_equal "$(jq -r '.logs[0].topics[0]' <<<"$receipt")" "$(vector '.event_topics["Fact(bytes32,bytes32,bytes,bytes,bytes)"]')"
    assert_reverts "$(error 'FactAlreadyExists()')" "$ALICE" "$fact"
}
