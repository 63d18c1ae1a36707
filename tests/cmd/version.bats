#!/usr/bin/env bats
# nectar-net version and help

load helpers

@test "version, -V and --version" {
    run --separate-stderr nectar-net version
    assert_success
    assert_output --regexp '^nectar-net [0-9]+\.[0-9]+\.[0-9]+$'
    version=$output
    assert_equal "$(nectar-net --version)" "$version"
    assert_equal "$(nectar-net -V)" "$version"
    assert_equal "$(nectar-net send -V)" "nectar-net send ${version#* }"
    assert_equal "$(nectar-net keygen --version)" "nectar-net keygen ${version#* }"
}

@test "--json" {
    nectar-net version --json | jq -e '.v==1 and .type=="version" and .protocol==1 and
        (.version|test("^[0-9.]+$")) and .["library"]==.version'
}

@test "standard output that cannot be written: exit 3" {
    run bash -c 'nectar-net version >/dev/full'
    assert_failure 3
    run bash -c 'nectar-net send --help >/dev/full'
    assert_failure 3
}

@test "version works where the configuration is broken; other verbs say so" {
    mkdir -p "$XDG_CONFIG_HOME/nectar-net"
    echo rubbish >"$XDG_CONFIG_HOME/nectar-net/config"
    nectar-net version
    nectar-net exit-codes
    nectar-net send -h
    run nectar-net pubkey
    assert_failure 2
}

@test "help opens the manual page, by verb or by title" {
    for topic in send version; do
        run nectar-net help "$topic"
        assert_success
        assert_output --partial "nectar-net-$topic"
    done
    run nectar-net help nectar-key
    assert_success
    assert_output --regexp '(NECTAR-KEY|nectar-key)'
    run nectar-net help
    assert_success
    assert_output --regexp '(NECTAR-NET|nectar-net)'
}

@test "without man on the machine, help is --help" {
    mkdir "$HOME/empty"
    run env PATH="$HOME/empty" "$BUILD/bin/nectar-net-help" send
    assert_success
    assert_equal "$output" "$(nectar-net send --help)"
    run env PATH="$HOME/empty" "$BUILD/bin/nectar-net-help"
    assert_success
    assert_output --partial "usage: nectar-net VERB"
}

@test "help of nothing: exit 2" {
    for topic in nonsense ../send ''; do
        run nectar-net help "$topic"
        assert_failure 2
    done
    run nectar-net help send ping
    assert_failure 2
}
