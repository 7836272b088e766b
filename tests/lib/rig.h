/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The base of every wire test: one vhost-user-input process, a front-end
 * (VMM and guest, injector/frontend/frontend.h) and injectors, joined by real
 * sockets and rings.
 *
 *	inject() ─► rig.inject[i] ─► vhost-user-input ─► rig.fe ─► expect()
 *
 * The server inherits a listening socket (--fd), so there is no need to wait
 * for one, and injectors as socketpairs (--inject-fd). At the end it must exit
 * with 0 on SIGTERM, and must not have logged a line of frontend:, guest:,
 * host:, bug: or injector: that the test did not expect.
 */
#ifndef VINPUT_TESTS_RIG_H
#define VINPUT_TESTS_RIG_H

#include "injector/frontend/frontend-config.h"
#include "injector/frontend/frontend-driver.h"
#include "injector/frontend/frontend-session.h"
#include "input/device/event.h"
#include "tests/lib/bit.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

#define RIG_INJECTORS_MAX 16
#define RIG_BUFFERS	  64
/* How long to wait for what must not happen. */
#define RIG_QUIET_MS 30

struct rig {
	const void *row; /* of a table of cases: cmocka's initial state */
	struct process srv;
	struct process hold; /* pid 0: none */
	struct frontend fe;
	int listen_fd;
	int inject[RIG_INJECTORS_MAX];
	size_t n_inject;
	char dir[TEMP_DIR_LEN]; /* temporary, removed at the end */
	char socket[64];	/* in dir: listen_fd's, or that of hold */
	char behind[64];	/* in dir: listen_fd's, behind hold */
	char inject_path[64];	/* in dir, for --inject-path */
	bool unclean;		/* the test itself judges how the server ends */
	struct {
		int frontend, guest, injector, host;
	} lines; /* expected in the log; -1: any number */
};

/* cmocka fixtures: *state becomes the rig, and rig.row what *state was. */
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
/* Start srv, and close our copies of the fds that it inherits. */
void rig_start_process(struct rig *rig);
/* Listening socket, one stream injector, started; the spec must be given. */
void rig_start(struct rig *rig);
/* The same with a spec. */
void rig_serve(struct rig *rig, const char *spec);
/* A listening or connected Unix socket of the test's own. */
int rig_unix_listen(const char *path, int type);
int rig_unix_connect(const char *path, int type);

/*
 * VINPUT_RING=packed in the environment: the front-end's rings are packed.
 * Tests of the bytes of a ring ask for it.
 */
bool rig_is_packed(void);
/*
 * VINPUT_HOLD=1: a vinput-hold stands before the server. A test of its own
 * puts it there before the front-end connects. option: one more, or NULL.
 */
void rig_hold(struct rig *rig, const char *option);
/* A new front-end, connected. The old one disconnects. */
void rig_connect(struct rig *rig);
void rig_disconnect(struct rig *rig);
/* Connected, negotiated, rings made, buffers posted, not yet running. */
void rig_prepare(struct rig *rig, uint16_t num);
/* The same, and both queues started. */
void rig_run(struct rig *rig, const char *spec, uint16_t num);

/* The front-end reconnects, with its memory and rings as they are. */
void rig_reconnect(struct rig *rig);
/* The same, and both queues started at the driver's position. */
void rig_reattach(struct rig *rig);

/* The front-end broke the protocol: one line with this text, then EOF. */
void rig_expect_violation(struct rig *rig, const char *text);
/* The guest broke a queue: one line, VRING_ERR; the session continues. */
void rig_expect_broken(struct rig *rig, unsigned int queue);
/* A new front-end is served completely. */
void rig_expect_serves(struct rig *rig);

/* Write events to an injector's socket, all of them. */
void rig_inject(struct rig *rig, size_t injector, const struct vi_event *ev,
		size_t n);
/*
 * The next events of the guest must be these; their buffers are posted again.
 */
void rig_expect(struct rig *rig, const struct vi_event *ev, size_t n,
		const char *file, int line);
/* KEY_A goes down and up, one frame each, from injector 0. */
void rig_type(struct rig *rig);
void rig_expect_typed(struct rig *rig);
/* Both: the device works. */
void rig_expect_works(struct rig *rig);
/* No event, call or message; the connection stays open. */
void rig_expect_nothing(struct rig *rig);
/* The next status events of an injector must be these. */
void rig_expect_status(struct rig *rig, size_t injector,
		       const struct vi_event *ev, size_t n);
void rig_expect_no_status(struct rig *rig, size_t injector);
/* Wait until the peer of a Unix socket has read all that we wrote. */
void rig_wait_read(int fd);
/* Wait until n used elements can be taken. */
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
