/* All of libnectar. */
#ifndef NECTAR_NECTAR_H
#define NECTAR_NECTAR_H

#include <nectar/account.h>
#include <nectar/control.h>
#include <nectar/error.h>
#include <nectar/identity.h>
#include <nectar/json.h>
#include <nectar/key.h>
#include <nectar/link.h>
#include <nectar/listing.h>
#include <nectar/log.h>
#include <nectar/message.h>
#include <nectar/node.h>
#include <nectar/registry.h>
#include <nectar/text.h>
#include <nectar/transaction.h>
#include <nectar/version.h>
#include <nectar/view.h>

#endif
