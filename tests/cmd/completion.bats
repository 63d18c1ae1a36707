#!/usr/bin/env bats
# nectar-net completion, and the scripts it makes

load helpers

SCRIPTS=$BATS_TEST_DIRNAME/../../completions

# What bash offers for the words given, the last of which is being typed.
bash_offers() {
    bash --norc -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nectar_net
        printf "%s\n" "${COMPREPLY[@]}"' - "$SCRIPTS/nectar-net.bash" "$@"
}

@test "the scripts are those that are committed" {
    nectar-net completion bash | diff "$SCRIPTS/nectar-net.bash" -
    nectar-net completion zsh | diff "$SCRIPTS/_nectar-net" -
    nectar-net completion fish | diff "$SCRIPTS/nectar-net.fish" -
}

@test "another shell, none, or two: exit 2; no room on standard output: exit 3" {
    for shells in tcsh '' 'bash zsh'; do
        # shellcheck disable=SC2086 # a list of operands
        run nectar-net completion $shells
        assert_failure 2
    done
    run bash -c 'nectar-net completion bash >/dev/full'
    assert_failure 3
}

@test "a verb that is missing: exit 3" {
    mkdir -p "$HOME/b/bin" "$HOME/b/lib"
    cp "$BUILD"/bin/nectar-net-* "$HOME/b/bin"
    cp -P "$BUILD"/lib/*.so* "$HOME/b/lib"
    "$HOME/b/bin/nectar-net-completion" bash >/dev/null
    rm "$HOME/b/bin/nectar-net-send"
    run "$HOME/b/bin/nectar-net-completion" bash
    assert_failure 3
    assert_output --partial "nectar-net-send: No such file or directory"
}

@test "bash: verbs, options, files, names, words" {
    assert_equal "$(bash_offers nectar-net pu)" $'pubkey\npublish-tx'
    assert_equal "$(bash_offers nectar-net send --no-re)" $'--no-reply\n--no-retry'
    assert_equal "$(bash_offers nectar-net send --color '')" $'auto\nalways\nnever'
    assert_equal "$(bash_offers nectar-net send --color = al)" always
    assert_equal "$(bash_offers nectar-net completion '')" $'bash\nzsh\nfish'
    assert_equal "$(bash_offers nectar-net help pki)" pki-lookup
    assert_equal "$(bash_offers nectar-net send -m '')" ""
    make_node squid.nec
    assert_equal "$(bash_offers nectar-net send -n squ)" squid.nec
    assert_equal "$(bash_offers nectar-net ping '')" squid.nec
    assert_equal "$(bash_offers nectar-net registry im)" import
    assert_equal "$(bash_offers nectar-net ctl '')" $'check\nreload\nstop'
    touch "$HOME/body"
    assert_equal "$(bash_offers nectar-net registry import "$HOME/bo")" "$HOME/body"
    assert_equal "$(bash_offers nectar-net send -f "$HOME/bo")" "$HOME/body"
}

@test "zsh and fish take their scripts" {
    command -v zsh >/dev/null || skip "no zsh"
    command -v fish >/dev/null || skip "no fish"
    zsh -n "$SCRIPTS/_nectar-net"
    fish --no-execute "$SCRIPTS/nectar-net.fish"
    make_node squid.nec
    run fish --no-config -c "source $SCRIPTS/nectar-net.fish; complete -C 'nectar-net pu'"
    assert_output --partial publish-tx
    run fish --no-config -c "source $SCRIPTS/nectar-net.fish; complete -C 'nectar-net send --no-re'"
    assert_output --partial --no-retry
    run fish --no-config -c "source $SCRIPTS/nectar-net.fish; complete -C 'nectar-net ping squ'"
    assert_output --partial squid.nec
    touch "$HOME/names.json"
    run fish --no-config -c "source $SCRIPTS/nectar-net.fish; complete -C 'nectar-net registry '"
    assert_output --partial export
    run fish --no-config -c "source $SCRIPTS/nectar-net.fish; complete -C 'nectar-net registry import $HOME/na'"
    assert_output --partial names.json
}

@test "every option of every verb is offered" {
    for verb in $(nectar-net -h | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
        for option in $(nectar-net "$verb" --help | grep -oE -- '  (-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
            bash_offers nectar-net "$verb" -- | grep -qxe "$option"
            grep -qE "from $verb'.* -l ${option#--} " "$SCRIPTS/nectar-net.fish"
        done
    done
}
