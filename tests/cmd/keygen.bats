#!/usr/bin/env bats
# nectar-net keygen
# shellcheck disable=SC2154 # stderr is set by run

load helpers

@test "prints the public key and a newline, nothing else" {
    run --separate-stderr --keep-empty-lines nectar-net keygen -n squid.nec --no-passphrase
    assert_success
    [[ $output =~ ^[0-9a-f]{64}$'\n'$ ]]
    assert_equal "$stderr" ""
    assert_equal "$(nectar-net pubkey -n squid.nec)"$'\n' "$output"
}

@test "the file has mode 0600, the folder 0700, and notes the name" {
    umask 000
    nectar-net keygen -n squid.nec --no-passphrase
    assert_equal "$(stat -c %a "$(key_of squid.nec)")" 600
    assert_equal "$(stat -c %a "$XDG_DATA_HOME/nectar-net/keys")" 700
    assert_equal "$(nectar-net pubkey -n squid.nec --json | jq -r .name)" squid.nec
}

@test "a bare name takes the registry's TLD" {
    nectar-net keygen -n squid --no-passphrase
    [ -f "$(key_of squid.nec)" ]
}

@test "the name may come from the environment" {
    NECTAR_NAME=loach.nec nectar-net keygen --no-passphrase
    [ -f "$(key_of loach.nec)" ]
}

@test "the data folder is ~/.local/share where XDG_DATA_HOME is unset or relative" {
    env -u XDG_DATA_HOME nectar-net keygen -n a.nec --no-passphrase
    XDG_DATA_HOME=relative nectar-net keygen -n b.nec --no-passphrase
    [ -f "$HOME/.local/share/nectar-net/keys/a.nec.key" ]
    [ -f "$HOME/.local/share/nectar-net/keys/b.nec.key" ]
}

@test "-o writes elsewhere, and makes the folder" {
    nectar-net keygen -o "$HOME/new/folder/mine.key" --no-passphrase
    assert_equal "$(stat -c %a "$HOME/new/folder/mine.key")" 600
    assert_equal "$(nectar-net pubkey -k "$HOME/new/folder/mine.key" --json | jq .name)" null
}

@test "-o - is the key file and nothing else" {
    nectar-net keygen --no-passphrase -o - >"$HOME/a.key"
    chmod 600 "$HOME/a.key"
    jq -e . "$HOME/a.key"
    run nectar-net pubkey -k "$HOME/a.key"
    assert_success
    run bash -c 'nectar-net keygen --no-passphrase -o - | nectar-net pubkey'
    assert_output --regexp '^[0-9a-f]{64}$'
}

@test "two keys are never the same" {
    [ "$(nectar-net keygen -o "$HOME/a" --no-passphrase)" != \
        "$(nectar-net keygen -o "$HOME/b" --no-passphrase)" ]
}

@test "--json" {
    run nectar-net keygen -n squid.nec --no-passphrase --json
    jq -e '.v==1 and .type=="key" and .name=="squid.nec" and .sealed==false and
        (.networking_key|test("^[0-9a-f]{64}$")) and (.file|endswith("/keys/squid.nec.key"))' <<<"$output"
}

@test "an existing key stays as it is: exit 4" {
    nectar-net keygen -n squid.nec --no-passphrase
    before=$(cat "$(key_of squid.nec)")
    run nectar-net keygen -n squid.nec --no-passphrase
    assert_failure 4
    assert_output --partial "already exists"
    assert_line --index 1 --regexp '^hint: .*--force'
    # Before a passphrase is asked for.
    run no_terminal nectar-net keygen -n squid.nec
    assert_failure 4
    assert_output --partial "already exists"
    assert_equal "$(cat "$(key_of squid.nec)")" "$before"
}

@test "what is not even a key file is not overwritten" {
    echo precious >"$HOME/file"
    run nectar-net keygen -o "$HOME/file" --no-passphrase
    assert_failure 4
    ln -s "$HOME/nowhere" "$HOME/link"
    run nectar-net keygen -o "$HOME/link" --no-passphrase
    assert_failure 4
    assert_equal "$(cat "$HOME/file")" precious
    [ ! -e "$HOME/nowhere" ]
}

@test "--force renames the old key to FILE.old-TIME, as often as it is used" {
    first=$(nectar-net keygen -n squid.nec --no-passphrase)
    second=$(nectar-net keygen -n squid.nec --no-passphrase --force)
    third=$(nectar-net keygen -n squid.nec --no-passphrase --force)
    assert_equal "$(nectar-net pubkey -n squid.nec)" "$third"
    assert_equal "$(count_files "$XDG_DATA_HOME/nectar-net/keys" 'squid.nec.key.old-*')" 2
    for old in "$(key_of squid.nec)".old-*; do nectar-net pubkey -k "$old"; done |
        sort >"$HOME/olds"
    printf '%s\n' "$first" "$second" | sort | diff - "$HOME/olds"
    [[ $(echo "$(key_of squid.nec)".old-*) =~ old-[0-9]{8}T[0-9]{6}Z ]]
}

