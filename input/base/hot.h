/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a process has slept, fetching its code takes longer than executing it.
 * So the linker puts the functions that a frame runs through side by side, into
 * few pages: those of the straight way (device-pass.c), which are HOT, and
 * behind them those of other frames, which are WARM.
 */
#ifndef VINPUT_HOT_H
#define VINPUT_HOT_H

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define HOT  __attribute__((hot))
#define WARM __attribute__((hot, section(".text.sorted.warm")))

/*
 * For static variables that each frame uses: the linker puts them at the end of
 * .data, which is small, and so into one page.
 */
#define HOT_DATA __attribute__((section(".data.hot")))

/*
 * A frame's system calls. libc's functions for them are on three pages, and
 * look into a fourth for whether a thread may be cancelled; syscall() is on
 * one. Sanitizers must see the calls.
 */
#ifdef __has_feature
#define HOT_BY_LIBC \
	(__has_feature(thread_sanitizer) || __has_feature(address_sanitizer))
#elif defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define HOT_BY_LIBC 1
#else
#define HOT_BY_LIBC 0
#endif

static inline ssize_t hot_recv(int fd, void *to, size_t len, int flags)
{
#if HOT_BY_LIBC
	return recv(fd, to, len, flags);
#else
	return syscall(SYS_recvfrom, fd, to, len, flags, NULL, NULL);
#endif
}

static inline ssize_t hot_write(int fd, const void *from, size_t len)
{
#if HOT_BY_LIBC
	return write(fd, from, len);
#else
	return syscall(SYS_write, fd, from, len);
#endif
}

static inline int hot_epoll_wait(int fd, struct epoll_event *events, int max,
				 int timeout_ms)
{
#if HOT_BY_LIBC
	return epoll_pwait(fd, events, max, timeout_ms, NULL);
#else
	return (int)syscall(SYS_epoll_pwait, fd, events, max, timeout_ms, NULL,
			    0);
#endif
}

#endif
