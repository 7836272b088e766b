/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every wire test stands on: one vhost-user-input process, a front-end
 * (VMM and guest, injector/frontend/frontend.h) and injectors, joined by real
 *sockets and rings.
 *
 *	inject() ─► rig.inject[i] ─► vhost-user-input ─► rig.fe ─► expect()
 *
 * The server gets a listening socket by --fd, so nobody has to wait for one
 * to appear, and injectors as socketpairs by --inject-fd. At the end it must
 * exit with 0 on SIGTERM, and have said no line of frontend:, guest:, host:,
 * bug: or injector: that the test did not expect.
 */
#ifndef VINPUT_TESTS_RIG_H
#define VINPUT_TESTS_RIG_H

#include "tests/lib/bit.h"
#include "tests/lib/check.h"
#include "injector/frontend/frontend-config.h"
#include "injector/frontend/frontend-driver.h"
#include "injector/frontend/frontend-session.h"
#include "input/device/event.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

#define RIG_INJECTORS_MAX 16
#define RIG_BUFFERS	  64
/* How long what must not come is waited for. */
#define RIG_QUIET_MS 30

struct rig {
	const void *row; /* of a table of tests: cmocka's initial state */
	struct process srv;
	struct frontend fe;
	int listen_fd;
	int inject[RIG_INJECTORS_MAX];
	size_t n_inject;
	char dir[TEMP_DIR_LEN]; /* temporary, removed at the end */
	char socket[64];	/* in dir: listen_fd's */
	char inject_path[64];	/* in dir, for --inject-path */
	bool unclean;		/* the server's end is the test's own matter */
	struct {
		int frontend, guest, injector, host;
	} lines; /* expected in the log; -1: any number */
};

/* cmocka fixtures: *state becomes the rig, its row what it was before. */
int rig_setup(void **state);
int rig_teardown(void **state);
/* As rig_setup(), then rig_run() with a keyboard and 64 descriptors. */
int rig_setup_running(void **state);

/* --spec=: one of tests/wire/specs. */
void rig_spec(struct rig *rig, const char *name);
/* --inject-fd=: another injector, SOCK_STREAM or SOCK_SEQPACKET. */
void rig_injector(struct rig *rig, int type);
/* --fd=: rig.listen_fd. */
void rig_listen(struct rig *rig);
/* Listening socket, one stream injector, started; the spec is given. */
void rig_start(struct rig *rig);
/* Spec, and all of that. */
void rig_serve(struct rig *rig, const char *spec);
/* A listening or a connected Unix socket of the test's own. */
int rig_unix_listen(const char *path, int type);
int rig_unix_connect(const char *path, int type);

/*
 * VINPUT_RING=packed in the environment: the front-end's rings are packed.
 * Where a test is about the bytes of a ring it asks.
 */
bool rig_is_packed(void);
/* A fresh front-end, connected. Any that was there leaves. */
void rig_connect(struct rig *rig);
void rig_disconnect(struct rig *rig);
/* Connected, negotiated, rings made, buffers posted, not yet running. */
void rig_prepare(struct rig *rig, uint16_t num);
/* All of that, and both queues started. */
void rig_run(struct rig *rig, const char *spec, uint16_t num);

/* The front-end connects again, with its memory and rings as they are. */
void rig_reconnect(struct rig *rig);
/* And starts both queues where the driver is. */
void rig_reattach(struct rig *rig);

/* The front-end broke the protocol: one line, which has text; then EOF. */
void rig_expect_violation(struct rig *rig, const char *text);
/* The guest broke a queue: one line, VRING_ERR; the session goes on. */
void rig_expect_broken(struct rig *rig, unsigned int queue);
/* A whole second front-end gets what is typed now. */
void rig_expect_serves(struct rig *rig);

/* Write events into an injector's socket, whole. */
void rig_inject(struct rig *rig, size_t injector, const struct vi_event *ev,
		size_t n);
/* What the guest takes next must be these; it posts their buffers again. */
void rig_expect(struct rig *rig, const struct vi_event *ev, size_t n,
		const char *file, int line);
/* KEY_A goes down and up, a frame each, by injector 0. */
void rig_type(struct rig *rig);
void rig_expect_typed(struct rig *rig);
/* Both: the device works. */
void rig_expect_works(struct rig *rig);
/* No event, call or message, and the connection stands. */
void rig_expect_nothing(struct rig *rig);
/* The next that an injector reads (LEDs) must be these. */
void rig_expect_status(struct rig *rig, size_t injector,
		       const struct vi_event *ev, size_t n);
void rig_expect_no_status(struct rig *rig, size_t injector);
/* Wait until the other side of a Unix socket has read all we wrote. */
void rig_wait_read(int fd);
/* Wait until there are n used elements to take. */
void rig_wait_used(struct rig *rig, unsigned int queue, uint16_t n);

#define RIG_EVENTS(...)                                            \
	(const struct vi_event[]){ __VA_ARGS__ },                  \
		sizeof((const struct vi_event[]){ __VA_ARGS__ }) / \
			sizeof(struct vi_event)

#define inject(rig, ...)       rig_inject(rig, 0, RIG_EVENTS(__VA_ARGS__))
#define inject_on(rig, i, ...) rig_inject(rig, i, RIG_EVENTS(__VA_ARGS__))
#define expect(rig, ...) \
	rig_expect(rig, RIG_EVENTS(__VA_ARGS__), __FILE__, __LINE__)
#define expect_status(rig, ...) \
	rig_expect_status(rig, 0, RIG_EVENTS(__VA_ARGS__))

#define SYN	     vi_event(EV_SYN, SYN_REPORT, 0)
#define KEY(code, v) vi_event(EV_KEY, code, v)
#define REL(code, v) vi_event(EV_REL, code, v)
#define ABS(code, v) vi_event(EV_ABS, code, v)
#define LED(code, v) vi_event(EV_LED, code, v)

#endif
