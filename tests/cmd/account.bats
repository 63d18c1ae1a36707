#!/usr/bin/env bats
# nectar-net account, and the options that give an Ethereum key.
# shellcheck disable=SC2154 # stderr is set by run

load helpers

# The first key that test networks have money for, and its address.
KEY=ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80
ADDRESS=0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266

# A keystore of the vectors that is opened at once, and notes no address: its passphrase is foo.
quick_keystore() { # FILE
    jq '.keystores[2].json' "$BATS_TEST_DIRNAME/../vectors/keystore-v3.json" >"$1"
    chmod 600 "$1"
}
QUICK_ADDRESS=0xd1E64E5480bFaf733Ba7D48712DEcb8227797a4e

key_file() { # FILE
    (umask 077 && echo "$KEY" >"$1")
}

@test "new prints an address and a newline, nothing else; the file has mode 0600" {
    umask 000
    run --separate-stderr --keep-empty-lines nectar-net account new --no-passphrase -o "$HOME/folder/a"
    assert_success
    [[ $output =~ ^0x[0-9a-fA-F]{40}$'\n'$ ]]
    assert_equal "$stderr" ""
    assert_equal "$(stat -c %a "$HOME/folder/a")" 600
    assert_equal "$(stat -c %a "$HOME/folder")" 700
    [[ $(cat "$HOME/folder/a") =~ ^[0-9a-f]{64}$ ]]
    assert_equal "$(nectar-net account address --eth-key "$HOME/folder/a")"$'\n' "$output"
}

@test "two keys are never the same" {
    [ "$(nectar-net account new --no-passphrase -o "$HOME/a")" != \
        "$(nectar-net account new --no-passphrase -o "$HOME/b")" ]
}

@test "a keystore: the address stands in it, the key does not" {
    echo sesame >"$HOME/pass"
    address=$(nectar-net account new -o "$HOME/a" --eth-passphrase-file "$HOME/pass")
    assert_equal "$(jq -c '[.version,.crypto.kdf,.crypto.kdfparams.n]' "$HOME/a")" '[3,"scrypt",262144]'
    assert_equal "0x$(jq -r .address "$HOME/a")" "${address,,}"
    assert_equal "$(stat -c %a "$HOME/a")" 600
    # No passphrase is asked for.
    run no_terminal nectar-net account address --eth-key "$HOME/a"
    assert_success
    assert_output "$address"
}

@test "the passphrase is asked for twice on a terminal" {
    on_terminal sesame sesame -- nectar-net account new -o "$HOME/a" >/dev/null
    grep -q "New passphrase for $HOME/a:" "$HOME/terminal"
    grep -q "The same again:" "$HOME/terminal"
    run on_terminal sesame other -- nectar-net account new -o "$HOME/b"
    assert_failure 4
    [ ! -e "$HOME/b" ]
}

@test "no terminal to ask on: exit 4 at once, and no file" {
    start=$SECONDS
    run no_terminal nectar-net account new -o "$HOME/a"
    assert_failure 4
    assert_output --partial "no terminal"
    assert_line --index 1 "hint: --eth-passphrase-file FILE or --eth-passphrase-fd N"
    quick_keystore "$HOME/quick"
    run no_terminal nectar-net account address --eth-key "$HOME/quick"
    assert_failure 4
    assert_output --partial "no terminal"
    [ $((SECONDS - start)) -le 2 ]
    [ ! -e "$HOME/a" ]
}

@test "-o - is the key file and nothing else" {
    (umask 077 && nectar-net account new --no-passphrase -o - >"$HOME/a")
    [[ $(cat "$HOME/a") =~ ^[0-9a-f]{64}$ ]]
    nectar-net account address --eth-key "$HOME/a"
}

@test "an existing file stays as it is: exit 4; --force renames it" {
    first=$(nectar-net account new --no-passphrase -o "$HOME/a")
    run no_terminal nectar-net account new -o "$HOME/a"
    assert_failure 4
    assert_output --partial "already exists"
    assert_equal "$(nectar-net account address --eth-key "$HOME/a")" "$first"
    second=$(nectar-net account new --no-passphrase -o "$HOME/a" --force)
    assert_equal "$(nectar-net account address --eth-key "$HOME/a")" "$second"
    assert_equal "$(nectar-net account address --eth-key "$(echo "$HOME"/a.old-*)")" "$first"
}

@test "hex digits: with 0x or without, with a newline or without" {
    umask 077
    printf %s "$KEY" >"$HOME/a"
    printf '0x%s\n' "${KEY^^}" >"$HOME/b"
    for file in a b; do
        assert_equal "$(nectar-net account address --eth-key "$HOME/$file")" "$ADDRESS"
    done
}

@test "the key from a descriptor" {
    assert_equal "$(nectar-net account address --eth-key-fd 5 5<<<"$KEY")" "$ADDRESS"
    assert_equal "$(nectar-net account address --eth-key-fd 0 <<<"0x$KEY")" "$ADDRESS"
    quick_keystore "$HOME/quick"
    assert_equal "$(nectar-net account address --eth-key-fd 5 --eth-passphrase-fd 6 \
        5<"$HOME/quick" 6<<<foo)" "$QUICK_ADDRESS"
    run nectar-net account address --eth-key-fd 99
    assert_failure 3
    run nectar-net account address --eth-key-fd 5 5</dev/null
    assert_failure 4
    assert_output --partial "not a key file"
    run nectar-net account address --eth-key-fd 5 5</dev/zero
    assert_failure 3
    assert_output --partial "larger than"
}

