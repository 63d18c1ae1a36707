#!/usr/bin/env bats
# nectar-net pubkey

load helpers

@test "of -n, of -k, of NECTAR_KEY, of NECTAR_NAME, of the only key there is" {
    key=$(nectar-net keygen -n squid.nec --no-passphrase)
    for run in 'pubkey -n squid.nec' 'pubkey -n squid' "pubkey -k $(key_of squid.nec)" pubkey; do
        # shellcheck disable=SC2086 # a list of arguments
        assert_equal "$(nectar-net $run </dev/null)" "$key"
    done
    nectar-net keygen -n loach.nec --no-passphrase
    assert_equal "$(NECTAR_KEY=$(key_of squid.nec) nectar-net pubkey </dev/null)" "$key"
    assert_equal "$(NECTAR_NAME=squid nectar-net pubkey </dev/null)" "$key"
}

@test "which key counts: -k, NECTAR_KEY, -n" {
    a=$(nectar-net keygen -n a.nec --no-passphrase)
    b=$(nectar-net keygen -n b.nec --no-passphrase)
    c=$(nectar-net keygen -n c.nec --no-passphrase)
    export NECTAR_KEY
    NECTAR_KEY=$(key_of b.nec)
    assert_equal "$(nectar-net pubkey -n c.nec -k "$(key_of a.nec)")" "$a"
    assert_equal "$(nectar-net pubkey -n c.nec)" "$b"
    unset NECTAR_KEY
    assert_equal "$(nectar-net pubkey -n c.nec)" "$c"
}

@test "a key file on standard input, piped or redirected or as -k -" {
    nectar-net keygen --no-passphrase -o "$HOME/mine.key" >"$HOME/public"
    nectar-net keygen -n other.nec --no-passphrase
    nectar-net pubkey <"$HOME/mine.key" | diff - "$HOME/public"
    # shellcheck disable=SC2002 # a pipe is what is tested
    cat "$HOME/mine.key" | nectar-net pubkey | diff - "$HOME/public"
    nectar-net pubkey -k - <"$HOME/mine.key" | diff - "$HOME/public"
    # What is piped in is meant, whatever the environment says.
    # shellcheck disable=SC2002
    cat "$HOME/mine.key" | NECTAR_NAME=other.nec nectar-net pubkey | diff - "$HOME/public"
}

@test "a sealed key needs no passphrase" {
    echo pass >"$HOME/pass"
    key=$(nectar-net keygen -n squid.nec --passphrase-file "$HOME/pass")
    assert_equal "$(no_terminal nectar-net pubkey -n squid.nec)" "$key"
}

@test "--json" {
    nectar-net keygen -n squid.nec --no-passphrase
    run nectar-net pubkey -n squid.nec --json
    jq -e '.v==1 and .type=="key" and .name=="squid.nec" and .sealed==false' <<<"$output"
}

@test "no key at all, or several and none chosen: exit 2" {
    run nectar-net pubkey </dev/null
    assert_failure 2
    assert_line --index 1 --partial "nectar-net keygen"
    nectar-net keygen -n a.nec --no-passphrase
    nectar-net keygen -n b.nec --no-passphrase
    run nectar-net pubkey </dev/null
    assert_failure 2
    assert_output --partial "and 2 in"
}

@test "no such key file: exit 4" {
    run nectar-net pubkey -n nobody.nec
    assert_failure 4
    assert_output --partial "nobody.nec.key: no such key file"
    run nectar-net pubkey -k "$HOME/none"
    assert_failure 4
}

@test "a key file that others may read: exit 4, with what to do" {
    nectar-net keygen -n squid.nec --no-passphrase
    for mode in 0640 0604 0660 0644; do
        chmod "$mode" "$(key_of squid.nec)"
        run nectar-net pubkey -n squid.nec
        assert_failure 4
        assert_line --index 1 "hint: chmod 600 $(key_of squid.nec)"
    done
}

@test "not a key file: exit 4" {
    umask 077
    echo '{}' >"$HOME/object"
    echo 'hello' >"$HOME/text"
    : >"$HOME/empty"
    head -c 100000 /dev/zero >"$HOME/large"
    for file in object text empty large; do
        run nectar-net pubkey -k "$HOME/$file"
        assert_failure 4
    done
    run bash -c 'echo hello | nectar-net pubkey'
    assert_failure 4
    assert_output --partial "standard input: not a key file"
    run nectar-net pubkey -k - </dev/null
    assert_failure 4
}

@test "a key file cut anywhere is no key file, and no crash" {
    nectar-net keygen --no-passphrase -o "$HOME/mine.key" >/dev/null
    size=$(stat -c %s "$HOME/mine.key")
    for n in $(seq 1 7 $((size - 2))); do
        run bash -c 'head -c "$1" "$2" | nectar-net pubkey' - "$n" "$HOME/mine.key"
        assert_failure 4
    done
}

@test "input that cannot be read, output that cannot be written: exit 3" {
    run nectar-net pubkey -k "$HOME"
    assert_failure 3
    head -c 70000 /dev/zero >"$HOME/large"
    run bash -c 'nectar-net pubkey <"$HOME/large"'
    assert_failure 3
    nectar-net keygen -n squid.nec --no-passphrase
    run bash -c 'nectar-net pubkey -n squid.nec >/dev/full'
    assert_failure 3
    assert_output "nectar-net pubkey: standard output: No space left on device"
}
