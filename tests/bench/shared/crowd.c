#include "bench/shared/crowd.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/view.h"
#include "bench/shared/tool.h"
#include "msg/action.h"

enum { EVENTS = 64, PATIENCE = 20000000, HOUSE = 256 };

void crowd_begin(struct crowd *crowd, const char *registry, const char *key_file,
                 const char *router, const char *address)
{
    struct nectar_registry *known;
    struct nectar_record record;
    struct rlimit files;

    must(getrlimit(RLIMIT_NOFILE, &files) == 0, "getrlimit");
    files.rlim_cur = files.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &files) == 0, "setrlimit");
    *crowd = (struct crowd){.router = router};
    must(nectar_key_load(&crowd->key, key_file, NULL) == 0, "no key");
    must(nectar_registry_open(&known, &registry, 1, NULL, NULL) == 0, "no registry");
    must(nectar_registry_lookup(known, router, true, &record, NULL) == 0 && record.has_key,
         "no such router");
    nectar_registry_free(known);
    memcpy(crowd->router_key, record.key, sizeof crowd->router_key);
    must(nectar_address_parse(&crowd->address, address) == 0, "no address");
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    must(crowd->epoll >= 0, "epoll");
}

/* A router takes only so many from one address: the crowd comes from many. */
static int dial(const struct nectar_address *address, size_t self)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr.s_addr =
                                   htonl((uint32_t)(INADDR_LOOPBACK + self / HOUSE * 256))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    must(inet_pton(AF_INET, address->host, &to.sin_addr) == 1, "not an IPv4 address");
    must(fd >= 0 && bind(fd, (struct sockaddr *)&from, sizeof from) == 0, "no address of our own");
    must(connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "not connected");
    return fd;
}

/* Little is ever said here: it all fits the socket's buffer. */
static void write_output(struct member *member)
{
    struct nectar_view out;

    nectar_link_output(member->link, &out);
    if (out.len == 0)
        return;
    must(send(member->fd, out.data, out.len, MSG_NOSIGNAL) == (ssize_t)out.len, "not written");
    nectar_link_written(member->link, out.len, now_us());
}

static void add(struct crowd *crowd, struct member *member)
{
    struct epoll_event readable = {.events = EPOLLIN, .data.ptr = member};

    if (crowd->count == crowd->room) {
        crowd->room = crowd->room ? 2 * crowd->room : 64;
        crowd->members = realloc(crowd->members, crowd->room * sizeof(struct member *));
        must(crowd->members != NULL, "no memory");
    }
    crowd->members[crowd->count++] = member;
    must(epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, member->fd, &readable) == 0, "epoll_ctl");
}

static void enter(struct crowd *crowd, enum crowd_role role, size_t self, size_t other)
{
    struct member *member = calloc(1, sizeof *member);
    uint8_t seed[NECTAR_LINK_SEED_BYTES];
    bool direct = role == CROWD_REGISTERED || role == CROWD_VISITOR;

    must(member != NULL, "no memory");
    member->role = role;
    member->self = self;
    member->other = other;
    snprintf(member->name, sizeof member->name, "n%zu.nec", self);
    snprintf(member->peer, sizeof member->peer, "n%zu.nec", other);
    must(getrandom(seed, sizeof seed, 0) == (ssize_t)sizeof seed, "getrandom");
    must(nectar_link_new(&member->link,
                         &(struct nectar_link_config){
                             .role = role == CROWD_CALLED ? NECTAR_RESPONDER : NECTAR_INITIATOR,
                             .name = member->name,
                             .key = crowd->key,
                             .peer = direct ? crowd->router : member->peer,
                             .host = "router",
                             .via = direct ? NULL : crowd->router,
                             .proxy_request = role == CROWD_REGISTERED,
                             .seed = seed,
                         },
                         now_us()) == 0,
         "no link");
    member->fd = dial(&crowd->address, member->self);
    add(crowd, member);
    write_output(member);
}

void crowd_register(struct crowd *crowd, size_t self)
{
    enter(crowd, CROWD_REGISTERED, self, 0);
}

void crowd_visit(struct crowd *crowd, size_t self)
{
    enter(crowd, CROWD_VISITOR, self, 0);
}

void crowd_call(struct crowd *crowd, size_t self, size_t other)
{
    enter(crowd, CROWD_CALLER, self, other);
}

static void meet(struct crowd *crowd, const struct member *member,
                 const struct nectar_message *message)
{
    struct nectar_view name;
    char text[NECTAR_NAME_MAX + 1];
    size_t caller = 0;

    if (msg_action_decode(message->body, &name) != MSG_CONNECTION_REQUEST)
        return;
    must(view_copy_text(text, sizeof text, name) && sscanf(text, "n%zu.nec", &caller) == 1,
         "a stranger calls");
    enter(crowd, CROWD_CALLED, member->self, caller);
}

static void handle(struct crowd *crowd, struct member *member,
                   const struct nectar_link_event *event)
{
    bool direct = member->role == CROWD_REGISTERED || member->role == CROWD_VISITOR;
    const uint8_t *key = direct ? crowd->router_key : nectar_key_public(crowd->key);

    if (event->type == NECTAR_LINK_IDENTIFY) {
        must(nectar_link_authenticate(member->link, key, false, now_us()) == 0,
             nectar_link_reason(member->link));
    } else if (event->type == NECTAR_LINK_OPEN) {
        member->open = true;
        crowd->open[member->role]++;
    } else if (event->type == NECTAR_LINK_MESSAGE) {
        meet(crowd, member, event->message);
    } else if (event->type == NECTAR_LINK_CLOSE) {
        must(false, "the router closes");
    }
}

static void receive(struct crowd *crowd, struct member *member)
{
    static uint8_t data[65536];
    ssize_t got = recv(member->fd, data, sizeof data, 0);
    struct nectar_link_event event;
    size_t at = 0, used;

    must(got > 0, "the router hangs up");
    do {
        must(nectar_link_receive(member->link, data + at, (size_t)got - at, &used, &event,
                                 now_us()) == 0,
             nectar_link_reason(member->link));
        at += used;
        handle(crowd, member, &event);
    } while (used > 0 || event.type != NECTAR_LINK_NONE);
    write_output(member);
}

static void turn(struct crowd *crowd, uint64_t us)
{
    struct epoll_event ready[EVENTS];
    int n = epoll_wait(crowd->epoll, ready, EVENTS, (int)(us / 1000));

    must(n >= 0, "epoll_wait");
    for (int i = 0; i < n; i++)
        receive(crowd, ready[i].data.ptr);
}

void crowd_live(struct crowd *crowd, uint64_t us)
{
    uint64_t now = now_us(), until = now + us;

    for (; now < until; now = now_us())
        turn(crowd, until - now + 999);
}

void crowd_await(struct crowd *crowd, enum crowd_role role, size_t count)
{
    uint64_t until = now_us() + PATIENCE;

    while (crowd->open[role] < count) {
        must(now_us() < until, "too slow: given up");
        turn(crowd, PATIENCE / 20);
    }
}

int crowd_take(struct crowd *crowd, enum crowd_role role, size_t self)
{
    for (size_t i = 0; i < crowd->count; i++) {
        struct member *member = crowd->members[i];
        int fd = member->fd;

        if (member->role != role || member->self != self || !member->open)
            continue;
        must(epoll_ctl(crowd->epoll, EPOLL_CTL_DEL, fd, NULL) == 0, "epoll_ctl");
        nectar_link_free(member->link);
        free(member);
        crowd->members[i] = crowd->members[--crowd->count];
        return fd;
    }
    must(false, "no such connection");
    return -1;
}
