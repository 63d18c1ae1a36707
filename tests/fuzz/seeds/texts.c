/* Seeds of what reads texts: key files, records, registries in a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/view.h"
#include "fuzz/seeds/seed.h"
#include "fuzz/shared/fuzz.h"
#include "key/keyfile.h"
#include "pki/record.h"

enum { TEXT_MAX = 1 << 16 };

static void write_keyfile(const char *label, const struct keyfile *file)
{
    char *text = NULL;
    size_t len = 0;

    fuzz_assert(keyfile_format(&text, &len, file) == 0);
    seed_write("keyfile", label, "", 0, (struct nectar_view){(const uint8_t *)text, len});
    free(text);
}

static void write_keyfiles(void)
{
    struct keyfile file = {.seed = {1, 2, 3}};
    struct nectar_key *key;

    fuzz_assert(nectar_key_from_seed(&key, file.seed, NULL) == 0);
    memcpy(file.info.public_key, nectar_key_public(key), NECTAR_PUBLIC_BYTES);
    nectar_key_free(key);
    write_keyfile("plain", &file);
    memcpy(file.info.name, "squid.nec", sizeof "squid.nec");
    write_keyfile("named", &file);
    file.info.public_key[0] ^= 1;
    write_keyfile("another", &file);
    file = (struct keyfile){.info = {.sealed = true}, .ops = 2, .mem = KEYFILE_MEM};
    write_keyfile("sealed", &file);
    file.ops = KEYFILE_OPS_MAX + 1;
    write_keyfile("too-many-passes", &file);
    file.ops = 1;
    file.mem = KEYFILE_MEM_MIN - 1;
    write_keyfile("too-little-memory", &file);
}

/* As JSON with and without a TLD, and packed. */
static void write_record(const char *label, const struct nectar_record *record)
{
    struct bytes packed;
    char *text = NULL;

    fuzz_assert(nectar_record_format(&text, record) == 0);
    bytes_init(&packed, TEXT_MAX);
    fuzz_assert(record_pack(&packed, record) == 0);
    seed_write("record", label, "\x01", 1, view_of_text(text));
    seed_write("registry", label, "\x01", 1, view_of_text(text));
    fuzz_assert(strlen(label) < 20);
    {
        char packed_label[40];

        snprintf(packed_label, sizeof packed_label, "%s-packed", label);
        seed_write("record", packed_label, "\x02", 1, bytes_view(&packed));
    }
    bytes_free(&packed);
    free(text);
}

static const char *const RECORDS[] = {
    "{\"username\":\"squid\",\"networking_key\":null,\"ws_routing\":null,"
    "\"allowed_routers\":[\"loach\",\"b.nec\"]}",
    "{\"username\":\"squid\",\"name\":\"squid.nec\",\"networking_key\":null,"
    "\"ws_routing\":[\"::1\",9002],\"tcp_routing\":[\"host-1.example\",1]}",
    "{\"name\":\"Squid\",\"networking_key\":null}",
    "{\"name\":\"squid.nec\",\"networking_key\":null,\"ws_routing\":[\"\",0]}",
    "{\"name\":\"squid.nec\",\"networking_key\":null,\"ws_routing\":[\"h\",0]}",
    "{\"name\":\"squid.nec\",\"networking_key\":\"00\"}",
    "{\"username\":1}",
    "[]",
    "{\"a\":\"\\u00e4\\ud83d\\ude00\\n\",\"b\":[true,false,null,-1.5e+3,{}]}",
};

#define A_RECORD "{\"networking_key\":null,\"ws_routing\":null,\"allowed_routers\":[]}"

