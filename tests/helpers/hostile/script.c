/* What a foe says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/version.h>

#include "base/view.h"
#include "crypto/random.h"
#include "helpers/hostile/hostile.h"
#include "msg/action.h"
#include "msg/routing.h"

#define HEAD                                                                                       \
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"           \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"

enum { MASK_BYTES = 4, TEXT_MAX = 512, HUGE_BODY = NECTAR_MESSAGE_MAX - 4096, SEND_BATCH = 64 };

static void say(struct bytes *out, const void *data, size_t len)
{
    if (bytes_append(out, data, len)) {
        fprintf(stderr, "hostile: too much to say\n");
        exit(1);
    }
}

void script_head(struct bytes *out)
{
    say(out, HEAD, strlen(HEAD));
}

/* A frame as a client sends it, under the mask that changes nothing. */
static void frame(struct bytes *out, uint8_t first, const void *payload, size_t len)
{
    uint8_t head[] = {first, 0xfe, (uint8_t)(len >> 8), (uint8_t)len};

    if (len < 126) {
        head[1] = (uint8_t)(0x80 | len);
        say(out, head, 2);
    } else {
        say(out, head, 4);
    }
    say(out, (uint8_t[MASK_BYTES]){0}, MASK_BYTES);
    say(out, payload, len);
}

void script_route(struct bytes *out, const struct plan *plan, const struct nectar_key *key,
                  const char *target)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    char names[TEXT_MAX];
    struct bytes request;

    snprintf(names, sizeof names, "%s%s", target, nectar_key_name(plan->other));
    nectar_key_sign(signature, key, names, strlen(names));
    signature[0] ^= plan->bad;
    bytes_init(&request, OUTPUT_MAX);
    if (msg_routing_encode(
            &request, &(struct msg_routing){
                          .version = NECTAR_PROTOCOL_VERSION,
                          .source = view_of_text(plan->name ? plan->name : nectar_key_name(key)),
                          .signature = {signature, sizeof signature},
                          .target = view_of_text(target),
                      }))
        die("routing request");
    frame(out, 0x82, request.data, request.len);
    bytes_free(&request);
}

/* Bytes as they go out, and whether random ones follow. */
static const struct garbage {
    const char *kind;
    const char *bytes;
    size_t len;
    size_t random;
} garbages[] = {
    {"unmasked", "\x82\x05hello", 7, 0},
    {"reserved", "\xc2\x85\0\0\0\0hello", 11, 0},
    {"opcode", "\x83\x85\0\0\0\0hello", 11, 0},
    {"text", "\x81\x85\0\0\0\0hello", 11, 0},
    {"control", "\x89\xfe\0\x7e\0\0\0\0", 8, 126},
    {"fragment", "\x09\x80\0\0\0\0", 6, 0},
    {"continuation", "\x80\x85\0\0\0\0hello", 11, 0},
    {"length", "\x82\xfe\0\x05\0\0\0\0hello", 13, 0},
    {"endless", "\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 14, 0},
    {"huge", "\x82\xff\0\0\0\x10\0\0\0\0\0\0\0\0", 14, 0},
    {"random", "\xff", 1, 4096},
    {"truncated", "\x82\xfe\x10\0\0\0\0\0", 8, 100}, /* it is the end of what is said */
};

void script_garbage(struct bytes *out, const char *kind)
{
    uint8_t noise[4096];
    size_t count = sizeof garbages / sizeof *garbages, i = 0;

    while (kind && i < count && strcmp(garbages[i].kind, kind) != 0)
        i++;
    if (!kind || i == count) {
        fprintf(stderr, "hostile: no such garbage\n");
        exit(2);
    }
    random_bytes(noise, sizeof noise);
    say(out, garbages[i].bytes, garbages[i].len);
    say(out, noise, garbages[i].random);
}

static void begin_raw(struct foe *foe, const struct plan *plan, size_t i)
{
    const char *attack = plan->attack;

    if (strcmp(attack, "tcp") == 0)
        return;
    script_head(&foe->out);
    foe->dripping = strcmp(attack, "drip") == 0;
    if (strcmp(attack, "head") == 0)
        foe->out.len /= 2;
    if (strcmp(attack, "half") == 0) {
        uint8_t e[32];

        random_bytes(e, sizeof e);
        frame(&foe->out, 0x82, e, sizeof e);
    }
    if (strcmp(attack, "route") == 0)
        script_route(&foe->out, plan, plan->keys[i % plan->key_count], plan->target);
    if (strcmp(attack, "garbage") == 0)
        script_garbage(&foe->out, plan->kind);
}

static const struct {
    const char *name;
    bool linked;
} attacks[] = {
    {"tcp", false},     {"head", false},   {"drip", false},    {"upgraded", false},
    {"half", false},    {"route", false},  {"garbage", false}, {"stay", true},
    {"register", true}, {"declare", true}, {"call", true},     {"rubbish", true},
};

static int find(const char *attack)
{
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
        if (strcmp(attacks[i].name, attack) == 0)
            return (int)i;
    return -1;
}

bool script_exists(const char *attack)
{
    return find(attack) >= 0;
}

int script_begin(struct foe *foe, const struct plan *plan, size_t i)
{
    int attack = find(plan->attack);
    bool registers = strcmp(plan->attack, "register") == 0;

    bytes_init(&foe->out, OUTPUT_MAX);
    foe->allowance = SIZE_MAX;
    if (!attacks[attack].linked) {
        begin_raw(foe, plan, i);
        return 0;
    }
    foe->hang_up = registers && plan->bad;
    foe->link = wire_link(plan, plan->keys[i % plan->key_count], true, registers);
    return 0;
}

static int send_one(struct foe *foe, const struct plan *plan, struct nectar_view body)
{
    struct nectar_message message = {.id = foe->to_send + 1, .body = body};
    char source[TEXT_MAX], target[TEXT_MAX];

    snprintf(source, sizeof source, "%s@net:distro:sys", foe->name);
    snprintf(target, sizeof target, "%s@net:distro:sys", nectar_key_name(plan->other));
    message.source = view_of_text(source);
    message.target = view_of_text(target);
    message.expects_response = true;
    message.expects_s = 5;
    return nectar_link_send(foe->link, &message, NULL, 0);
}

/* A message of the largest size, of which little is ever written. */
static int declare(struct foe *foe, const struct plan *plan)
{
    uint8_t *body = calloc(1, HUGE_BODY);
    int error = body ? send_one(foe, plan, (struct nectar_view){body, HUGE_BODY}) : NECTAR_ENOMEM;

    free(body);
    foe->allowance = plan->bytes;
    return error;
}

int script_opened(struct foe *foe, const struct plan *plan)
{
    foe->opened = true;
    if (strcmp(plan->attack, "declare") == 0)
        return declare(foe, plan);
    if (strcmp(plan->attack, "call") == 0)
        foe->to_send = plan->messages;
    if (strcmp(plan->attack, "rubbish") == 0)
        script_garbage(&foe->out, plan->kind);
    return 0;
}

int script_send(struct foe *foe, const struct plan *plan)
{
    struct bytes body;
    int error = 0;

    bytes_init(&body, TEXT_MAX);
    for (int i = 0; i < SEND_BATCH && foe->to_send > 0 && !error; i++) {
        bytes_clear(&body);
        error = msg_action_encode_connection_request(&body, view_of_text(plan->target));
        if (!error)
            error = send_one(foe, plan, bytes_view(&body));
        foe->to_send -= !error;
    }
    bytes_free(&body);
    return error == NECTAR_EFULL ? 0 : error;
}
