#!/usr/bin/env bats
# nectar-net publish-tx
# shellcheck disable=SC2154 # stderr is set by run

load helpers

record() {
    nectar-net pki-lookup "$1"
}

new_key() {
    nectar-net keygen -n "$1" --no-passphrase
}

@test "--ws: a direct record; prints the sequence number" {
    key=$(new_key squid.nec)
    run --separate-stderr nectar-net publish-tx -n squid.nec --ws 127.0.0.1:9002
    assert_success
    assert_output --regexp '^[1-9][0-9]*$'
    assert_equal "$stderr" ""
    assert_equal "$(record squid.nec)" "{\"name\":\"squid.nec\",\"username\":\"squid\",\"networking_key\":\"$key\",\"ws_routing\":[\"127.0.0.1\",9002],\"allowed_routers\":[]}"
}

@test "the sequence number rises, over names" {
    new_key a.nec && new_key b.nec
    one=$(nectar-net publish-tx -n a.nec --no-route)
    two=$(nectar-net publish-tx -n b.nec --no-route)
    three=$(nectar-net publish-tx -n a.nec --ws 127.0.0.1:1)
    [ "$one" -lt "$two" ]
    [ "$two" -lt "$three" ]
}

@test "--tcp goes on the same host" {
    new_key squid.nec
    nectar-net publish-tx -n squid.nec --ws '[2001:db8::1]:9002' --tcp 9003
    record squid.nec | jq -e '.ws_routing==["2001:db8::1",9002] and .tcp_routing==["2001:db8::1",9003]'
    nectar-net publish-tx -n squid.nec --ws host.example:65535
    record squid.nec | jq -e '.ws_routing==["host.example",65535] and (has("tcp_routing")|not)'
}

@test "--routers: an indirect record, bare names taking the TLD" {
    new_key alice.nec
    nectar-net publish-tx -n alice.nec --routers r1,r2.os
    record alice.nec | jq -e '.ws_routing==null and .allowed_routers==["r1.nec","r2.os"]'
}

@test "--no-route: a key alone" {
    new_key squid.nec
    nectar-net publish-tx -n squid.nec --ws 127.0.0.1:9002
    nectar-net publish-tx -n squid.nec --no-route
    record squid.nec | jq -e '.ws_routing==null and .allowed_routers==[]'
}

@test "the name may be that of the key file, or another" {
    new_key squid.nec
    nectar-net publish-tx --no-route
    nectar-net publish-tx -n loach.os -k "$(key_of squid.nec)" --no-route
    [ "$(record squid.nec | jq .networking_key)" = "$(record loach.os | jq .networking_key)" ]
}

@test "nothing to change, nothing done" {
    new_key squid.nec
    nectar-net publish-tx -n squid.nec --ws 127.0.0.1:9002
    run --separate-stderr nectar-net publish-tx -n squid.nec --ws 127.0.0.1:9002
    assert_success
    assert_equal "$output" ""
    assert_equal "$stderr" "nectar-net publish-tx: unchanged"
    run nectar-net publish-tx -n squid.nec --ws 127.0.0.1:9002 -q
    assert_success
    assert_output ""
}

@test "--json" {
    new_key squid.nec
    nectar-net publish-tx -n squid.nec --no-route --json |
        jq -e '.v==1 and .type=="tx" and (.hash|test("^[0-9]+$")) and .status=="mined"'
    nectar-net publish-tx -n squid.nec --no-route --json |
        jq -e '.type=="tx" and .hash==null and .status=="unchanged"'
}

@test "--dry-run shows old and new, and leaves it" {
    new_key squid.nec
    run --separate-stderr nectar-net publish-tx -n squid.nec --ws 127.0.0.1:1 --dry-run
    assert_success
    assert_output --regexp '^\+ \{"name":"squid.nec",[^-]*$'
    [ ! -e "$XDG_DATA_HOME/nectar-net/registry.db" ]
    nectar-net publish-tx -n squid.nec --ws 127.0.0.1:1
    run nectar-net publish-tx -n squid.nec --ws 127.0.0.1:2 --dry-run
    assert_line --index 0 --regexp '^- .*"ws_routing":\["127.0.0.1",1\]'
    assert_line --index 1 --regexp '^\+ .*"ws_routing":\["127.0.0.1",2\]'
    run nectar-net publish-tx -n squid.nec --ws 127.0.0.1:1 --dry-run
    assert_output --regexp '^  \{"name":"squid.nec"'
    nectar-net publish-tx -n squid.nec --ws 127.0.0.1:2 --dry-run --json |
        jq -e '.type=="change" and .old.ws_routing[1]==1 and .new.ws_routing[1]==2 and .unchanged==false'
    record squid.nec | jq -e '.ws_routing[1]==1'
}

