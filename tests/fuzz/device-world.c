/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/device-world.h"

#include "input/device/device-control.h"

/* More than a frame may have. */
#define FLOOD_MAX (FRAME_EVENTS_MAX + 100)
#define ENDLESS	  (SIZE_MAX / 2)

/* FUZZ_TRACE=1: print all steps, to find out why a run failed. */
static bool tracing(void)
{
	static int on = -1;

	if (on < 0)
		on = getenv("FUZZ_TRACE") != NULL;
	return on;
}

static void trace(const char *what, unsigned int who, const struct vi_event *ev,
		  size_t n)
{
	if (!tracing())
		return;
	fprintf(stderr, "%s %u:", what, who);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, " %u/%u=%d", vi_type(&ev[i]), vi_code(&ev[i]),
			vi_value(&ev[i]));
	fputc('\n', stderr);
}

/* FNV-1a. */
static uint64_t add_to_sum(uint64_t sum, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ at[i]) * UINT64_C(0x100000001b3);
	return sum;
}

static size_t put(void *arg, const struct vi_event *ev, size_t n)
{
	struct world *w = arg;
	size_t taken = n < w->buffers ? n : w->buffers;

	must(w->driver && n);
	trace("guest takes", (unsigned int)n, ev, taken);
	linux_guest_take(&w->guest, ev, taken);
	w->taken = add_to_sum(w->taken, ev, taken * sizeof(*ev));
	w->buffers -= taken;
	w->held += taken;
	w->position += (uint32_t)taken;
	return taken;
}

static size_t room(void *arg)
{
	const struct world *w = arg;

	return w->buffers;
}

static bool position(void *arg, uint32_t *at)
{
	const struct world *w = arg;

	*at = w->position;
	return w->driver;
}

static unsigned int world_index(const struct world *w,
				const struct device_source *src)
{
	unsigned int i = 0;

	while (i < WORLD_SOURCES && &w->src[i].in != src)
		i++;
	must(i < WORLD_SOURCES);
	return i;
}

static bool answer(void *arg, struct device_source *src,
		   const struct vi_event *ev, size_t n)
{
	struct world *w = arg;
	const unsigned int i = world_index(w, src);

	must(w->src[i].there && src->receipts && n);
	trace(w->src[i].deaf ? "is deaf" : "is told", i, ev, n);
	for (size_t k = 0; k < n; k++)
		must(vi_type(&ev[k]) >= CONTROL_FIRST &&
		     vi_type(&ev[k]) <= CONTROL_HELD);
	return !w->src[i].deaf;
}

static void show(void *arg)
{
	struct world *w = arg;

	must(w->driver);
}

static bool ready(void *arg)
{
	struct world *w = arg;

	must(w->driver);
	return w->buffers > 0;
}

static void released(void *arg, struct device_source *src)
{
	struct world *w = arg;

	const unsigned int i = world_index(w, src);

	must(w->src[i].there && src->gone && !src->receipts);
	w->src[i].there = false;
}

void world_declare(struct spec *spec, uint16_t type, uint16_t code)
{
	bit_set(spec->bits[type], code);
}

void world_declare_axis(struct spec *spec, uint16_t code, int32_t min,
			int32_t max)
{
	world_declare(spec, EV_ABS, code);
	spec->abs[code] = (struct spec_abs){ .min = min, .max = max };
}

void world_spec(struct spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	world_declare(spec, EV_KEY, KEY_A);
	world_declare(spec, EV_KEY, BTN_TOUCH);
	world_declare(spec, EV_REL, REL_X);
	world_declare(spec, EV_SW, SW_LID);
	world_declare_axis(spec, ABS_X, 0, 100);
	world_declare_axis(spec, ABS_RZ, -10, 90);
	spec->abs[ABS_RZ].has_rest = true;
	world_declare_axis(spec, ABS_MT_SLOT, 0, 3);
	world_declare_axis(spec, ABS_MT_TRACKING_ID, 0, 65535);
	world_declare_axis(spec, ABS_MT_POSITION_X, 0, 100);
}

static void add_kind(struct world *w, uint16_t type, uint16_t code)
{
	if (w->n_kinds == WORLD_KINDS)
		return;
	w->kind[w->n_kinds].type = type;
	w->kind[w->n_kinds++].code = code;
}

static void list_kinds(struct world *w)
{
	w->n_kinds = 0;
	add_kind(w, EV_SYN, SYN_REPORT);
	add_kind(w, EV_SYN, SYN_DROPPED);
	add_kind(w, EV_KEY, KEY_MAX);
	add_kind(w, EV_ABS, ABS_MAX);
	add_kind(w, EV_MAX, 0xffff);
	for (uint16_t type = 0; type < EV_CNT; type++)
		for (uint16_t i = 0; i < SPEC_BITMAP_LEN; i++)
			for (unsigned int left = w->spec.bits[type][i]; left;
			     left &= left - 1)
				add_kind(w, type,
					 (uint16_t)(8 * i +
						    __builtin_ctz(left)));
}