@test "a keystore that notes no address is opened for it" {
    quick_keystore "$HOME/quick"
    echo foo >"$HOME/pass"
    echo bar >"$HOME/wrong"
    assert_equal "$(nectar-net account address --eth-key "$HOME/quick" \
        --eth-passphrase-file "$HOME/pass")" "$QUICK_ADDRESS"
    on_terminal foo -- nectar-net account address --eth-key "$HOME/quick"
    grep -q "Passphrase of $HOME/quick:" "$HOME/terminal"
    grep -q "$QUICK_ADDRESS" "$HOME/terminal"
    run nectar-net account address --eth-key "$HOME/quick" --eth-passphrase-file "$HOME/wrong"
    assert_failure 4
    assert_output --partial "wrong passphrase"
}

@test "NECTAR_ETH_KEY_FILE, NECTAR_ETH_PASSPHRASE_FILE, and the configuration; options come first" {
    quick_keystore "$HOME/quick"
    key_file "$HOME/plain"
    echo foo >"$HOME/pass"
    echo bar >"$HOME/wrong"
    export NECTAR_ETH_KEY_FILE=$HOME/quick NECTAR_ETH_PASSPHRASE_FILE=$HOME/pass
    assert_equal "$(nectar-net account address)" "$QUICK_ADDRESS"
    assert_equal "$(nectar-net account address --eth-key "$HOME/plain")" "$ADDRESS"
    assert_equal "$(nectar-net account address --eth-key-fd 5 5<<<"$KEY")" "$ADDRESS"
    run nectar-net account address --eth-passphrase-file "$HOME/wrong"
    assert_failure 4
    unset NECTAR_ETH_KEY_FILE NECTAR_ETH_PASSPHRASE_FILE
    mkdir -p "$XDG_CONFIG_HOME/nectar-net"
    printf 'eth-key = %s\neth-passphrase-file = %s\n' "$HOME/quick" "$HOME/pass" \
        >"$XDG_CONFIG_HOME/nectar-net/config"
    assert_equal "$(nectar-net account address)" "$QUICK_ADDRESS"
}

@test "files that are refused: exit 4" {
    key_file "$HOME/open"
    chmod 640 "$HOME/open"
    run nectar-net account address --eth-key "$HOME/open"
    assert_failure 4
    assert_output --partial "open to others"
    assert_line --index 1 "hint: chmod 600 $HOME/open"
    run nectar-net account address --eth-key "$HOME/none"
    assert_failure 4
    assert_output --partial "no such key file"
    (umask 077 && echo "{}" >"$HOME/other" && echo "${KEY:1}" >"$HOME/short")
    for file in other short; do
        run nectar-net account address --eth-key "$HOME/$file"
        assert_failure 4
        assert_output --partial "not a key file"
    done
}

# A file that asks for a terabyte, or for days, is answered at once.
@test "a keystore cannot take what it likes of its reader" {
    quick_keystore "$HOME/quick"
    for cost in '.n=1073741824|.r=8' '.n=2|.r=1073741824' '.p=1073741824' '.n=9007199254740992'; do
        (umask 077 && jq "(.crypto.kdfparams)|=($cost)" "$HOME/quick" >"$HOME/hostile")
        start=$SECONDS
        run nectar-net account address --eth-key "$HOME/hostile" --eth-passphrase-fd 5 5<<<foo
        assert_failure 4
        assert_output --partial "not a key file"
        [ $((SECONDS - start)) -le 2 ]
    done
}

@test "usage errors: exit 2" {
    key_file "$HOME/plain"
    echo x >"$HOME/pass"
    run nectar-net account
    assert_failure 2
    run nectar-net account old
    assert_failure 2
    assert_output --partial "new or address, not old"
    run nectar-net account new --no-passphrase
    assert_failure 2
    assert_output --partial "give -o FILE"
    run nectar-net account new -o "$HOME/a" --no-passphrase --eth-passphrase-file "$HOME/pass"
    assert_failure 2
    run nectar-net account new -o "$HOME/a" --no-passphrase --eth-key "$HOME/plain"
    assert_failure 2
    assert_output --partial -- "--eth-key goes with address"
    run nectar-net account address
    assert_failure 2
    assert_output --partial "an Ethereum key is needed"
    run nectar-net account address --eth-key "$HOME/plain" --force
    assert_failure 2
    assert_output --partial -- "--force goes with new"
    run nectar-net account address --eth-key "$HOME/plain" --eth-key-fd 5
    assert_failure 2
    quick_keystore "$HOME/quick"
    run nectar-net account address --eth-key "$HOME/quick" --eth-passphrase-file "$HOME/pass" \
        --eth-passphrase-fd 5
    assert_failure 2
    [ ! -e "$HOME/a" ]
}

@test "--json" {
    run nectar-net account new --no-passphrase -o "$HOME/a" --json
    jq -e --arg file "$HOME/a" '.v==1 and .type=="account" and .file==$file and
        (.address|test("^0x[0-9a-fA-F]{40}$"))' <<<"$output"
    key_file "$HOME/plain"
    run nectar-net account address --eth-key "$HOME/plain" --json
    assert_output "{\"v\":1,\"type\":\"account\",\"address\":\"$ADDRESS\"}"
    run nectar-net account address --eth-key "$HOME/none" --json
    assert_failure 4
    jq -e '.type=="error" and .exit==4' <<<"$output"
}