@test "--old-key replaces a key; without it: exit 8, with what to do" {
    new_key squid.nec
    nectar-net publish-tx -n squid.nec --ws 127.0.0.1:1
    new=$(nectar-net keygen -n squid.nec --no-passphrase --force)
    for option in --json --dry-run; do
        run nectar-net publish-tx -n squid.nec --ws 127.0.0.1:1 "$option"
        assert_failure 8
    done
    run nectar-net publish-tx -n squid.nec --ws 127.0.0.1:1
    assert_failure 8
    assert_line --index 0 "nectar-net publish-tx: squid.nec: rejected: the name has another key"
    assert_line --index 1 --regexp '^hint: .*--old-key FILE$'
    [ "$(record squid.nec | jq -r .networking_key)" != "$new" ]
    old=$(echo "$(key_of squid.nec)".old-*)
    nectar-net publish-tx -n squid.nec --ws 127.0.0.1:1 --old-key "$old" --dry-run
    nectar-net publish-tx -n squid.nec --ws 127.0.0.1:1 --old-key "$old"
    assert_equal "$(record squid.nec | jq -r .networking_key)" "$new"
}

@test "a wrong --old-key: exit 8; one that is none: exit 4" {
    new_key squid.nec
    nectar-net publish-tx -n squid.nec --no-route
    nectar-net keygen -n squid.nec --no-passphrase --force
    nectar-net keygen -o "$HOME/stranger" --no-passphrase
    run nectar-net publish-tx -n squid.nec --no-route --old-key "$HOME/stranger"
    assert_failure 8
    run nectar-net publish-tx -n squid.nec --no-route --old-key "$HOME/none"
    assert_failure 4
    run nectar-net publish-tx -n squid.nec --no-route --old-key "$HOME/none" --dry-run
    assert_failure 4
}

@test "a sealed key asks for its passphrase" {
    echo pass >"$HOME/pass"
    echo wrong >"$HOME/wrong"
    nectar-net keygen -n squid.nec --passphrase-file "$HOME/pass"
    run no_terminal timeout 5 nectar-net publish-tx -n squid.nec --no-route
    assert_failure 4
    assert_output --partial "no terminal to ask on"
    run nectar-net publish-tx -n squid.nec --no-route --passphrase-file "$HOME/wrong"
    assert_failure 4
    assert_output --partial "wrong passphrase"
    on_terminal pass -- nectar-net publish-tx -n squid.nec --no-route
    run cat "$HOME/terminal"
    assert_output --partial "Passphrase of"
    record squid.nec
}

@test "exactly one way to be reached: else exit 2" {
    new_key squid.nec
    for options in '' '--ws 127.0.0.1:1 --no-route' '--routers a --no-route' '--ws 127.0.0.1:1 --routers a' '--tcp 1' '--tcp 1 --no-route'; do
        # shellcheck disable=SC2086 # a list of options
        run nectar-net publish-tx -n squid.nec $options
        assert_failure 2
        assert_line --index 1 "hint: nectar-net publish-tx -h"
    done
}

@test "an address that is none, a port out of range: exit 2" {
    new_key squid.nec
    for address in 127.0.0.1 127.0.0.1:0 127.0.0.1:65536 :1 '2001:db8::1:9' '[::1]' 'a b:1' 127.0.0.1:1x; do
        run nectar-net publish-tx -n squid.nec --ws "$address"
        assert_failure 2
    done
    for port in 0 65536 x ''; do
        run nectar-net publish-tx -n squid.nec --ws 127.0.0.1:1 --tcp "$port"
        assert_failure 2
    done
}

@test "routers: malformed, repeated, ourselves, none, too many: exit 2" {
    new_key squid.nec
    many=$(printf 'r%d,' {1..33})
    for routers in 'A,b' 'a,a.nec' squid ',' '' "$many"; do
        run nectar-net publish-tx -n squid.nec --routers "$routers"
        assert_failure 2
    done
    nectar-net publish-tx -n squid.nec --routers "${many%r33,}"
    record squid.nec | jq -e '.allowed_routers|length==32'
}

@test "no name in the key and none given: exit 2" {
    nectar-net keygen -o "$HOME/mine.key" --no-passphrase
    run nectar-net publish-tx -k "$HOME/mine.key" --no-route
    assert_failure 2
    assert_output --partial "no name is noted in this key"
}

@test "a registry that is read-only: exit 8" {
    new_key squid.nec
    echo '[]' >"$HOME/r.json"
    run nectar-net publish-tx -n squid.nec --no-route -p "json:$HOME/r.json?tld=nec"
    assert_failure 8
}

