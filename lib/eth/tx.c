#include "eth/tx.h"

#include <string.h>

#include <nectar/error.h>

#include "crypto/keccak.h"
#include "eth/account.h"
#include "eth/rlp.h"

enum { KEY_BYTES = 32, LEGACY_V = 35 };

_Static_assert((int)TX_HASH_BYTES == (int)KECCAK_HASH_BYTES, "hash sizes differ");

/* --- the access list, which is carried as it came -------------------------------------------- */

/* [[address, [key, ...]], ...] */
static void check_access_list(struct rlp_reader *r)
{
    struct rlp_reader list, entry, keys;
    uint8_t skipped[KEY_BYTES];

    rlp_read_list(&list, r);
    while (rlp_has_more(&list)) {
        rlp_read_list(&entry, &list);
        rlp_read_exactly(skipped, ETH_ADDRESS_BYTES, &entry);
        rlp_read_list(&keys, &entry);
        while (rlp_has_more(&keys))
            rlp_read_exactly(skipped, KEY_BYTES, &keys);
        rlp_end_list(&keys, &entry);
        rlp_end_list(&entry, &list);
    }
    rlp_end_list(&list, r);
}

/* Takes one, whole; an empty one is absent. */
static void read_access_list(struct nectar_view *out, struct rlp_reader *r)
{
    struct nectar_view whole = r->left;

    check_access_list(r);
    whole.len -= r->left.len;
    *out = whole.len > 1 && !r->error ? whole : (struct nectar_view){NULL, 0};
}

size_t tx_access_count(const struct tx *tx)
{
    struct rlp_reader reader, list, entry;
    size_t count = 0;

    rlp_reader_init(&reader, tx->access_list);
    rlp_read_list(&list, &reader);
    while (rlp_has_more(&list)) {
        rlp_read_list(&entry, &list);
        count++;
    }
    return list.error ? 0 : count;
}

/* --- writing --------------------------------------------------------------------------------- */

static int check(const struct tx *tx)
{
    struct rlp_reader reader;

    if (tx->type != TX_LEGACY && tx->type != TX_FEE_MARKET)
        return NECTAR_EFORMAT;
    if (tx->chain == 0 || tx->chain > TX_CHAIN_MAX || tx->nonce > TX_NONCE_MAX)
        return NECTAR_EFORMAT;
    if (!tx->access_list.data)
        return 0;
    if (tx->type == TX_LEGACY)
        return NECTAR_EFORMAT;
    rlp_reader_init(&reader, tx->access_list);
    check_access_list(&reader);
    return rlp_read_end(&reader);
}

/* The fields that both types begin with, in their order. */
static void write_fields(struct rlp_writer *w, const struct tx *tx)
{
    bool fees = tx->type == TX_FEE_MARKET;

    if (fees)
        rlp_write_uint(w, tx->chain);
    rlp_write_uint(w, tx->nonce);
    if (fees)
        rlp_write_word(w, &tx->priority);
    rlp_write_word(w, &tx->max_fee);
    rlp_write_uint(w, tx->gas);
    rlp_write_bytes(w, (struct nectar_view){tx->to, tx->creates ? 0 : sizeof tx->to});
    rlp_write_word(w, &tx->value);
    rlp_write_bytes(w, tx->data);
    if (!fees)
        return;
    if (tx->access_list.data)
        rlp_write_raw(w, tx->access_list);
    else
        rlp_close_list(w, rlp_open_list(w));
}

static void write_scalar(struct rlp_writer *w, const uint8_t scalar[SECP_SCALAR_BYTES])
{
    struct word word;

    memcpy(word.bytes, scalar, sizeof word.bytes);
    rlp_write_word(w, &word);
}

/* What stands behind them. Unsigned: the chain again where it is legacy. */
static void write_end(struct rlp_writer *w, const struct tx *tx,
                      const struct secp_signature *signature)
{
    bool legacy = tx->type == TX_LEGACY;

    if (signature) {
        rlp_write_uint(w, (legacy ? 2 * tx->chain + LEGACY_V : 0) + signature->parity);
        write_scalar(w, signature->r);
        write_scalar(w, signature->s);
    } else if (legacy) {
        rlp_write_uint(w, tx->chain);
        rlp_write_uint(w, 0);
        rlp_write_uint(w, 0);
    }
}

static int write_tx(struct bytes *out, const struct tx *tx, const struct secp_signature *signature)
{
    struct rlp_writer writer = {.out = out, .error = check(tx)};
    size_t before = out->len;
    size_t list;

    if (!writer.error && tx->type == TX_FEE_MARKET)
        writer.error = bytes_append_byte(out, TX_FEE_MARKET);
    list = rlp_open_list(&writer);
    write_fields(&writer, tx);
    write_end(&writer, tx, signature);
    rlp_close_list(&writer, list);
    if (writer.error)
        out->len = before;
    return writer.error;
}

int tx_unsigned(struct bytes *out, const struct tx *tx)
{
    return write_tx(out, tx, NULL);
}

