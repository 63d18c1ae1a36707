/* What a running listen or router does when it is asked over its control socket. */
#ifndef SHARED_CONTROL_RELOAD_H
#define SHARED_CONTROL_RELOAD_H

#include "shared/serve.h"

/* Answers NECTAR_NODE_CONTROL. STOP is only acknowledged: whoever serves sees to it. */
void control_answer(struct server *server, const struct nectar_node_event *event);

#endif
