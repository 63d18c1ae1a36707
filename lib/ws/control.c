#include "ws/control.h"

#include <assert.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "ws/mask.h"

void ws_control_add(struct ws_control *control, const struct ws_header *header, const uint8_t *data,
                    size_t n)
{
    assert(n <= sizeof control->data - control->len);
    ws_mask_copy(control->data + control->len, data, n, header->key, control->len);
    control->len += n;
}

/* RFC 6455, section 7.4, and the registry it set up: codes that may stand in a Close frame. */
static bool close_code_allowed(uint16_t code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static int read_close(uint8_t *body, size_t len, struct ws_message *out)
{
    uint16_t code;

    if (len == 0) {
        *out = (struct ws_message){.opcode = WS_CLOSE, .data = body, .code = WS_CLOSE_NO_CODE};
        return 0;
    }
    if (len == 1)
        return NECTAR_EFRAME;
    code = (uint16_t)(body[0] << 8 | body[1]);
    if (!close_code_allowed(code) || !nectar_utf8_valid((struct nectar_view){body + 2, len - 2}))
        return NECTAR_EFRAME;
    *out = (struct ws_message){.opcode = WS_CLOSE, .data = body + 2, .len = len - 2, .code = code};
    return 0;
}

int ws_control_end(struct ws_control *control, const struct ws_header *header,
                   struct ws_message *out)
{
    size_t len = control->len;

    control->len = 0;
    if (header->opcode == WS_CLOSE)
        return read_close(control->data, len, out);
    *out = (struct ws_message){
        .opcode = (enum ws_opcode)header->opcode, .data = control->data, .len = len};
    return 0;
}
