/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server is killed at any moment under a running guest, and another takes
 * over: while events flow, while it starts, between any two messages and in the
 * middle of one. The front-end then initialises the next one as crosvm, QEMU or
 * Cloud Hypervisor would, with the base that each of them uses for a ring.
 *
 * The guest posts its buffers in a random order and keeps track of them: the
 * device must use each once and in that order, across all deaths. The state
 * that the guest reaches must be what the injector sent:
 * tests/lib/input-model.h.
 *
 * VINPUT_KILLS is how often a server is killed in each test, VINPUT_SEED the
 * seed; a failure prints it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/event-text.h"
#include "tests/lib/input-model.h"
#include "tests/lib/model-random.h"
#include "tests/lib/reattach.h"
#include "tests/lib/respawn.h"

#define RING_MAX 64

/* What becomes of what was injected and not yet delivered. */
enum injection {
	KEPT,	   /* it is in the persistent file, or in the socket */
	CONNECTED, /* gone, with the injector's connection */
	INHERITED, /* some of it; the injector does not know how much */
};

struct world {
	struct respawn r;
	struct rig *rig;
	struct rnd rnd;
	enum injection injection;
	bool slots; /* the injector numbers its contacts */
	struct spec spec;
	struct model model;
	struct linux_guest guest;
	uint8_t bytes[65536]; /* not written yet */
	size_t n;
	/*
	 * The eventq's heads: those that the device has, in their order, and
	 * ours
	 */
	uint16_t posted[RING_MAX], idle[RING_MAX];
	unsigned int first, n_posted, n_idle;
	unsigned int n_sent, n_used; /* status events */
	bool led;		     /* as the guest set it last */
	size_t lives; /* of servers, since the guest had everything */
};

static struct world w;

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

__attribute__((format(printf, 1, 2))) static void failed(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "VINPUT_SEED=%llu: ",
		(unsigned long long)number_from("VINPUT_SEED", 1));
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	fail();
}

static struct fe_ring *ring(unsigned int queue)
{
	return &w.rig->fe.ring[queue];
}

/* --- the guest ------------------------------------------------------------ */

/* Make up to max buffers available, any of those that are ours. */
static void post(unsigned int max)
{
	struct fe_ring *eventq = ring(FE_EVENTQ);

	for (; max && w.n_idle; max--) {
		unsigned int i = rnd_below(&w.rnd, w.n_idle);
		uint16_t head = w.idle[i];

		w.idle[i] = w.idle[--w.n_idle];
		w.posted[(w.first + w.n_posted++) % RING_MAX] = head;
		fe_ring_post(eventq, head);
	}
	fe_ring_publish_and_kick(eventq);
}

/* Take up to max events. Return: how many there were. */
static unsigned int take(unsigned int max)
{
	struct vi_event ev;
	uint16_t head;
	unsigned int n = 0;
	int rc = 0;

	while (n < max && !(rc = fe_take_event(&w.rig->fe, &ev, &head))) {
		if (!w.n_posted || head != w.posted[w.first])
			failed("buffer %u came back, not %u", head,
			       w.posted[w.first]);
		w.first = (w.first + 1) % RING_MAX;
		w.n_posted--;
		w.idle[w.n_idle++] = head;
		linux_guest_take(&w.guest, &ev, 1);
		n++;
	}
	if (rc && rc != FE_E_EMPTY)
		failed("%s", fe_strerror(rc));
	return n;
}

static void account(void)
{
	const uint16_t device_has = fe_ring_n_posted(ring(FE_EVENTQ));

	if (w.n_posted != device_has ||
	    w.n_posted + w.n_idle != ring(FE_EVENTQ)->num)
		failed("%u buffers are posted, the device has %u", w.n_posted,
		       device_has);
}

/* The device has used these, in their order. */
static void take_back_statuses(void)
{
	struct fe_ring *statusq = ring(FE_STATUSQ);
	struct vring_used_elem elem;

	while (!fe_ring_take(statusq, &elem)) {
		if (elem.id != w.n_used++ % statusq->num)
			failed("status %u came back", elem.id);
	}
}

/* If there is room, whether or not there is a server. */
static void blink(void)
{
	struct fe_ring *statusq = ring(FE_STATUSQ);
	uint16_t head;

	take_back_statuses();
	if (w.n_sent - w.n_used == statusq->num)
		return;
	head = (uint16_t)(w.n_sent++ % statusq->num);
	w.led = !w.led;
	fe_ring_set_buffer(statusq, &w.rig->fe.mem, head, 0);
	statusq->buf[head] = LED(LED_CAPSL, w.led);
	fe_ring_post(statusq, head);
	fe_ring_publish_and_kick(statusq);
}

/* --- the injector --------------------------------------------------------- */

