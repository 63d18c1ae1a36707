/* Kernel messages: what must hold of each that was taken. */
#ifndef FUZZ_MESSAGE_H
#define FUZZ_MESSAGE_H

#include <nectar/message.h>

/* Do all its views lie in data, its strings hold UTF-8, its addresses four parts? */
void message_check(const struct nectar_message *message, const uint8_t *data, size_t len);

/* The same in everything but the form. */
void message_assert_same(const struct nectar_message *a, const struct nectar_message *b);

#endif
