/* The first octets of MessagePack values. */
#ifndef CODEC_MSGPACK_FORM_H
#define CODEC_MSGPACK_FORM_H

enum {
    FORM_FIXMAP = 0x80,
    FORM_FIXARRAY = 0x90,
    FORM_FIXSTR = 0xa0,
    FORM_NIL = 0xc0,
    FORM_FALSE = 0xc2,
    FORM_TRUE = 0xc3,
    FORM_BIN8 = 0xc4,
    FORM_UINT8 = 0xcc,
    FORM_STR8 = 0xd9,
    FORM_ARRAY16 = 0xdc,
    FORM_MAP16 = 0xde,

    FORM_FIXMAP_MAX = 15,
    FORM_FIXARRAY_MAX = 15,
    FORM_FIXSTR_MAX = 31,
    FORM_FIXINT_MAX = 127,
};

#endif