static void attach(struct world *w, unsigned int i)
{
	/* Persistent sources are inherited: present from the start, or gone. */
	if (w->src[i].there || i < w->n_persistent)
		return;
	must(!device_attach(w->dev, &w->src[i].in, w->src[i].packets));
	w->src[i].there = true;
}

static void begin_life(struct world *w)
{
	const struct device_sink sink = {
		.put = put,
		.show = show,
		.room = room,
		.ready = ready,
		.position = position,
		.released = released,
		.answer = answer,
		.arg = w,
	};

	w->dev = device_new(&w->spec, &sink);
	must(w->dev);
	w->driver = w->was_driver = false;
	w->held = 0;
	for (unsigned int i = 0; i < WORLD_SOURCES; i++)
		w->src[i].there = false;
	if (!w->persistent)
		return;
	device_set_persistent(w->dev, w->persistent);
	for (unsigned int i = 0; i < w->n_persistent; i++) {
		w->src[i].there = true;
		device_attach_persistent(w->dev, &w->src[i].in,
					 w->src[i].packets, i);
	}
}

void world_begin(struct world *w, struct persistent *persistent,
		 unsigned int n_persistent)
{
	const uint8_t how = take8(&w->in);

	w->starts = w->taken = w->sent = 0;
	w->position = 0;
	w->tainted = false;
	w->persistent = persistent;
	w->n_persistent = n_persistent;
	for (unsigned int i = 0; i < WORLD_SOURCES; i++)
		w->src[i].packets = how >> i & 1;
	w->buffers = 0;
	w->now_ms = 1;
	list_kinds(w);
	linux_guest_boot(&w->guest, &w->spec);
	begin_life(w);
	w->dev->overflow = how & 0x80 ? DEVICE_BLOCK : DEVICE_FOLD;
}

static void end_life(struct world *w)
{
	for (unsigned int i = 0; i < WORLD_SOURCES; i++)
		if (w->src[i].there)
			device_abandon(w->dev, &w->src[i].in);
	device_free(w->dev);
}

void world_die(struct world *w)
{
	enum device_overflow overflow = w->dev->overflow;

	end_life(w);
	begin_life(w);
	w->dev->overflow = overflow;
}

static void pump_now(struct world *w)
{
	device_pump(w->dev);
	device_commit(w->dev);
	device_answer(w->dev, w->held);
}

/* --- sources --- */

static int32_t some_value(struct world *w)
{
	uint8_t v = take8(&w->in);

	return v == 0x80 ? (int32_t)take32(&w->in) : (int8_t)v;
}

static struct vi_event some_event(struct world *w)
{
	unsigned int i = take8(&w->in) % w->n_kinds;

	return vi_event(w->kind[i].type, w->kind[i].code, some_value(w));
}

static void leave(struct world *w, unsigned int i)
{
	if (!w->src[i].there || w->src[i].in.gone)
		return;
	trace("leaves", i, NULL, 0);
	device_detach(w->dev, &w->src[i].in);
}

static bool is_held(const struct world *w, unsigned int key)
{
	for (unsigned int i = 0; i < WORLD_SOURCES; i++)
		if (w->src[i].there && bit_test(w->src[i].in.src.held.key, key))
			return true;
	return false;
}

/* Whoever merged them, and however they were delivered. */
static void check_keys(const struct world *w)
{
	const struct device *dev = w->dev;

	if (dev->view.folded || guest_view_left(&dev->view) || dev->merge.mt)
		return;
	for (unsigned int key = 0; key < KEY_CNT; key++) {
		const bool down = is_held(w, key);

		must(bit_test(dev->merge.now.key, key) == down);
		must(bit_test(dev->view.state.key, key) == down);
		must(!dev->merge.holders[key] == !down);
	}
}

/*
 * As the server's shortcut does it, where the input wants that. Return: how
 * many of the bytes have passed.
 */
static size_t pass(struct world *w, struct device_source *src, const void *from,
		   size_t len)
{
	static struct vi_event ev[FRAME_EVENTS_MAX];
	size_t done;

	if (!w->passes || len % sizeof(struct vi_event) ||
	    len > SOURCE_PACKET_MAX || !device_can_pass(w->dev, src))
		return 0;
	memcpy(ev, from, len);
	done = sizeof(ev[0]) *
	       device_pass(w->dev, src, ev, len / sizeof(ev[0]));
	must(done <= len);
	check_keys(w);
	return done;
}

