#!/usr/bin/env bats
# nectar-net exit-codes
# shellcheck disable=SC2154 # stderr is set by run

load helpers

@test "one row per status, in order" {
    run --separate-stderr nectar-net exit-codes
    assert_success
    assert_equal "$stderr" ""
    assert_equal "$(awk '{ print $1, $2 }' <<<"$output" | tr '\n' ';')" \
        "0 ok;1 internal;2 usage;3 input;4 key;5 pki_unreachable;6 unknown_name;7 offline;8 rejected;12 tx_failed;13 tx_pending;14 partial;15 drift;28 timeout;75 busy;"
}

@test "--json says the same" {
    run nectar-net exit-codes --json
    jq -se 'all(.v==1 and .type=="exit_code" and (.meaning|length>0))' <<<"$output"
    diff <(jq -r '"\(.code) \(.name)"' <<<"$output") <(nectar-net exit-codes | awk '{ print $1, $2 }')
}

@test "the manual has the same rows" {
    page=$BATS_TEST_DIRNAME/../../man/nectar-exit-codes.7
    for row in $(nectar-net exit-codes | awk '{ print $1 ":" $2 }'); do
        grep -Eq "^\.It (Sy )?\"?${row%%:*}[\" ]?.*${row##*:}" "$page" || fail "$row is not in the manual"
    done
}

@test "an operand too many: exit 2; no room on standard output: exit 3" {
    run nectar-net exit-codes 5
    assert_failure 2
    for option in '' --json; do
        # shellcheck disable=SC2086 # no argument when empty
        run bash -c "nectar-net exit-codes $option >/dev/full"
        assert_failure 3
    done
}