@test "twenty at once: one makes the key, the others leave it" {
    for i in $(seq 20); do
        { status=0 && nectar-net keygen -n squid.nec --no-passphrase >"$HOME/out.$i" 2>/dev/null ||
            status=$?; echo "$status" >"$HOME/status.$i"; } 3>&- &
    done
    wait
    assert_equal "$(sort "$HOME"/status.* | uniq -c | tr -s ' ' | tr '\n' ';')" " 1 0; 19 4;"
    assert_equal "$(cat "$HOME"/out.*)" "$(nectar-net pubkey -n squid.nec)"
}

@test "killed at any point, it leaves a whole key or none" {
    whole=0
    none=0
    # Points spread over twice the time that one takes here, unhurried.
    start=${EPOCHREALTIME/./}
    for i in $(seq 5); do nectar-net keygen -n "u$i.nec" --no-passphrase >/dev/null; done
    took=$(((${EPOCHREALTIME/./} - start) / 5))
    for i in $(seq 120); do
        nectar-net keygen -n "k$i.nec" --no-passphrase >/dev/null 3>&- &
        pid=$!
        sleep "$(printf '0.%06d' $((took * (RANDOM % 200) / 100)))"
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        if [ -e "$(key_of "k$i.nec")" ]; then
            whole=$((whole + 1))
            run nectar-net pubkey -n "k$i.nec"
            assert_success
            assert_output --regexp '^[0-9a-f]{64}$'
        else
            none=$((none + 1))
            nectar-net keygen -n "k$i.nec" --no-passphrase >/dev/null
        fi
    done
    echo "whole $whole, none $none"
    [ "$whole" -gt 0 ]
    [ "$none" -gt 0 ]
}

@test "neither -n nor -o: exit 2" {
    run nectar-net keygen --no-passphrase
    assert_failure 2
    assert_output --partial "give -n NAME or -o FILE"
}

@test "not a name: exit 2" {
    for name in 'UPPER.nec' 'a..nec' '' '../../etc/passwd' "$(printf 'a%.0s' {1..64}).nec"; do
        run nectar-net keygen -n "$name" --no-passphrase
        assert_failure 2
    done
    [ ! -e "$XDG_DATA_HOME/nectar-net/keys" ]
}

@test "a file that cannot be made: exit 3" {
    run nectar-net keygen -o /dev/null/no/such.key --no-passphrase
    assert_failure 3
    assert_output --partial "/dev/null/no/such.key: Not a directory"
}

@test "standard output that cannot be written: exit 3" {
    run bash -c 'nectar-net keygen -o - --no-passphrase >/dev/full'
    assert_failure 3
    assert_output "nectar-net keygen: standard output: No space left on device"
    run bash -c 'nectar-net keygen -o "$HOME/x" --no-passphrase --json >/dev/full'
    assert_failure 3
}

# --- passphrases --------------------------------------------------------------------------------

# Is the key of FILE opened by what the option says?
opens() { # FILE OPTION...
    local file=$1
    shift
    nectar-net publish-tx -n squid.nec -k "$file" --no-route "$@" >/dev/null
}

@test "without a terminal to ask on: exit 4, at once" {
    run no_terminal timeout 2 nectar-net keygen -n squid.nec
    assert_failure 4
    assert_line --index 1 --regexp '^hint: --passphrase-file'
    [ ! -e "$(key_of squid.nec)" ]
}

@test "--passphrase-file seals; the seed is not in the file, the name and public key are" {
    echo 'open sesame' >"$HOME/pass"
    public=$(nectar-net keygen -n squid.nec --passphrase-file "$HOME/pass")
    jq -e . "$(key_of squid.nec)"
    grep -q "$public" "$(key_of squid.nec)"
    assert_equal "$(nectar-net pubkey -n squid.nec --json | jq -c '[.sealed,.name]')" '[true,"squid.nec"]'
    opens "$(key_of squid.nec)" --passphrase-file "$HOME/pass"
}

@test "--passphrase-fd and NECTAR_PASSPHRASE_FILE" {
    printf secret >"$HOME/pass"
    nectar-net keygen -o "$HOME/a.key" --passphrase-fd 5 5<"$HOME/pass"
    NECTAR_PASSPHRASE_FILE=$HOME/pass nectar-net keygen -o "$HOME/b.key"
    opens "$HOME/a.key" --passphrase-fd 7 7<"$HOME/pass"
    NECTAR_PASSPHRASE_FILE=$HOME/pass opens "$HOME/a.key"
    run opens "$HOME/b.key" --passphrase-file "$HOME/pass"
    assert_failure 8 # the right passphrase, but another key than the published one
}

