/*
 * What is known of the byte vectors that a peer takes: the names in the setting `compat`, and what
 * earlier runs have found out, which is kept in $XDG_STATE_HOME/nectar-net/tastes, a line a peer.
 * The file is only a help: what two processes write at once may be lost, and is found out again.
 */
#ifndef SHARED_TASTE_H
#define SHARED_TASTE_H

#include "shared/session.h"

/* Tells the session's node what is known of peer. Returns 0 or an exit status, already reported. */
int taste_teach(struct session *session, const char *peer);

/* Notes what a reply has shown, unless it was known. A file that cannot be written is no error. */
void taste_note(struct session *session, const char *peer, enum nectar_taste taste);

#endif
