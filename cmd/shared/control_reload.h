/* What a running listen or router does when it is asked over its control socket. */
#ifndef SHARED_CONTROL_RELOAD_H
#define SHARED_CONTROL_RELOAD_H

#include "shared/serve.h"

/* Takes NECTAR_NODE_CONTROL, which is answered now, or once our record has been looked up: others
 * are served meanwhile. STOP is only acknowledged: whoever serves sees to it. */
void control_answer(struct server *server, const struct nectar_node_event *event);

/* Takes NECTAR_NODE_FOUND: our record, or why there is none. */
void control_found(struct server *server, const struct nectar_node_event *event);

/* Refuses what still waits, since the node ends. */
void control_give_up(struct server *server);

#endif