/*
 * Contacts, but no ABS_X that follows the oldest of them: which one that was is
 * forgotten.
 */
static void make_device(void)
{
	FILE *f;

	event_text_device("KEY_A, KEY_B, BTN_TOUCH, BTN_TOOL_FINGER, "
			  "BTN_TOOL_DOUBLETAP, REL_X, REL_MISC, SW_LID, "
			  "ABS_Z 0..5 rest 0, ABS_VOLUME 0..9, "
			  "ABS_MT_SLOT 0..3, ABS_MT_TRACKING_ID 0..65535, "
			  "ABS_MT_POSITION_X 0..9, ABS_MT_POSITION_Y 0..9",
			  &w.spec);
	snprintf(w.r.spec, sizeof(w.r.spec), "%s/spec.json", w.rig->dir);
	f = fopen(w.r.spec, "w");
	assert_non_null(f);
	model_random_write(&w.spec, f);
	fclose(f);
}

static void append(const struct vi_event *ev, size_t n)
{
	const struct vi_event syn = SYN;

	model_frame(&w.model, 0, ev, n);
	if (n)
		memcpy(w.bytes + w.n, ev, n * sizeof(*ev));
	w.n += n * sizeof(*ev);
	memcpy(w.bytes + w.n, &syn, sizeof(syn));
	w.n += sizeof(syn);
}

static void append_random_frames(void)
{
	struct vi_event ev[MODEL_FRAME_MAX];

	while (w.n < sizeof(w.bytes) / 2) {
		const size_t n =
			model_random_frame(&w.rnd, &w.spec, w.slots, ev);

		for (size_t i = 0; i < n; i++)
			if (vi_code(&ev[i]) == REL_MISC)
				ev[i] = REL(REL_X, 1);
		append(ev, n);
	}
}

/* Releases everything, and sets what nobody holds. */
static void append_all_up(void)
{
	struct vi_event ev[32];

	append(ev,
	       event_text_read(
		       "KEY_A 0, KEY_B 0, BTN_TOUCH 0, BTN_TOOL_FINGER 0, "
		       "BTN_TOOL_DOUBLETAP 0, SW_LID 0, ABS_Z 0, "
		       "ABS_VOLUME 4, ABS_MT_SLOT 3, ABS_MT_TRACKING_ID -1, "
		       "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID -1, "
		       "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
		       "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1",
		       ev, 32));
}

/* Write at most max bytes. Return: whether the socket took any. */
static bool write_bytes(size_t max)
{
	size_t len = max < w.n ? max : w.n;
	ssize_t n;

	if (w.injection == INHERITED) /* packets of whole events */
		len = len < 4096 ? (len + 7) / 8 * 8 : 4096;
	if (!len)
		return false;
	n = send(w.rig->inject[0], w.bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n <= 0)
		return false;
	w.n -= (size_t)n;
	memmove(w.bytes, w.bytes + n, w.n);
	return true;
}

/* --- what becomes of it --------------------------------------------------- */

static void wait_for_statuses(void)
{
	for (;;) {
		take_back_statuses();
		if (w.n_used == w.n_sent)
			return;
		if (fe_wait_call(&w.rig->fe, FE_STATUSQ, DEADLINE_MS))
			failed("%u statuses do not come back",
			       w.n_sent - w.n_used);
	}
}

/* The last state of the injector is the guest's. */
static void check_led(void)
{
	struct vi_event got[RING_MAX], last = { 0 };
	ssize_t n;

	wait_for_statuses();
	blink();
	wait_for_statuses();
	while ((n = recv(w.rig->inject[0], got, sizeof(got), MSG_DONTWAIT)) > 0)
		last = got[n / (ssize_t)sizeof(last) - 1];
	if (vi_code(&last) != LED_CAPSL || vi_value(&last) != w.led)
		failed("the LED is %d, should be %d", vi_value(&last), w.led);
}

/*
 * Some of what was written may be lost: send everything again. Not in the frame
 * that was begun, which may be one of contacts without slots.
 */
static void make_all_equal(void)
{
	w.n = 0;
	append(NULL, 0);
	model_init(&w.model, &w.spec);
	append_all_up();
}

/* A connection died with its server: make another. */
static void find_injector(void)
{
	if (w.rig->n_inject)
		close(w.rig->inject[0]);
	w.rig->inject[0] = rig_unix_connect(w.rig->inject_path, SOCK_STREAM);
	w.rig->n_inject = 1;
	make_all_equal();
}

/* The device may read what is injected before the messages that start it. */
static void wait_for_start(void)
{
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);

	assert_ok(fe_query(&w.rig->fe, &msg, sizeof(msg.u64)));
}

/*
 * Write, and take and post again, until the guest has everything. After all
 * frames comes one with REL_MISC, which no other has: motion, which counts only
 * once there is a driver.
 */