static const char *const REGISTRIES[] = {
    "{}",
    " [ ] ",
    "{\"squid.nec\":" A_RECORD ",\n\"loach.nec\" : " A_RECORD "}",
    "{\"squid.nec\":" A_RECORD ",\"squid.nec\":" A_RECORD "}",
    "[{\"name\":\"a.nec\",\"networking_key\":null},{\"username\":\"b\",\"networking_key\":null}]",
    "{\"\\u0061.nec\":" A_RECORD "}",
    "{\"a\\\"]}\":[[{\"x\":\"}\"}]]}",
    "{\"a.nec\":" A_RECORD "} x",
    "{\"a.nec\":",
    "true",
};

static const char *const LINES[] = {
    "{}",
    ("{\"to\":\"squid.nec\",\"body\":\"hi\\n\\u00e4\\ud83d\\ude00\\u0000\",\"id\":"
     "18446744073709551615}"),
    "{\"body_base64\":\"aGVsbG8=\",\"a\":\"QQ==\",\"b\":\"QUI=\",\"c\":\"QR==\",\"d\":\"+\\/9/\"}",
    "{\"timeout\":\"5\",\"n\":0,\"m\":-1.5e3,\"t\":true,\"f\":false,\"z\":null}",
    "{\"a\":[1,{\"b\":\"]}\"}],\"c\":{\"d\":{},\"d\":[]}}",
    "{\"a\":1,\"\\u0061\":2}",
    " {\"a\" : 01}",
    "{\"a\":\"x\\\"y\\\\\",\"b\":[\"\\\"]\"],\"c\":1}",
    "[1]",
    "{\"a\":\"\\ud800\"}",
};

static const char *const BATCH[] = {
    "{\"to\":\"squid.nec\",\"body\":\"a\\u00e4\\n\",\"ref\":17}",
    "{\"ref\": \"r\\u0000\", \"blob_b64\":\"QUJD\",\"mime\":\"text/plain\",\"body_b64\":\"QQ==\"}",
    "{\"to\":\"squid@a:b:c\\\\\",\"body_b64\":\"\"}",
    "{\"to\":\"a\\u0000\",\"body\":\"\"}",
    "{\"to\":7,\"body\":\"\",\"ref\":[]}",
    "{\"body\":1}",
    "{\"body\":\"\",\"body_b64\":\"\"}",
    "{\"body\":\"\",\"mime\":\"x\"}",
    "{\"body\":\"\",\"blob_b64\":\"!\"}",
    "{\"body\":\"\",\"blob_b64\":\"\",\"mime\":1}",
    "{\"body\":\"\",\"other\":1}",
};

void seed_texts(void)
{
    struct nectar_record record = {.name = "squid.nec", .has_key = true, .key = {1, 2, 255}};

    write_keyfiles();
    write_record("bare", &record);
    record.ws = (struct nectar_address){.host = "147.135.114.167", .port = 9002};
    record.tcp = (struct nectar_address){.host = "fe80::1%eth0", .port = 65535};
    write_record("direct", &record);
    record = (struct nectar_record){
        .name = "a.b.nec", .router_count = 2, .routers = {"loach.nec", "r-2.nec"}};
    write_record("indirect", &record);
    for (size_t i = 0; i < sizeof RECORDS / sizeof RECORDS[0]; i++) {
        char label[40];

        snprintf(label, sizeof label, "text-%zu", i);
        seed_write("record", label, i % 2 ? "\x00" : "\x01", 1, view_of_text(RECORDS[i]));
    }
    for (size_t i = 0; i < sizeof REGISTRIES / sizeof REGISTRIES[0]; i++) {
        char label[40];

        snprintf(label, sizeof label, "text-%zu", i);
        seed_write("registry", label, "\x01", 1, view_of_text(REGISTRIES[i]));
    }
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
        char label[40];

        snprintf(label, sizeof label, "line-%zu", i);
        seed_write("object", label, "", 0, view_of_text(LINES[i]));
    }
    for (size_t i = 0; i < sizeof BATCH / sizeof BATCH[0]; i++) {
        char label[40];

        snprintf(label, sizeof label, "batch-%zu", i);
        seed_write("batch", label, "", 0, view_of_text(BATCH[i]));
    }
}
