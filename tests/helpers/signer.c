/*
 * signer KEY-FILE [PASSPHRASE-FILE]: loads an Ethereum key, writes and reads it again, signs a
 * transaction, prints the hash, and keeps the key until it is killed. The place of a program that
 * waits for a chain with its key in memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nectar/nectar.h>

static void check(int error, const char *what)
{
    if (!error)
        return;
    fprintf(stderr, "signer: %s: %s\n", what, nectar_error_text(error));
    exit(1);
}

static void load(struct nectar_account **out, const char *path, const char *passphrase_path)
{
    char passphrase[256] = "";
    FILE *file = passphrase_path ? fopen(passphrase_path, "r") : NULL;

    if (file) {
        setvbuf(file, NULL, _IONBF, 0);
        if (!fgets(passphrase, sizeof passphrase, file))
            exit(1);
        passphrase[strcspn(passphrase, "\n")] = '\0';
        fclose(file);
    }
    check(nectar_account_load(out, path, file ? passphrase : NULL), path);
    explicit_bzero(passphrase, sizeof passphrase);
}

/* All that the library does with a key goes over the stack and the heap of this process. */
static void write_and_read(const struct nectar_account *account)
{
    struct nectar_account *again = NULL;
    char *text = NULL;
    size_t len = 0;

    check(nectar_account_write_text(&text, &len, account, NULL), "write");
    check(nectar_account_from_text(&again, text, len, NULL), "read");
    nectar_account_text_free(text, len);
    nectar_account_free(again);
}

int main(int argc, char **argv)
{
    struct nectar_tx tx = {.chain = 31337, .gas = 21000, .max_fee = {{[31] = 1}}};
    struct nectar_account *account = NULL;
    char hash[2 * NECTAR_HASH_BYTES + 1];

    if (argc < 2)
        return 2;
    load(&account, argv[1], argc > 2 ? argv[2] : NULL);
    write_and_read(account);
    memcpy(tx.from, nectar_account_address(account), sizeof tx.from);
    check(nectar_tx_sign(&tx, account), "sign");
    nectar_hex_encode(hash, tx.hash, sizeof tx.hash);
    puts(hash);
    fflush(stdout);
    for (;;)
        pause();
}
