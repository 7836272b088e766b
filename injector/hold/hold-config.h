/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the configuration space ahead: a guest's driver reads it byte by
 * byte, and each message through a holder costs more than one to a back-end. So
 * the first read asks for all of it, and those that follow it at once are
 * answered here. What is in it depends on what was written, so any other
 * message ends that. Pure. Loop thread only.
 */
#ifndef VINPUT_HOLD_CONFIG_H
#define VINPUT_HOLD_CONFIG_H

#include <stdbool.h>
#include "input/vhost-user/vu-message.h"

#define HOLD_CONFIG_LEN 136 /* of an input device (virtio 1.3 §5.8.4) */

struct hold_config {
	bool off;	       /* the back-end cannot be asked for all of it */
	bool asked;	       /* it is asked */
	bool known;	       /* bytes are those that the back-end has */
	struct vu_config want; /* asked: what the front-end wants */
	uint8_t bytes[HOLD_CONFIG_LEN];
};

/* Return: whether msg, of a front-end, is now its own answer. */
bool hold_config_answers(struct hold_config *c, struct vu_message *msg);
/* Return: whether *all, which asks for all, is to be sent instead of msg. */
bool hold_config_widen(struct hold_config *c, const struct vu_message *msg,
		       struct vu_message *all);
/*
 * The answer of the back-end becomes that to the front-end. Return: false: the
 * front-end's own message MUST be sent now.
 */
bool hold_config_narrow(struct hold_config *c, struct vu_message *answer);
/* Something may have changed it: read it again. */
static inline void hold_config_forget(struct hold_config *c)
{
	c->known = c->asked = false;
}

#endif