static void finish_stream(void)
{
	const struct vi_event mark = REL(REL_MISC, 1);

	wait_for_start();
	append(&mark, 1);
	w.guest.rel[REL_MISC] = 0;
	post(RING_MAX);
	while (w.n || !w.guest.rel[REL_MISC] || w.guest.in_frame) {
		bool any = write_bytes(SIZE_MAX);

		if (take(RING_MAX))
			post(RING_MAX);
		else if (!any &&
			 fe_wait_call(&w.rig->fe, FE_EVENTQ, DEADLINE_MS))
			failed("the stream does not go on");
	}
}

static void settle(void)
{
	char why[128];

	if (w.injection == INHERITED)
		make_all_equal();
	finish_stream();
	account();
	/* Motion that is in the file reaches the guest, and once. */
	if (w.injection == KEPT)
		w.model.rel[REL_MISC] = w.guest.rel[REL_MISC];
	else
		memcpy(w.model.rel, w.guest.rel, sizeof(w.model.rel));
	/*
	 * Each server ends the frame that may have been cut, once; so does the
	 * first, which finds rings that have been in use.
	 */
	if (w.guest.empty <= w.lives)
		w.guest.empty = 0;
	w.lives = 0;
	if (!model_matches(&w.model, &w.guest, why) ||
	    !model_guest_is_sane(&w.guest, why))
		failed("%s", why);
	check_led();
}

/* --- lives ---------------------------------------------------------------- */

/* Write, take and post a random number of times, without waiting. */
static void some_life(void)
{
	for (unsigned int n = rnd_below(&w.rnd, 60); n; n--) {
		append_random_frames();
		write_bytes(1 + rnd_below(&w.rnd, 3000));
		if (rnd_one_in(&w.rnd, 2))
			take(rnd_below(&w.rnd, RING_MAX));
		if (rnd_one_in(&w.rnd, 2))
			post(rnd_below(&w.rnd, RING_MAX));
		if (rnd_one_in(&w.rnd, 20))
			blink();
	}
}

/* The first n steps of a session. */
static void connect_by(const struct reattach_style *style, size_t n)
{
	int rc = reattach(&w.rig->fe, w.rig->socket, style, n);

	if (rc)
		failed("%s: %s", style->name, check_rc_name(rc));
}

static const struct reattach_style *any_style(void)
{
	return &reattach_styles[rnd_below(&w.rnd, REATTACH_STYLES)];
}

/* As for a suspend. */
static void stop_queues(void)
{
	uint32_t base;

	for (unsigned int q = 0; q < FE_QUEUES; q++)
		assert_ok(fe_stop_queue(&w.rig->fe, q, &base));
}

static void send_half_a_message(void)
{
	struct fe_msg msg = fe_msg_state(VU_SET_VRING_NUM, 0, 1);
	const size_t len = sizeof(msg.hdr) + msg.hdr.size;

	assert_ok(fe_send_part(&w.rig->fe, &msg, 0,
			       1 + rnd_below(&w.rnd, (unsigned int)len - 1)));
}

static void die(void)
{
	/* Nor do we determine what it is doing then. */
	if (rnd_one_in(&w.rnd, 2))
		usleep(rnd_below(&w.rnd, 500));
	respawn_kill(&w.r);
}

/* What happens while there is no server. */
static void between_lives(void)
{
	if (rnd_one_in(&w.rnd, 2))
		take(rnd_below(&w.rnd, RING_MAX));
	if (rnd_one_in(&w.rnd, 2))
		post(rnd_below(&w.rnd, RING_MAX));
	if (rnd_one_in(&w.rnd, 2))
		blink();
}

static void start_server(void)
{
	respawn_start(&w.r);
	w.lives++;
}

/* A server that does not live long enough to serve a guest. */
static void short_life(void)
{
	start_server();
	if (rnd_one_in(&w.rnd, 3)) {
		usleep(rnd_below(&w.rnd, 4000));
	} else {
		connect_by(any_style(), 1 + rnd_below(&w.rnd, REATTACH_STEPS));
		if (rnd_one_in(&w.rnd, 2))
			send_half_a_message();
	}
	if (w.injection != CONNECTED)
		write_bytes(1 + rnd_below(&w.rnd, 300));
	die();
	between_lives();
}

static void next_life(void)
{
	between_lives();
	while (rnd_one_in(&w.rnd, 3))
		short_life();
	start_server();
	if (w.injection != CONNECTED)
		write_bytes(1 + rnd_below(&w.rnd, 999));
	connect_by(any_style(), REATTACH_STEPS);
	if (w.injection == CONNECTED)
		find_injector();
}

