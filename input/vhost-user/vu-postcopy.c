/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postcopy migration (vhost-user: "Migration"): the guest runs here while parts
 * of its memory are still on the source host.
 *
 *   POSTCOPY_ADVISE        a userfaultfd is created and sent to the front-end
 *   POSTCOPY_LISTEN        from now on:
 *     SET_MEM_TABLE,       mapped, but not accessed: queues stop; the reply
 *     ADD_MEM_REG ...      has the address of each region in this process
 *     an empty one         the ack: missing pages are caught, queues resume
 *   a missing page         an access, which is our loop's, waits until the
 *                          front-end has provided the page
 *   POSTCOPY_END           all pages have arrived; none is caught any more
 *
 * A front-end that does not provide a page would block us for ever: injectors,
 * signals and all. The watchdog ends that wait: see guest_map_give_up().
 *
 * The userfaultfd works on all memory of this process, no matter who holds it:
 * with it a hostile front-end could block us for good, or insert pages of its
 * own. So postcopy is offered on request only (--postcopy), by a user who
 * trusts the front-end.
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
 * No system call of ours accesses guest memory, so faults in user mode suffice,
 * which need no privilege. Kernels before 5.11 do not know the flag.
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

	/* Closing is not enough: the front-end holds the same file. */
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
		return vu_host_fail(be, r, "userfaultfd");
	be->postcopy.uffd = r;
	msg->reply_fd = fcntl(r, F_DUPFD_CLOEXEC, 0);
	if (msg->reply_fd < 0)
		return vu_host_fail(be, -errno, "userfaultfd");
	return 0;
}

int vu_postcopy_listen(struct vu_backend *be, struct vu_message *msg,
		       struct vu_queue *q)
{
	/* The front-end does not know its address, so cannot provide pages. */
	if (be->mem.n)
		return vu_fail(be, "memory is shared already");
	be->postcopy.listening = true;
	return 0;
}

/* Also if a migration ended before POSTCOPY_LISTEN. */
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
		return vu_fail(
			be, "missing pages of its memory cannot be caught: %s",
			guest_map_strerror(r));
	be->postcopy.unacked = false;
	return 0;
}
