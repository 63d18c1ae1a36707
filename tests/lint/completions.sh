#!/bin/bash
# completions.sh --write BUILD: makes completions/ from the option tables of the verbs built there.
# completions.sh --check BUILD: fails where what is committed is not what they say.
set -eu
[ $# = 2 ] || { echo "usage: completions.sh --write|--check BUILD" && exit 2; }
[ -x "$2/bin/nectar-net-completion" ] || { echo "$2: no verbs built there" && exit 1; }

scripts() { # FOLDER BUILD
    "$2/bin/nectar-net-completion" bash >"$1/nectar-net.bash"
    "$2/bin/nectar-net-completion" zsh >"$1/_nectar-net"
    "$2/bin/nectar-net-completion" fish >"$1/nectar-net.fish"
}

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts "$fresh" "$2"
case $1 in
--write)
    mkdir -p completions
    cp "$fresh"/* completions/
    ;;
--check)
    diff -ru completions "$fresh" || { echo "stale: make completions" && exit 1; }
    ;;
*)
    echo "usage: completions.sh --write|--check BUILD"
    exit 2
    ;;
esac
