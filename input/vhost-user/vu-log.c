/* SPDX-License-Identifier: Apache-2.0 */
#include "input/base/fd.h"
#include "input/ring/guest-map.h"
#include "input/vhost-user/vu-log.h"
#include "input/vhost-user/vu-notify.h"

void vu_log_update(struct vu_backend *be)
{
	be->mem.log = vu_has_feature(be, VU_F_LOG_ALL)
			      ? be->log
			      : (struct guest_log){ 0 };
}

static void replace_log(struct vu_backend *be, struct guest_log log)
{
	guest_unmap_shared(be->log.bits);
	be->log = log;
	vu_log_update(be);
}

void vu_log_drop(struct vu_backend *be)
{
	replace_log(be, (struct guest_log){ 0 });
	be->log_fd = close_fd(be->log_fd);
}

int vu_set_log_base(struct vu_backend *be, struct vu_message *msg,
		    struct vu_queue *q)
{
	struct guest_log log = { .len = msg->p.log.size };
	int r = guest_map_shared(msg->fds[0], log.len, msg->p.log.offset,
				 &log.bits);

	if (r)
		return vu_fail(be, "log of 0x%llx bytes at 0x%llx: %s",
			       (unsigned long long)log.len,
			       (unsigned long long)msg->p.log.offset,
			       guest_map_strerror(r));
	replace_log(be, log);
	/* The reply is the request: rust-vmm's front-end reads all of it. */
	return 0;
}

/* "to inform the front-end that the log has been modified". */
int vu_set_log_fd(struct vu_backend *be, struct vu_message *msg,
		  struct vu_queue *q)
{
	return vu_notify_take_fd(be, msg, &be->log_fd);
}
