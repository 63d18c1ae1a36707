/* Modes that ask the node, and change what it says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helpers/endpoint/endpoint.h"

/* In the text of a reply to record(string): "0x", where the record is, its owner, its key. */
enum {
    WORD_DIGITS = 64,
    OWNER_AT = 2 + WORD_DIGITS,
    KEY_AT = OWNER_AT + WORD_DIGITS,
    RECORD_LEAST = 2 + 9 * WORD_DIGITS, /* what is shorter is none */
};

static cJSON *field(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* --- the reply as a text --------------------------------------------------------------------- */

/* Sends so much of it, in pieces. */
static void relay(struct visit *visit, size_t percent, size_t piece)
{
    char *reply = ask_node(visit->body);
    size_t len = strlen(reply), sends = len * percent / 100;
    bool there = put_head(visit->fd, 200, (long long)len, "");

    for (size_t at = 0; there && at < sends; at += piece)
        there = put(visit->fd, reply + at, piece < sends - at ? piece : sends - at);
    if (sends < len)
        shutdown(visit->fd, SHUT_WR);
    free(reply);
}

static void pass(struct visit *visit)
{
    relay(visit, 100, SIZE_MAX / 2);
}

static void cut(struct visit *visit)
{
    relay(visit, 50, SIZE_MAX / 2);
}

static void bytewise(struct visit *visit)
{
    relay(visit, 100, 1);
}

static void slow(struct visit *visit)
{
    usleep(1000 * (useconds_t)strtoul(visit->argument, NULL, 10));
    pass(visit);
}

/* The node does what it is asked, and nobody hears of it. */
static void mute(struct visit *visit)
{
    free(ask_node(visit->body));
    wait_for_end(visit->fd);
}

/* --- and as JSON ----------------------------------------------------------------------------- */

typedef void change_answer(struct visit *visit, cJSON *answer, const char *method);

static const cJSON *call_of(const struct visit *visit, const cJSON *answer)
{
    const cJSON *call;

    cJSON_ArrayForEach(call, visit->calls) if (cJSON_Compare(field(call, "id"), field(answer, "id"),
                                                             true)) return call;
    return NULL;
}

static const char *method_of(const struct visit *visit, const cJSON *answer)
{
    const char *method = cJSON_GetStringValue(field(call_of(visit, answer), "method"));

    return method ? method : "";
}

/* The node's answers, each changed. */
static void edit(struct visit *visit, change_answer *change)
{
    char *reply = ask_node(visit->body);
    cJSON *answer = NULL;
    cJSON *next;

    visit->answers = cJSON_Parse(reply);
    free(reply);
    if (cJSON_IsObject(visit->answers))
        change(visit, visit->answers, cJSON_GetStringValue(field(visit->calls, "method")));
    else
        answer = visit->answers ? visit->answers->child : NULL;
    for (; answer; answer = next) {
        next = answer->next;
        change(visit, answer, method_of(visit, answer));
    }
    reply = must(cJSON_PrintUnformatted(visit->answers));
    put_body(visit->fd, reply);
    free(reply);
}

static void to_front(struct visit *visit, cJSON *answer, const char *method)
{
    (void)method;
    if (answer != visit->answers->child)
        cJSON_InsertItemInArray(visit->answers, 0,
                                cJSON_DetachItemViaPointer(visit->answers, answer));
}

static void reversed(struct visit *visit)
{
    edit(visit, to_front);
}

static void shift_id(struct visit *visit, cJSON *answer, const char *method)
{
    (void)visit, (void)method;
    cJSON_SetNumberHelper(field(answer, "id"), field(answer, "id")->valuedouble + 1000);
}

static void wrong_id(struct visit *visit)
{
    edit(visit, shift_id);
}

static void first_id(struct visit *visit, cJSON *answer, const char *method)
{
    (void)visit, (void)method;
    cJSON_SetNumberHelper(field(answer, "id"), 1);
}

static void twice(struct visit *visit)
{
    edit(visit, first_id);
}

static void drop_last(struct visit *visit, cJSON *answer, const char *method)
{
    (void)method;
    if (!answer->next)
        cJSON_Delete(cJSON_DetachItemViaPointer(visit->answers, answer));
}

static void missing(struct visit *visit)
{
    edit(visit, drop_last);
}

/* Takes the argument from a number of the newest block. */
static void lower(const struct visit *visit, cJSON *answer, const char *method, const char *name)
{
    cJSON *number = field(field(answer, "result"), name);
    char text[32];

    if (strcmp(method, "eth_getBlockByNumber") != 0 || !cJSON_IsString(number))
        return;
    snprintf(text, sizeof text, "0x%llx",
             strtoull(number->valuestring, NULL, 16) - strtoull(visit->argument, NULL, 10));
    cJSON_ReplaceItemInObjectCaseSensitive(field(answer, "result"), name, cJSON_CreateString(text));
}

static void age(struct visit *visit, cJSON *answer, const char *method)
{
    lower(visit, answer, method, "timestamp");
}

static void behind(struct visit *visit)
{
    edit(visit, age);
}

static void fewer_blocks(struct visit *visit, cJSON *answer, const char *method)
{
    lower(visit, answer, method, "number");
}

static void lag(struct visit *visit)
{
    edit(visit, fewer_blocks);
}

/* Puts digits in place of those at `at` of a record. */
static void overwrite(cJSON *answer, const char *method, size_t at, const char *digits)
{
    cJSON *result = field(answer, "result");

    if (strcmp(method, "eth_call") == 0 && cJSON_IsString(result) &&
        strlen(result->valuestring) >= RECORD_LEAST && strlen(digits) <= WORD_DIGITS)
        memcpy(result->valuestring + at, digits, strlen(digits));
}

static void change_key(struct visit *visit, cJSON *answer, const char *method)
{
    overwrite(answer, method, KEY_AT, visit->argument);
}

static void lie(struct visit *visit)
{
    edit(visit, change_key);
}

static void take_owner(struct visit *visit, cJSON *answer, const char *method)
{
    char zeros[WORD_DIGITS + 1] = "";

    (void)visit;
    memset(zeros, '0', WORD_DIGITS);
    overwrite(answer, method, OWNER_AT, zeros);
}

static void nobody(struct visit *visit)
{
    edit(visit, take_owner);
}

/* Another result, or error, of the method that the argument begins with. */
static void replace(struct visit *visit, cJSON *answer, const char *method, const char *with)
{
    size_t len = strcspn(visit->argument, "=");

    if (strlen(method) != len || strncmp(method, visit->argument, len) != 0)
        return;
    cJSON_DeleteItemFromObject(answer, "result");
    cJSON_DeleteItemFromObject(answer, "error");
    cJSON_AddItemToObject(answer, with, cJSON_CreateRaw(visit->argument + len + 1));
}

static void other_result(struct visit *visit, cJSON *answer, const char *method)
{
    replace(visit, answer, method, "result");
}

static void other(struct visit *visit)
{
    edit(visit, other_result);
}

static void an_error(struct visit *visit, cJSON *answer, const char *method)
{
    replace(visit, answer, method, "error");
}

static void error(struct visit *visit)
{
    edit(visit, an_error);
}

static unsigned long long block_of(const cJSON *filter, const char *name)
{
    const char *text = cJSON_GetStringValue(field(filter, name));

    return text ? strtoull(text, NULL, 16) : 0;
}

static void refuse_range(struct visit *visit, cJSON *answer, const char *method)
{
    const cJSON *call = cJSON_IsArray(visit->calls) ? call_of(visit, answer) : visit->calls;
    const cJSON *filter = cJSON_GetArrayItem(field(call, "params"), 0);
    unsigned long long from = block_of(filter, "fromBlock"), to = block_of(filter, "toBlock");

    if (strcmp(method, "eth_getLogs") != 0 || to - from < strtoull(visit->argument, NULL, 10))
        return;
    cJSON_DeleteItemFromObject(answer, "result");
    cJSON_AddItemToObject(
        answer, "error",
        cJSON_Parse("{\"code\":-32005,\"message\":\"query returned more than 10000 results\"}"));
}

static void narrow(struct visit *visit)
{
    edit(visit, refuse_range);
}

/* What is sent to the node is replaced by another call. */
static void replace_sent(struct visit *visit, const char *method, const char *parameters)
{
    cJSON *call;

    cJSON_ArrayForEach(call, visit->calls)
    {
        if (strcmp(cJSON_GetStringValue(field(call, "method")), "eth_sendRawTransaction") != 0)
            continue;
        cJSON_ReplaceItemInObjectCaseSensitive(call, "method", cJSON_CreateString(method));
        cJSON_ReplaceItemInObjectCaseSensitive(call, "params", cJSON_Parse(parameters));
    }
    free(visit->body);
    visit->body = must(cJSON_PrintUnformatted(visit->calls));
    pass(visit);
}

/* There is a result, whatever it is. */
static void swallow(struct visit *visit)
{
    replace_sent(visit, "eth_chainId", "[]");
}

/* No transaction is of one byte. */
static void reject(struct visit *visit)
{
    replace_sent(visit, "eth_sendRawTransaction", "[\"0x00\"]");
}

static const struct {
    const char *name;
    mode_serve *serve;
} MODES[] = {
    {"pass", pass},       {"cut", cut},           {"bytewise", bytewise}, {"slow", slow},
    {"mute", mute},       {"reversed", reversed}, {"wrong-id", wrong_id}, {"twice", twice},
    {"missing", missing}, {"behind", behind},     {"lag", lag},           {"lie", lie},
    {"nobody", nobody},   {"answer", other},      {"error", error},       {"narrow", narrow},
    {"swallow", swallow}, {"reject", reject},
};

mode_serve *mode_of_node(const char *name)
{
    for (size_t i = 0; i < sizeof MODES / sizeof MODES[0]; i++)
        if (strcmp(MODES[i].name, name) == 0)
            return MODES[i].serve;
    return NULL;
}
