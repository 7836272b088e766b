/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a VVU device has to do with a message that it passes on: fds do not fit
 * through a queue, so it keeps them, and hides from the sibling what would need
 * others. Pure: fds are numbers here.
 */
#ifndef VINPUT_VVU_REQUEST_H
#define VINPUT_VVU_REQUEST_H

#include "input/vhost-user/vu-message.h"

/* What the fds of a request by the sibling are for. */
enum vvu_fds {
	VVU_FDS_NONE,
	VVU_FDS_MEMORY,	 /* one for each region of p.mem_table */
	VVU_FDS_KICK,	 /* one, or none */
	VVU_FDS_CALL,	 /* one, or none */
	VVU_FDS_ERR,	 /* one, or none */
	VVU_FDS_CHANNEL, /* one */
};

/*
 * A whole request by the sibling. Return: NULL, with *fds and, for kicks, calls
 * and errors, *queue; or why the connection MUST be closed.
 */
const char *vvu_request_check(const struct vu_message *msg, enum vvu_fds *fds,
			      unsigned int *queue);

/* Of an answer to it: remove the features that need other fds. */
void vvu_request_mask(struct vu_message *answer);

#endif
