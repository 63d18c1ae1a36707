/* The verbs there are, each with what it does in a few words. libc only: the dispatcher reads it.
 */
#ifndef SHARED_VERBS_H
#define SHARED_VERBS_H

#define VERBS(X)                                                                                   \
    X("keygen", "make a key")                                                                      \
    X("pubkey", "print the public key of a key")                                                   \
    X("account", "make an Ethereum key, or print its address")                                     \
    X("publish-tx", "publish a name's key and routes in the registry")                             \
    X("pki-lookup", "print what the registry says of names")                                       \
    X("registry", "make a registry, list it, or copy it into another")                             \
    X("tx", "say what has become of a transaction, or what it says")                               \
    X("listen", "receive messages")                                                                \
    X("router", "pass on the traffic of nodes without an address")                                 \
    X("send", "send a message and print the reply")                                                \
    X("ping", "measure round trips to a node")                                                     \
    X("route-via", "try the way through a router, leg by leg")                                     \
    X("bench", "measure what a machine or a way gives")                                            \
    X("status", "say how a running listen or router stands")                                       \
    X("peers", "list the connections of a running listen or router")                               \
    X("ctl", "have a running listen or router check, reload or stop")                              \
    X("completion", "print shell completions")                                                     \
    X("exit-codes", "print the exit statuses and their meaning")                                   \
    X("help", "open the manual of a verb")                                                         \
    X("version", "print the version")

#endif
