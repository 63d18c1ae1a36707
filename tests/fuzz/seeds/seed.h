/* Inputs to begin with, written to FOLDER/TARGET/LABEL. */
#ifndef FUZZ_SEED_H
#define FUZZ_SEED_H

#include <stddef.h>

#include <nectar/view.h>

/* The folder that holds one folder for each target. */
void seed_begin(const char *folder);

/* prefix is what a target takes before the bytes proper. */
void seed_write(const char *target, const char *label, const void *prefix, size_t prefix_len,
                struct nectar_view body);

/* By kind of target. */
void seed_streams(void);  /* upgrade, frame, forward */
void seed_messages(void); /* msgpack, handshake, routing, kernel: from tests/vectors */
void seed_texts(void);    /* keyfile, record, registry, object */
void seed_accounts(void); /* rlp, tx, keystore: from tests/vectors */
void seed_links(void);    /* link, peer, pair */
void seed_abi(void);      /* abi */
void seed_changes(void);  /* unsigned, nectar */
void seed_chains(void);   /* hypermap: from tests/vectors; jsonrpc */

#endif