/* As in the server: what does not fit is not read yet. */
static void send_bytes(struct world *w, unsigned int i, const void *bytes,
		       size_t len)
{
	struct device_source *src = &w->src[i].in;
	size_t space;
	void *to;

	if (!w->src[i].there || src->gone)
		return;
	to = source_space(&src->src, &space);
	must(space || src->waiting);
	must(!w->src[i].packets || !space || space >= SOURCE_PACKET_MAX);
	if (!len || len > space)
		return;
	w->sent = add_to_sum(w->sent, &len, sizeof(len));
	/* As recvmmsg() would do it. */
	if (src->persistent)
		persistent_source_reading(src->persistent, to, len)->msg_len =
			(unsigned int)len;
	memcpy(to, bytes, len);
	trace("sends", i, to, len / sizeof(struct vi_event));
	const size_t done = pass(w, src, bytes, len);
	len -= done;
	memcpy(to, (const uint8_t *)bytes + done, len);
	if (len && device_received(w->dev, src, len)) {
		must(source_unfinished(&src->src) <= SOURCE_BUF_LEN);
		leave(w, i);
	}
	if (w->eager)
		pump_now(w);
}

/* Some events, cut in two somewhere. */
static void send_events(struct world *w, unsigned int i)
{
	struct vi_event ev[32];
	size_t n = take8(&w->in) % 32, cut = take8(&w->in);

	for (size_t k = 0; k < n; k++)
		ev[k] = some_event(w);
	cut %= sizeof(ev[0]) * n + 1;
	send_bytes(w, i, ev, cut);
	send_bytes(w, i, (const uint8_t *)ev + cut, sizeof(ev[0]) * n - cut);
}

static void send_frame(struct world *w, unsigned int i)
{
	struct vi_event ev[17];
	size_t n = take8(&w->in) % 17;

	for (size_t k = 0; k < n; k++)
		ev[k] = some_event(w);
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	send_bytes(w, i, ev, n * sizeof(ev[0]));
}

static struct vi_event some_request(struct world *w)
{
	const uint8_t what = take8(&w->in);

	switch (what % 16) {
	case 0:
		return vi_event(EV_SYN, SYN_REPORT, 0);
	case 1:
	case 2:
		return some_event(w);
	case 3:
		return vi_event(CONTROL_LOSSLESS, 0, what & 16 ? -1 : 0);
	case 4:
		return vi_event(CONTROL_LOSSLESS, 0, some_value(w));
	case 5:
		return vi_event(CONTROL_WATCH, 0, what & 16);
	case 6:
		return vi_event(what & 16 ? CONTROL_HELD : CONTROL_NAME, 0, 0);
	case 7:
		return vi_event(CONTROL_CANCEL, 0, 0);
	case 8:
		return vi_event(CONTROL_FIRST + what / 16, 1, CONTROL_MAGIC);
	case 9:
		return vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC);
	default:
		return vi_event(CONTROL_RECEIPT, 0, what);
	}
}

/* An injector that asks; its first frame has a HELLO. */
static void send_requests(struct world *w, unsigned int i)
{
	const uint8_t how = take8(&w->in);
	struct vi_event ev[18];
	size_t n = 0;

	if (!w->src[i].in.receipts)
		ev[n++] =
			vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC);
	for (unsigned int k = 0; k < how % 16; k++)
		ev[n++] = some_request(w);
	if (!(how & 16))
		ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	w->src[i].deaf = how & 128;
	send_bytes(w, i, ev, n * sizeof(ev[0]));
}

static void send_raw(struct world *w, unsigned int i)
{
	uint8_t bytes[64];
	size_t n = take8(&w->in) % sizeof(bytes);

	take(&w->in, bytes, n);
	send_bytes(w, i, bytes, n);
}

/* Up to two events and SYN_REPORT, over and over. */
static void flood(struct world *w, unsigned int i)
{
	static struct vi_event ev[FLOOD_MAX];
	const size_t every = take8(&w->in), n = take16(&w->in) % FLOOD_MAX;
	const struct vi_event one = some_event(w), other = some_event(w);

	for (size_t k = 0; k < n; k++)
		ev[k] = every && k % every == every - 1
				? vi_event(EV_SYN, SYN_REPORT, 0)
			: k & 1 ? other
				: one;
	send_bytes(w, i, ev, n * sizeof(ev[0]));
}

/* --- the guest --- */

static bool returns(struct world *w)
{
	w->driver = w->was_driver = true;
	if (device_driver_returned(w->dev, w->position, true))
		return true;
	w->driver = w->was_driver = false;
	return false;
}

/* It boots, or it resumes after a suspend and has forgotten nothing. */
static void start_driver(struct world *w, bool boots)
{
	if (w->driver)
		return;
	if (boots)
		linux_guest_boot(&w->guest, &w->spec);
	w->held = 0;
	w->starts++;
	/* A driver that knows the events of the previous process. */
	if (!w->was_driver && !boots && returns(w))
		return;
	if (!w->was_driver && !boots)
		device_suspect_all(w->dev);
	w->driver = w->was_driver = true;
	device_driver_started(w->dev);
}

