/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: a program whose time of day is off by the seconds that the
 * file CLOCK_STEP holds, an int64_t that the test changes while it runs.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *step_s;

__attribute__((constructor)) static void map_step(void)
{
	const char *path = getenv("CLOCK_STEP");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = fd < 0 ? MAP_FAILED
			   : mmap(NULL, sizeof(*step_s), PROT_READ, MAP_SHARED,
				  fd, 0);

	if (fd >= 0)
		close(fd);
	if (map != MAP_FAILED)
		step_s = map;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int r = (int)syscall(SYS_clock_gettime, clock, now);

	if (!r && clock == CLOCK_REALTIME && step_s)
		now->tv_sec += *step_s;
	return r;
}

/* libev's. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	int r = (int)syscall(SYS_gettimeofday, now, zone);

	if (!r && step_s)
		now->tv_sec += *step_s;
	return r;
}
