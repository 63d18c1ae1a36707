# shellcheck shell=bash disable=SC2154,SC2034
# The cells in which one of the two has no address, or a router is between them for another reason. Both behave. In CASE
# `d` is a node with an address, `i` one without; the initiator first. VIA is whose router it is: us, it, or `any` of both.

# start_router NODE OPTION...: one of either kind.
start_router() {
    local node=$1 command
    shift
    if [[ $node == us-* ]]; then
        command=("$bin/nectar-net-router" -n "$node.nec" -p "json:$registry" --json)
    else
        command=("$peer" router --name "$node.nec" --seed "$tmp/$node.seed" --registry "$registry")
    fi
    start "$node" "${command[@]}" --bind "${addr[$node]:-127.0.0.1:0}" "$@"
}

# join NODE OPTION...: an indirect node of either kind, once its record has its routers.
join() {
    local node=$1
    shift
    if [[ $node == us-* ]]; then
        launch "$node" "$bin/nectar-net-listen" -n "$node.nec" -p "json:$registry" --json "$@"
    else
        launch "$node" "$peer" listen --indirect --name "$node.nec" --seed "$tmp/$node.seed" \
            --registry "$registry" "$@"
    fi
}

start_routed() {
    local node kind
    router_kinds=(it)
    [[ -n $with_us ]] && router_kinds=(us it)
    for kind in "${router_kinds[@]}"; do
        start_router "$kind-r"
        for node in "$kind-ii" "$kind-ij" "$kind-ind"; do
            routers["$node"]=${router_kinds[*]/%/-r}
        done
    done
    make_key it-quirk
    for kind in $(far_kinds responder) quirk; do
        routers["it-$kind"]=$(wrong_router)
    done
    write_registry "$registry"
    for kind in "${router_kinds[@]}"; do
        join "$kind-ii"
    done
    join it-ij
    [[ -n $with_us ]] && join us-ij "${us_answer[@]}"
    for kind in "${router_kinds[@]}"; do
        wait_joined "$kind-ii"
        wait_joined "$kind-ij"
    done
}

# routed PAIR ENDS VIA: a few cells each, in both forms.
routed() {
    local pair=$1 ends=$2 router=$3 form no_reply=--no-reply
    [[ $pair == it-* ]] && no_reply=--no-expects
    set_way "$ends" "$router"
    for form in array bin; do
        printf 'hello' >"$tmp/body"
        cell "$pair" "$form" "$ends hello" "$net" "$tmp/body"
        cell "$pair" "$form" "$ends no reply asked" "$echo_process" "$tmp/body" "$no_reply"
        for size in 0 127 65520; do
            sized "$size"
            cell "$pair" "$form" "$ends request" "$echo_process" "$tmp/body"
        done
    done
    set_way d-d ws
}

# set_way ENDS VIA
set_way() {
    sender=out to_indirect="" via=() between=$2
    [[ $1 == i-* ]] && sender=ind
    [[ $1 == *-i ]] && to_indirect=1
    [[ $2 == us || $2 == it ]] && via=(--via "$2-r.nec")
}

# What is largest, through each router.
routed_largest() {
    local pair=$1 router form size
    for form in array bin; do
        size=$((largest - $(overhead "${pair%-*}" "$form" "$net" 70000)))
        for router in "${router_kinds[@]}"; do
            set_way i-i "$router"
            sized $size ascii
            cell "$pair" "$form" "i-i hello, largest" "$net" "$tmp/body"
        done
        set_way d-d ws
    done
}

run_routed() {
    local router
    for router in "${router_kinds[@]}"; do
        for ends in d-i i-i i-d d-d; do
            routed "$1" "$ends" "$router"
        done
    done
    routed "$1" i-d ws
    routed "$1" i-i any
    routed_largest "$1"
}