/* A ring that has been in use for long: its indices wrap soon. */
static void age_rings(uint16_t idx)
{
	for (unsigned int q = 0; q < FE_QUEUES; q++) {
		struct fe_ring *r = ring(q);

		r->avail_idx = r->used_idx = idx;
		r->avail->idx = r->used->idx = htole16(idx);
	}
}

static void make_rings(struct frontend *fe)
{
	/* There is no server yet to negotiate with. */
	fe->features = fe->want_features;
	if (rig_is_packed()) {
		assert_ok(fe_make_rings(
			fe, (uint16_t)(1 + rnd_below(&w.rnd, RING_MAX))));
		return;
	}
	assert_ok(fe_make_rings(fe, (uint16_t)(4u << rnd_below(&w.rnd, 5))));
	age_rings((uint16_t)-rnd_below(&w.rnd, 2000));
}

static void begin(void **state, enum injection injection, const char *option)
{
	struct frontend *fe;

	memset(&w, 0, sizeof(w));
	w.rig = *state;
	w.rnd.state = number_from("VINPUT_SEED", 1);
	w.injection = injection;
	w.slots = rnd_one_in(&w.rnd, 2);
	respawn_init(&w.r, w.rig);
	w.r.option[0] = option;
	make_device();
	model_init(&w.model, &w.spec);
	linux_guest_boot(&w.guest, &w.spec);
	if (injection == INHERITED)
		respawn_injector(&w.r, SOCK_SEQPACKET);
	if (injection == KEPT)
		respawn_injector(&w.r, SOCK_STREAM);
	else {
		close(w.r.state_fd);
		w.r.state_fd = -1;
	}
	fe = &w.rig->fe;
	if (rnd_one_in(&w.rnd, 2))
		fe->want_features &= ~(UINT64_C(1) << VIRTIO_F_EVENT_IDX);
	make_rings(fe);
	for (uint16_t i = 0; i < ring(FE_EVENTQ)->num; i++) {
		fe_ring_set_buffer(ring(FE_EVENTQ), &fe->mem, i,
				   VRING_DESC_F_WRITE);
		w.idle[w.n_idle++] = i;
	}
}

/* All buffers are used, and not posted again. */
static void end(void)
{
	const struct vi_event move = REL(REL_MISC, 1);

	while (w.n_posted) {
		if (!w.n)
			append(&move, 1);
		write_bytes(SIZE_MAX);
		if (!take(RING_MAX) &&
		    fe_wait_call(&w.rig->fe, FE_EVENTQ, DEADLINE_MS))
			failed("%u buffers do not come back", w.n_posted);
	}
	account();
}

static uint64_t kills(void)
{
	return number_from("VINPUT_KILLS", 60);
}

static void kill_at_random(void **state, enum injection injection)
{
	begin(state, injection, NULL);
	next_life();
	/* What was sent before the first driver is in no frame. */
	finish_stream();
	memcpy(w.model.rel, w.guest.rel, sizeof(w.model.rel));
	for (uint64_t n = kills(); n; n--) {
		some_life();
		if (rnd_one_in(&w.rnd, 8))
			stop_queues();
		die();
		next_life();
		settle();
	}
	end();
}

static void nothing_is_lost_with_a_memory_file(void **state)
{
	kill_at_random(state, KEPT);
}

static void nothing_is_stuck_when_injectors_connect_again(void **state)
{
	kill_at_random(state, CONNECTED);
}

static void nothing_is_stuck_when_packets_are_lost(void **state)
{
	kill_at_random(state, INHERITED);
}

/*
 * With --overflow=block, each frame is delivered one by one, also those that
 * the next server finds in the file, and its motion once.
 */
static void each_frame_is_delivered_if_injectors_wait(void **state)
{
	const struct vi_event move = REL(REL_X, 1);
	const long n = (long)kills();
	long written = 0;

	begin(state, KEPT, "--overflow=block");
	next_life();
	for (long i = 0; i < n; i++) {
		for (unsigned int t = rnd_below(&w.rnd, 60); t; t--) {
			for (; w.n < 4000; written++)
				append(&move, 1);
			write_bytes(1 + rnd_below(&w.rnd, 3000));
			if (rnd_one_in(&w.rnd, 2) && take(RING_MAX))
				post(RING_MAX);
		}
		die();
		next_life();
	}
	finish_stream();
	account();
	print_message("%ld frames in %ld lives\n", written, n);
	assert_num(w.guest.rel[REL_X], written);
	rig_expect_nothing(w.rig);
}

static int teardown(void **state)
{
	int r = rig_teardown(state);

	respawn_fini(&w.r);
	return r;
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_lost_with_a_memory_file),
		T(nothing_is_stuck_when_injectors_connect_again),
		T(nothing_is_stuck_when_packets_are_lost),
		T(each_frame_is_delivered_if_injectors_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