int tx_signed(struct bytes *out, const struct tx *tx, const struct secp_signature *signature)
{
    return write_tx(out, tx, signature);
}

int tx_signing_hash(uint8_t out[TX_HASH_BYTES], const struct tx *tx)
{
    struct bytes text;
    int error;

    bytes_init(&text, TX_MAX);
    error = tx_unsigned(&text, tx);
    if (!error)
        keccak_hash(out, text.data, text.len);
    bytes_free(&text);
    return error;
}

int tx_sign(struct bytes *out, const struct tx *tx, const struct nectar_account *account)
{
    uint8_t hash[TX_HASH_BYTES];
    struct secp_signature signature;
    int error = tx_signing_hash(hash, tx);

    if (!error)
        error = account_sign(&signature, account, hash);
    return error ? error : tx_signed(out, tx, &signature);
}

void tx_hash(uint8_t out[TX_HASH_BYTES], struct nectar_view raw)
{
    keccak_hash(out, raw.data, raw.len);
}

/* --- reading --------------------------------------------------------------------------------- */

static void read_to(struct tx *out, struct rlp_reader *r)
{
    struct nectar_view to = rlp_read_bytes(r);

    out->creates = to.len == 0;
    if (to.len == sizeof out->to)
        memcpy(out->to, to.data, sizeof out->to);
    else if (!out->creates)
        r->error = NECTAR_EFORMAT;
}

static void read_fields(struct tx *out, struct rlp_reader *r)
{
    bool fees = out->type == TX_FEE_MARKET;

    if (fees)
        out->chain = rlp_read_uint(r, TX_CHAIN_MAX);
    out->nonce = rlp_read_uint(r, TX_NONCE_MAX);
    if (fees)
        rlp_read_word(&out->priority, r);
    rlp_read_word(&out->max_fee, r);
    out->gas = rlp_read_uint(r, UINT64_MAX);
    read_to(out, r);
    rlp_read_word(&out->value, r);
    out->data = rlp_read_bytes(r);
    if (fees)
        read_access_list(&out->access_list, r);
}

static void read_scalar(uint8_t out[SECP_SCALAR_BYTES], struct rlp_reader *r)
{
    struct word word;

    rlp_read_word(&word, r);
    memcpy(out, word.bytes, SECP_SCALAR_BYTES);
}

static void read_signature(struct tx *tx, struct secp_signature *out, struct rlp_reader *r)
{
    uint64_t v = rlp_read_uint(r, tx->type == TX_LEGACY ? UINT64_MAX : 1);

    if (tx->type == TX_LEGACY) {
        /* 27 and 28 name no chain: such a one is good for any, so for none of ours. */
        if (v < LEGACY_V)
            r->error = NECTAR_EFORMAT;
        else
            v -= LEGACY_V;
        tx->chain = v / 2;
    }
    out->parity = v % 2;
    read_scalar(out->r, r);
    read_scalar(out->s, r);
}

static void read_unsigned_end(struct tx *tx, struct rlp_reader *r)
{
    if (tx->type != TX_LEGACY)
        return;
    tx->chain = rlp_read_uint(r, TX_CHAIN_MAX);
    (void)rlp_read_uint(r, 0);
    (void)rlp_read_uint(r, 0);
}

/* signature: NULL if it is yet to be signed. */
static int read_tx(struct tx *out, struct secp_signature *signature, struct nectar_view raw)
{
    struct rlp_reader reader, list;
    int error;

    *out = (struct tx){.type = TX_LEGACY};
    if (raw.len > TX_MAX)
        return NECTAR_ETOOBIG;
    if (raw.len > 0 && raw.data[0] == TX_FEE_MARKET) {
        out->type = TX_FEE_MARKET;
        raw.data++;
        raw.len--;
    }
    rlp_reader_init(&reader, raw);
    rlp_read_list(&list, &reader);
    read_fields(out, &list);
    if (signature)
        read_signature(out, signature, &list);
    else
        read_unsigned_end(out, &list);
    rlp_end_list(&list, &reader);
    error = rlp_read_end(&reader);
    return error ? error : check(out);
}

int tx_decode_unsigned(struct tx *out, struct nectar_view raw)
{
    return read_tx(out, NULL, raw);
}

int tx_decode_signed(struct tx *out, struct secp_signature *signature, struct nectar_view raw)
{
    return read_tx(out, signature, raw);
}

int tx_decode(struct tx *out, uint8_t sender[ETH_ADDRESS_BYTES], struct nectar_view raw)
{
    struct secp_signature signature;
    uint8_t public_key[SECP_PUBLIC_BYTES];
    uint8_t hash[TX_HASH_BYTES];
    int error = read_tx(out, &signature, raw);

    if (!error)
        error = tx_signing_hash(hash, out);
    if (!error)
        error = secp_recover(public_key, &signature, hash);
    if (!error)
        eth_address_of_public(sender, public_key);
    return error;
}
