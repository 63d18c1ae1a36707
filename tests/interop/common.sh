# shellcheck shell=bash disable=SC2034
# What run.sh and bench.sh share: nodes of each kind, their registry, and the listening ones started.
# `us-in.nec` and `it-in.nec` listen, `us-re.nec` too, with a reply to all; `us-out.nec` and `it-out.nec` send. The names of
# those who listen have one length, and of those who send. (And for wrong.sh an `it-KIND.nec` for each kind.)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(realpath -m "${NECTAR_BIN:-$here/../../build/bin}")
peer=$here/target/release/nectar-peer
tmp=$(mktemp -d)
registry=$tmp/registry.json
started=()
declare -A key addr log routers pid

export XDG_DATA_HOME=$tmp/data XDG_RUNTIME_DIR=$tmp/run XDG_STATE_HOME=$tmp/state
export XDG_CACHE_HOME=$tmp/cache XDG_CONFIG_HOME=$tmp/config

clean_up() {
    if ((${#started[@]})); then
        kill "${started[@]}" 2>/dev/null
        wait "${started[@]}" 2>/dev/null
    fi
    rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

die() {
    echo "$0: $*" >&2
    exit 2
}

now_ms() {
    local us=${EPOCHREALTIME/[.,]/}
    echo $((us / 1000))
}

# The pairs to run: initiator-responder.
choose_pairs() {
    pairs=("${@:-}")
    [[ -n ${pairs[0]} ]] || pairs=(us-us us-it it-us it-it)
    with_us=
    for pair in "${pairs[@]}"; do
        [[ $pair =~ ^(us|it)-(us|it)$ ]] || die "no such pair: $pair"
        if [[ $pair == *us* ]]; then with_us=1; fi
    done
}

# make_key NODE: a key for one of its nodes.
make_key() {
    key[$1]=$("$peer" keygen "$tmp/$1.seed") || die "keygen $1"
}

make_keys() {
    local node
    mkdir -m 700 "$XDG_DATA_HOME" "$XDG_RUNTIME_DIR" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME"
    for node in it-in it-out it-ind it-ii it-ij it-r $("$peer" kinds | awk '{ print "it-" $1 }'); do
        make_key "$node"
    done
    [[ -z $with_us ]] && return
    for node in us-in us-re us-out us-ind us-ii us-ij us-r; do
        make_our_key "$node"
    done
}

make_our_key() {
    key[$1]=$("$bin/nectar-net-keygen" --no-passphrase -n "$1.nec") || die "keygen $1"
}

# write_registry FILE: every node we have a key for; those with an address are direct, others have routers.
write_registry() {
    local node separator="[" route through
    for node in "${!key[@]}"; do
        route=null
        [[ -n ${addr[$node]:-} ]] && route="[\"${addr[$node]%:*}\",${addr[$node]##*:}]"
        through=
        # shellcheck disable=SC2086 # a list of nodes
        [[ -n ${routers[$node]:-} ]] && through=$(printf ',"%s.nec"' ${routers[$node]})
        printf '%s{"name":"%s.nec","username":"%s","networking_key":"%s","ws_routing":%s,"allowed_routers":[%s]}\n' \
            "$separator" "$node" "$node" "${key[$node]}" "$route" "${through#,}"
        separator=,
    done >"$1.new"
    echo "]" >>"$1.new"
    mv "$1.new" "$1"
}

# wait_ready FILE: the address in its `ready` line.
wait_ready() {
    local line
    for _ in {1..100}; do
        line=$(grep -m 1 '"type":"ready"' "$1" 2>/dev/null) && break
        sleep 0.05
    done
    [[ $line =~ \"addr\":\"([^\"]+)\" ]] || return 1
    echo "${BASH_REMATCH[1]}"
}

# start NODE COMMAND...: a listener, its output in its log, its address in `addr`.
start() {
    local node=$1
    shift
    log[$node]=${log[$node]:-$tmp/$node.log}
    "$@" >"${log[$node]}" 2>"$tmp/$node.err" &
    pid[$node]=$!
    started+=($!)
    addr[$node]=$(wait_ready "${log[$node]}") || die "$node does not get ready: $(head -c 500 "$tmp/$node.err")"
}

# launch NODE COMMAND...: a listener without an address, whose routers are in `routers`.
launch() {
    local node=$1
    shift
    log[$node]=${log[$node]:-$tmp/$node.log}
    "$@" >"${log[$node]}" 2>"$tmp/$node.err" &
    pid[$node]=$!
    started+=($!)
}

# wait_joined NODE: until it stands at each of its routers.
wait_joined() {
    local router count
    for _ in {1..200}; do
        count=0
        for router in ${routers[$1]}; do
            stands_at "$1" "$router" && count=$((count + 1))
        done
        ((count == $(wc -w <<<"${routers[$1]}"))) && return
        sleep 0.05
    done
    die "$1 does not join its routers: $(tail -n 3 "${log[$1]}" "$tmp/$1.err" | head -c 800)"
}

# stands_at NODE ROUTER [LINES]: has its log said so, after that many lines?
stands_at() {
    tail -n "+$((${3:-0} + 1))" "${log[$1]}" | grep -E '"type":"(ready|router_up)"' | grep -q "\"$2\.nec\""
}

build_peer() {
    (cd "$here" && cargo build --release --quiet --locked) || die "cannot build the peer"
}

need_our_programs() {
    [[ -z $with_us ]] && return
    local verb
    for verb in keygen listen send router ping route-via; do
        [[ -x $bin/nectar-net-$verb ]] || die "no $bin/nectar-net-$verb (set NECTAR_BIN, or ask for it-it only)"
    done
}

# our VERB OPTION: does our program have it?
our() {
    "$bin/nectar-net-$1" --help 2>&1 | grep -q -e "$2"
}