@test "a registry that cannot be opened, or is none: exit 5" {
    new_key squid.nec
    echo 'this is no database, but long enough to look at as if it were one' >"$HOME/bad.db"
    for uri in "sqlite:/dev/null/no.db" "sqlite:$HOME/bad.db"; do
        run nectar-net publish-tx -n squid.nec --no-route -p "$uri"
        assert_failure 5
    done
}

@test "no registry URI: exit 2" {
    new_key squid.nec
    for uri in 'x' 'ftp://example' 'sqlite:' ''; do
        run nectar-net publish-tx -n squid.nec --no-route -p "$uri"
        assert_failure 2
    done
}

@test "standard output that cannot be written: exit 3" {
    new_key squid.nec
    run bash -c 'nectar-net publish-tx -n squid.nec --no-route >/dev/full'
    assert_failure 3
}

@test "writes go to the first registry only" {
    new_key squid.nec
    nectar-net publish-tx -n squid.nec --no-route -p "sqlite:$HOME/1.db" -p "sqlite:$HOME/2.db"
    nectar-net pki-lookup squid.nec -p "sqlite:$HOME/1.db"
    [ ! -e "$HOME/2.db" ]
}

@test "a hundred at once are all there" {
    for i in $(seq 100); do nectar-net keygen -n "n$i.nec" --no-passphrase >/dev/null; done
    for i in $(seq 100); do
        nectar-net publish-tx -n "n$i.nec" --ws "127.0.0.1:$((9000 + i))" >"$HOME/seq.$i" 3>&- &
    done
    for job in $(jobs -p); do wait "$job"; done
    assert_equal "$(cat "$HOME"/seq.* | sort -u | wc -l)" 100
    seq -f 'n%g.nec' 100 | nectar-net pki-lookup - >"$HOME/all"
    assert_equal "$(jq -s 'map(.ws_routing[1])|sort == [range(9001;9101)]' "$HOME/all")" true
}

@test "twenty at once on one name: one wins, the others are refused" {
    mkdir "$HOME/k"
    for i in $(seq 20); do nectar-net keygen -o "$HOME/k/$i" --no-passphrase >/dev/null; done
    for i in $(seq 20); do
        { status=0 && nectar-net publish-tx -n one.nec -k "$HOME/k/$i" --no-route >/dev/null 2>&1 ||
            status=$?; echo "$status" >"$HOME/status.$i"; } 3>&- &
    done
    wait
    assert_equal "$(sort "$HOME"/status.* | uniq -c | tr -s ' ' | tr '\n' ';')" " 1 0; 19 8;"
}

# As somebody whom the modes of files bind.
bound() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all "$@"
    else
        "$@"
    fi
}

@test "a registry that may not be written, each way: 8, and it is as it was" {
    local file folder path
    bound true || skip "root cannot be bound by modes here"
    new_key squid.nec
    nectar-net publish-tx -n squid.nec --no-route
    new_key eel.nec
    mkdir "$HOME/r"
    while read -r file folder path; do
        rm -rf "$HOME/r"
        mkdir "$HOME/r"
        nectar-net publish-tx -n squid.nec --no-route -p "sqlite:$HOME/r/r.db"
        chmod "$file" "$HOME/r/r.db"
        chmod "$folder" "$HOME/r"
        run --separate-stderr bound nectar-net publish-tx -n eel.nec --no-route -p "sqlite:$HOME/r/$path"
        chmod 755 "$HOME/r"
        chmod 644 "$HOME/r/r.db"
        assert_failure 8
        assert_output ""
        [[ $stderr == *"Permission denied"* ]] || fail "$file $folder $path: $stderr"
        assert_equal "$(nectar-net registry names -p "sqlite:$HOME/r/r.db")" squid.nec
    done <<'WAYS'
444 755 r.db
444 555 r.db
644 555 r.db
000 755 r.db
644 555 new.db
644 555 new/new.db
WAYS
    # What is no registry is no matter of rights.
    mkdir "$HOME/folder"
    run nectar-net publish-tx -n eel.nec --no-route -p "sqlite:$HOME/folder"
    assert_failure 5
}

@test "a registry on a file system that is only read: 8" {
    unshare -rm true 2>/dev/null || skip "needs a mount namespace"
    new_key squid.nec
    mkdir "$HOME/r"
    nectar-net publish-tx -n squid.nec --no-route -p "sqlite:$HOME/r/r.db"
    for path in r.db new.db new/new.db; do
        # shellcheck disable=SC2016 # for the inner shell
        run unshare -rm bash -c 'mount --bind "$HOME/r" "$HOME/r" && mount -o remount,ro,bind "$HOME/r" || exit 99
            nectar-net publish-tx -n squid.nec --ws h:1 -p "sqlite:$HOME/r/$0"' "$path"
        assert_failure 8
        assert_output --partial "Read-only file system"
    done
}
