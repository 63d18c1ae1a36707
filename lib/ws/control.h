/* Control frames as they come: collected, and a Close taken apart (RFC 6455, section 5.5). */
#ifndef WS_CONTROL_H
#define WS_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "ws/frame.h"
#include "ws/header.h"

struct ws_control {
    uint8_t data[WS_CONTROL_MAX];
    size_t len;
};

/* Adds n bytes of payload, unmasking them. The header's len bounds them. */
void ws_control_add(struct ws_control *control, const struct ws_header *header, const uint8_t *data,
                    size_t n);

/* The frame is whole: what to deliver; its data lies in control. NECTAR_EFRAME a bad Close. */
int ws_control_end(struct ws_control *control, const struct ws_header *header,
                   struct ws_message *out);

#endif
