/* Kernel messages: what must hold of each that was taken. */
#ifndef FUZZ_MESSAGE_H
#define FUZZ_MESSAGE_H

#include <nectar/message.h>

/* Its strings hold UTF-8, its addresses four parts, and what goes together is there. */
void message_check(const struct nectar_message *message);

/* All its views lie in data. */
void message_check_within(const struct nectar_message *message, const uint8_t *data, size_t len);

/* The same in everything but the form. */
void message_assert_same(const struct nectar_message *a, const struct nectar_message *b);

#endif
