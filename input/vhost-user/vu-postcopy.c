/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postcopy migration (vhost-user: "Migration"): the guest runs here while parts
 * of its memory are still elsewhere.
 *
 *   POSTCOPY_ADVISE        a userfaultfd is made and goes to the front-end
 *   POSTCOPY_LISTEN        from now on:
 *     SET_MEM_TABLE,       mapped, but not touched: queues pause; the answer
 *     ADD_MEM_REG ...      says where each region is in this process
 *     empty one of these   the ack: missing pages are watched for, queues go on
 *   a missing page         whoever touches it, our loop, waits until the
 *                          front-end has brought it and wakes us
 *   POSTCOPY_END           all is there; nothing is watched for any more
 *
 * A front-end that does not bring a page would stop us for ever: injectors,
 * signals and all. The watchdog ends that wait: see guest_map_give_up().
 *
 * That file is made for this process and works on all of its memory, whoever
 * uses it: with it a hostile front-end could stop us for good, or put pages of
 * its own where we have none yet. So it is offered only if the user asks for
 * it (--postcopy), who has to trust the front-end then.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "input/base/fd.h"
#include "input/ring/guest-map.h"
#include "input/vhost-user/vu-postcopy.h"

/*
 * No system call of ours is given guest memory, so faults in user mode are all
 * there are; any user may ask for these. Kernels before 5.11 know no such flag.
 * Return: an fd or -errno.
 */
static int open_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	const int flags = O_CLOEXEC | O_NONBLOCK;
	_cleanup_close_ int fd = -1;

	fd = (int)syscall(SYS_userfaultfd, flags | UFFD_USER_MODE_ONLY);
	if (fd < 0 && errno == EINVAL)
		fd = (int)syscall(SYS_userfaultfd, flags);
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0)
		return -errno;
	if (!(api.features & UFFD_FEATURE_MISSING_SHMEM))
		return -EOPNOTSUPP;
	return steal_fd(&fd);
}

int vu_postcopy_offer(struct vu_backend *be)
{
	int fd = open_uffd();

	if (fd < 0)
		return fd;
	close_fd(fd);
	be->offers_postcopy = true;
	return 0;
}

static void postcopy_end(struct vu_backend *be)
{
	struct vu_postcopy *p = &be->postcopy;

	/* Closing is not enough: the front-end has this file open, too. */
	if (p->uffd >= 0)
		guest_map_unwatch(&be->mem, p->uffd);
	p->uffd = close_fd(p->uffd);
	p->listening = false;
	p->unacked = false;
}

void vu_postcopy_drop(struct vu_backend *be)
{
	close_fd(be->postcopy.uffd);
	be->postcopy = (struct vu_postcopy){ .uffd = -1 };
}

int vu_postcopy_advise(struct vu_backend *be, struct vu_message *msg,
		       struct vu_queue *q)
{
	int r;

	postcopy_end(be);
	r = open_uffd();
	if (r < 0)
		return vu_host_fail(be, r, "no userfaultfd");
	be->postcopy.uffd = r;
	msg->reply_fd = fcntl(r, F_DUPFD_CLOEXEC, 0);
	if (msg->reply_fd < 0)
		return vu_host_fail(be, -errno, "no userfaultfd");
	return 0;
}

int vu_postcopy_listen(struct vu_backend *be, struct vu_message *msg,
		       struct vu_queue *q)
{
	/* It does not know where that is, so could bring none of its pages. */
	if (be->mem.n)
		return vu_fail(be, "memory is shared already");
	be->postcopy.listening = true;
	return 0;
}

/* Also where a migration ended before there was need to listen. */
int vu_postcopy_end(struct vu_backend *be, struct vu_message *msg,
		    struct vu_queue *q)
{
	postcopy_end(be);
	msg->p.u64 = 0;
	return 0;
}

void vu_postcopy_hold(struct vu_backend *be)
{
	be->postcopy.unacked = true;
}

int vu_postcopy_acked(struct vu_backend *be)
{
	int r = guest_map_watch(&be->mem, be->postcopy.uffd);

	if (r)
		return vu_fail(be, "its memory cannot be watched: %s",
			       guest_map_strerror(r));
	be->postcopy.unacked = false;
	return 0;
}