static void resume_driver(struct world *w)
{
	if (w->driver || !w->was_driver)
		return;
	w->driver = true;
	device_driver_resumed(w->dev);
}

void world_stop_driver(struct world *w)
{
	if (!w->driver)
		return;
	w->driver = false;
	w->buffers = 0;
	device_driver_stopped(w->dev);
	device_answer(w->dev, w->held);
}

static void guest_returns(struct world *w)
{
	const uint8_t n = take8(&w->in);

	w->held -= n < w->held ? n : w->held;
	device_answer(w->dev, w->held);
}

static void pass_time(struct world *w)
{
	const uint8_t ms = take8(&w->in);

	w->now_ms += ms & 0x7f;
	device_set_driver(w->dev, w->driver   ? CONTROL_DRIVER_RUNNING
				  : ms & 0x80 ? CONTROL_DRIVER_NO_VMM
					      : CONTROL_DRIVER_NONE);
	if (!w->driver && ms & 0x80)
		w->held = 0;
	device_limits(w->dev, w->now_ms);
}

/*
 * Nobody is held up: what is left waits for buffers, or its injector wants it
 * to wait.
 */
static void check_waiting(const struct world *w)
{
	const bool folds = w->dev->view.folded &&
			   w->dev->overflow == DEVICE_FOLD &&
			   !device_keeps(w->dev);
	struct device_source *src;

	TAILQ_FOREACH (src, &w->dev->waiting, link)
		must(!folds || device_control_waits(src));
	must(!w->driver || !w->buffers || TAILQ_EMPTY(&w->dev->waiting));
}

static void pump(struct world *w)
{
	const uint8_t n = take8(&w->in);

	w->buffers += n == 0xff ? 1u << 20 : n;
	pump_now(w);
	check_waiting(w);
}

void world_step(struct world *w)
{
	const uint8_t op = take8(&w->in);
	const unsigned int i = op / 64;

	trace("step", op % 16, NULL, 0);
	switch (op % 16) {
	case 0:
		attach(w, i);
		break;
	case 1:
		leave(w, i);
		break;
	case 2:
		send_events(w, i);
		break;
	case 3:
		send_raw(w, i);
		break;
	case 4:
		flood(w, i);
		break;
	case 5:
		device_stalled(w->dev);
		break;
	case 6:
		world_stop_driver(w);
		break;
	case 7:
		start_driver(w, true);
		break;
	case 8:
		start_driver(w, false);
		break;
	case 9:
		resume_driver(w);
		break;
	case 10:
	case 11:
		pump(w);
		break;
	case 12:
		send_requests(w, i);
		break;
	case 13:
		guest_returns(w);
		break;
	case 14:
		pass_time(w);
		break;
	default:
		send_frame(w, i);
	}
}

/* --- the end --- */

static void check_axes(const struct world *w)
{
	const struct state *now = &w->dev->merge.now;

	for (uint16_t code = 0; code < ABS_MT_SLOT; code++) {
		const struct spec_abs *abs = &w->spec.abs[code];

		/*
		 * For an axis that no source moved, the guest's value is right.
		 */
		if (!spec_has(&w->spec, EV_ABS, code) ||
		    !(now->abs_known >> code & 1))
			continue;
		must(w->guest.abs[code] == now->abs[code]);
		must(!abs->has_rest || now->abs[code] == abs->rest);
	}
}

static void check_guest(const struct world *w)
{
	must(!w->guest.undeclared);
	if (w->tainted)
		return;
	for (unsigned int code = 0; code < KEY_CNT; code++)
		must(!w->guest.key[code]);
	for (int i = 0; i < w->guest.n_slots; i++)
		must(w->guest.slots[i].id < 0);
	for (unsigned int code = 0; code < SW_CNT; code++)
		must(w->guest.sw[code] == bit_test(w->dev->merge.now.sw, code));
	check_axes(w);
	must(!w->guest.in_frame);
	/* A driver that started in the middle of a frame gets its end. */
	must(w->guest.empty <= w->starts);
	must(w->spec.exact || !w->guest.id_over_id);
}

void world_end(struct world *w)
{
	start_driver(w, true);
	for (unsigned int i = 0; i < WORLD_SOURCES; i++)
		leave(w, i);
	w->buffers = ENDLESS;
	must(!device_pump(w->dev));
	for (unsigned int i = 0; i < WORLD_SOURCES; i++)
		must(!w->src[i].there);
	must(!w->dev->merge.live && LIST_EMPTY(&w->dev->merge.sources));
	must(!w->dev->owed && LIST_EMPTY(&w->dev->askers));
	check_guest(w);
	end_life(w);
}