@test "an option for the passphrase comes before the environment" {
    echo wrong >"$HOME/wrong"
    echo right >"$HOME/right"
    NECTAR_PASSPHRASE_FILE=$HOME/wrong nectar-net keygen -n squid.nec --passphrase-file "$HOME/right"
    NECTAR_PASSPHRASE_FILE=$HOME/wrong opens "$(key_of squid.nec)" --passphrase-file "$HOME/right"
    NECTAR_PASSPHRASE_FILE=$HOME/wrong nectar-net keygen -n plain.nec --no-passphrase
    assert_equal "$(nectar-net pubkey -n plain.nec --json | jq .sealed)" false
}

@test "one trailing newline is no part of a passphrase, a second is" {
    printf 'pass' >"$HOME/0"
    printf 'pass\n' >"$HOME/1"
    printf 'pass\n\n' >"$HOME/2"
    nectar-net keygen -n squid.nec --passphrase-file "$HOME/1"
    opens "$(key_of squid.nec)" --passphrase-file "$HOME/0"
    run opens "$(key_of squid.nec)" --passphrase-file "$HOME/2"
    assert_failure 4
    assert_output --partial "wrong passphrase"
}

@test "a passphrase that is empty, over the limit, or holds a NUL: exit 3" {
    printf '\n' >"$HOME/empty"
    printf 'a\0b' >"$HOME/nul"
    head -c 4098 /dev/zero | tr '\0' x >"$HOME/long"
    for file in empty nul long missing; do
        run nectar-net keygen -n squid.nec --passphrase-file "$HOME/$file"
        assert_failure 3
    done
    run nectar-net keygen -n squid.nec --passphrase-fd 99
    assert_failure 3
    [ ! -e "$(key_of squid.nec)" ]
}

@test "sources that exclude each other: exit 2" {
    echo x >"$HOME/pass"
    run nectar-net keygen -n a.nec --no-passphrase --passphrase-file "$HOME/pass"
    assert_failure 2
    run nectar-net keygen -n a.nec --passphrase-fd 5 --passphrase-file "$HOME/pass" 5<"$HOME/pass"
    assert_failure 2
}

@test "no option takes a passphrase itself" {
    run nectar-net keygen -n squid.nec --passphrase secret
    assert_failure 2
    assert_output --partial "unknown option --passphrase"
}

@test "on a terminal it asks twice, without echo" {
    on_terminal 'my secret' 'my secret' -- nectar-net keygen -n squid.nec
    run cat "$HOME/terminal"
    refute_output --partial 'my secret'
    assert_output --partial "$(nectar-net pubkey -n squid.nec)"
    printf 'my secret' >"$HOME/pass"
    opens "$(key_of squid.nec)" --passphrase-file "$HOME/pass"
}

@test "two answers that differ, or none: exit 4" {
    run on_terminal one other -- nectar-net keygen -n squid.nec
    assert_failure 4
    grep -q 'passphrases differ' "$HOME/terminal"
    run on_terminal '' -- nectar-net keygen -n squid.nec
    assert_failure 4
    [ ! -e "$(key_of squid.nec)" ]
}

@test "-w bounds the wait for a passphrase: exit 28" {
    mkfifo "$HOME/pipe"
    sleep 10 3>&- >"$HOME/pipe" &
    PIDS+=($!)
    run timeout 5 nectar-net keygen -n squid.nec --passphrase-file "$HOME/pipe" -w 0.3
    assert_failure 28
    assert_output --partial "the time given with -w is up"
    run timeout 5 nectar-net keygen -n squid.nec --passphrase-file "$HOME/pipe" -w 0.3 --json
    assert_failure 28
    jq -e '.error=="timeout" and .exit==28' <<<"$output"
}

@test "no core file, no secret in argv while it runs" {
    mkfifo "$HOME/pipe"
    ulimit -c unlimited 2>/dev/null || true
    nectar-net keygen -n squid.nec --passphrase-file "$HOME/pipe" >/dev/null 3>&- &
    pid=$!
    PIDS+=("$pid")
    exec 6>"$HOME/pipe"
    run cat "/proc/$pid/limits"
    assert_line --regexp '^Max core file size +0 +0 '
    printf 'top secret' >&6
    run bash -c "tr '\0' ' ' <'/proc/$pid/cmdline'"
    refute_output --partial secret
    exec 6>&-
    wait "$pid"
    run grep -r 'top secret' "$HOME" --include='*.key'
    assert_failure
}
