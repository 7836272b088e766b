/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every form of descriptor chain that a driver may post, and those that it may
 * not (virtio 1.3 §2.7.5): a queue whose driver breaks the rules stops, with
 * VRING_ERR and one line, and nothing else does.
 *
 * A row builds one chain from descriptor `first` on; two of them are posted on
 * the eventq, so that a frame of two events fits. In a packed ring the driver
 * copies them into the slots, one after the other: nothing there can lead
 * elsewhere, so rows about that are for split rings only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/rig.h"

#define NUM	16
#define PER	8    /* descriptors a chain may use */
#define SCRATCH 4096 /* bytes of guest memory after the rings */
#define BUF_LEN 256
#define FILLER	0xa5

#define W VRING_DESC_F_WRITE
#define N VRING_DESC_F_NEXT
#define I VRING_DESC_F_INDIRECT

/* A chain that is being built. */
struct chain {
	struct rig *rig;
	struct fe_ring *ring;
	uint16_t dir;		  /* W on the eventq, 0 on the statusq */
	uint16_t first;		  /* of its PER descriptors */
	uint8_t *buf;		  /* BUF_LEN bytes for what it points to */
	struct vring_desc *table; /* PER entries for an indirect table */
};

/* Where the event is, in byte order: offsets in buf, lengths. */
struct pieces {
	struct {
		uint16_t at, len;
	} piece[8];
};

struct form {
	const char *name;
	void (*build)(struct chain *c);
	const struct pieces *pieces; /* NULL: nowhere */
	uint64_t without;	     /* features that are not acked */
	bool split;		     /* only for split rings */
};

static const struct pieces whole = { { { 0, 8 } } };
static const struct pieces half_and_half = { { { 0, 4 }, { 100, 4 } } };
static const struct pieces three_and_five = { { { 1, 3 }, { 101, 5 } } };
static const struct pieces four_and_twice_two = {
	{ { 0, 4 }, { 8, 2 }, { 16, 2 } }
};
static const struct pieces byte_by_byte = { { { 0, 1 },
					      { 16, 1 },
					      { 32, 1 },
					      { 48, 1 },
					      { 64, 1 },
					      { 80, 1 },
					      { 96, 1 },
					      { 112, 1 } } };

static uint64_t gpa(const struct chain *c, const void *p)
{
	return fe_guest_addr(&c->rig->fe.mem, p);
}

/* Descriptor i of the chain: len bytes at buf + at. */
static void direct(struct chain *c, uint16_t i, uint32_t at_len, uint16_t flags)
{
	c->ring->desc[c->first + i] = (struct vring_desc){
		.addr = gpa(c, c->buf + (at_len >> 16)),
		.len = at_len & 0xffff,
		.flags = flags,
		.next = c->first + i + 1,
	};
}

/* Entry i of the indirect table, followed by `next` if it is a split one. */
static void entry_before(struct chain *c, uint16_t i, uint32_t at_len,
			 uint16_t flags, uint16_t next)
{
	const struct vring_desc desc = {
		.addr = gpa(c, c->buf + (at_len >> 16)),
		.len = at_len & 0xffff,
		.flags = flags,
		.next = next,
	};

	fe_ring_set_entry(c->ring, c->table, i, &desc);
}

static void entry(struct chain *c, uint16_t i, uint32_t at_len, uint16_t flags)
{
	entry_before(c, i, at_len, flags, i + 1);
}

/* Descriptor i: an indirect table of len bytes. */
static void indirect(struct chain *c, uint16_t i, uint32_t len)
{
	c->ring->desc[c->first + i] = (struct vring_desc){
		.addr = gpa(c, c->table), .len = len, .flags = I
	};
}

/* len bytes at offset at of the chain's buffer */
#define AT(at, len) ((uint32_t)(at) << 16 | (len))

static void one_of_8(struct chain *c)
{
	direct(c, 0, AT(0, 8), W);
}

static void one_of_64(struct chain *c)
{
	direct(c, 0, AT(0, 64), W);
}

static void split_4_4(struct chain *c)
{
	direct(c, 0, AT(0, 4), W | N);
	direct(c, 1, AT(100, 4), W);
}

static void split_3_100(struct chain *c)
{
	direct(c, 0, AT(1, 3), W | N);
	direct(c, 1, AT(101, 100), W);
}

static void bytes(struct chain *c)
{
	for (uint16_t i = 0; i < 8; i++)
		direct(c, i, AT(16 * i, 1), i < 7 ? W | N : W);
}

static void backwards(struct chain *c)
{
	direct(c, 0, AT(0, 4), W | N);
	direct(c, 7, AT(8, 2), W | N);
	direct(c, 3, AT(16, 2), W);
	c->ring->desc[c->first].next = c->first + 7;
	c->ring->desc[c->first + 7].next = c->first + 3;
}

static void readable_first(struct chain *c)
{
	direct(c, 0, AT(200, 16), N);
	direct(c, 1, AT(220, 1), N);
	direct(c, 2, AT(0, 8), W);
}

static void table_of_one(struct chain *c)
{
	entry(c, 0, AT(0, 8), c->dir);
	indirect(c, 0, 16);
}

static void table_4_4(struct chain *c)
{
	entry(c, 0, AT(0, 4), W | N);
	entry(c, 1, AT(100, 4), W);
	indirect(c, 0, 32);
}

static void table_with_spare_entries(struct chain *c)
{
	entry(c, 0, AT(0, 8), W);
	entry(c, 1, AT(100, 8), W);
	indirect(c, 0, PER * 16);
}

static void table_after_chain(struct chain *c)
{
	direct(c, 0, AT(200, 4), N);
	direct(c, 1, AT(0, 4), W | N);
	entry(c, 0, AT(100, 4), W);
	indirect(c, 2, 16);
}

/* In a table the WRITE flag of the descriptor that refers to it means nothing
 * (§2.7.5.3.2). */
static void table_marked_writable(struct chain *c)
{
	table_of_one(c);
	c->ring->desc[c->first].flags = I | W;
}

/* clang-format off */
#define LEGAL(what, how, where) \
	{ .name = what, .build = how, .pieces = &(where) }
#define ILLEGAL(what, how) { .name = what, .build = how }
#define ILLEGAL_IF_SPLIT(what, how) \
	{ .name = what, .build = how, .split = true }

static const struct form legal[] = {
	LEGAL("buffer_of_8_bytes", one_of_8, whole),
	LEGAL("buffer_of_64_bytes", one_of_64, whole),
	LEGAL("two_descriptors_of_4_bytes", split_4_4, half_and_half),
	LEGAL("descriptors_of_3_and_100_bytes", split_3_100, three_and_five),
	LEGAL("eight_descriptors_of_1_byte", bytes, byte_by_byte),
	LEGAL("chain_that_jumps_back", backwards, four_and_twice_two),
	LEGAL("readable_descriptors_first", readable_first, whole),
	LEGAL("indirect_table_of_one", table_of_one, whole),
	LEGAL("indirect_table_of_4_and_4", table_4_4, half_and_half),
	LEGAL("indirect_table_with_spare_entries", table_with_spare_entries,
	      whole),
	LEGAL("indirect_table_after_a_chain", table_after_chain,
	      half_and_half),
	LEGAL("indirect_table_marked_writable", table_marked_writable, whole),
	{ .name = "buffer_of_8_bytes_without_event_idx", .build = one_of_8,
	  .pieces = &whole, .without = UINT64_C(1) << VIRTIO_F_EVENT_IDX },
};
/* clang-format on */

static void buffer_too_small(struct chain *c)
{
	direct(c, 0, AT(0, 7), c->dir);
}

static void chain_too_small(struct chain *c)
{
	direct(c, 0, AT(0, 4), c->dir | N);
	direct(c, 1, AT(4, 3), c->dir);
}

static void readable_only(struct chain *c)
{
	direct(c, 0, AT(0, 8), 0);
}

static void loop_of_one(struct chain *c)
{
	direct(c, 0, AT(0, 1), N);
	c->ring->desc[c->first].next = c->first;
}

static void loop_of_two(struct chain *c)
{
	direct(c, 0, AT(0, 1), N);
	direct(c, 1, AT(0, 1), N);
	c->ring->desc[c->first + 1].next = c->first;
}

static void head_out_of_range(struct chain *c)
{
	c->first = NUM;
}

static void next_out_of_range(struct chain *c)
{
	direct(c, 0, AT(0, 4), c->dir | N);
	c->ring->desc[c->first].next = NUM;
}

static void buffer_outside(struct chain *c)
{
	direct(c, 0, AT(0, 8), c->dir);
	c->ring->desc[c->first].addr = FE_GUEST_BASE - 8;
}

static void buffer_at_user_address(struct chain *c)
{
	direct(c, 0, AT(0, 8), c->dir);
	c->ring->desc[c->first].addr = FE_USER_BASE;
}

static void buffer_over_the_end(struct chain *c)
{
	direct(c, 0, AT(0, 8), c->dir);
	c->ring->desc[c->first].addr =
		c->rig->fe.mem.guest_addr + c->rig->fe.mem.size - 7;
}

static void buffer_that_wraps(struct chain *c)
{
	direct(c, 0, AT(0, 0), c->dir);
	c->ring->desc[c->first].addr = UINT64_MAX - 3;
	c->ring->desc[c->first].len = UINT32_MAX;
}

static void table_in_table(struct chain *c)
{
	/* It contains the table itself, which is after the buffer. */
	entry(c, 0, AT(BUF_LEN, 16), I);
	indirect(c, 0, 16);
}

static void table_of_24_bytes(struct chain *c)
{
	table_of_one(c);
	indirect(c, 0, 24);
}

static void table_of_0_bytes(struct chain *c)
{
	table_of_one(c);
	indirect(c, 0, 0);
}

static void table_outside(struct chain *c)
{
	table_of_one(c);
	c->ring->desc[c->first].addr = 16;
}

/* Its first entry is the last one in memory, but not the last of the chain. */
static void table_over_the_end(struct chain *c)
{
	struct fe_memory *mem = &c->rig->fe.mem;

	c->table = (struct vring_desc *)(void *)(mem->base + mem->size - 16);
	entry(c, 0, AT(0, 4), c->dir | N);
	indirect(c, 0, 32);
}

static void table_of_4_gib(struct chain *c)
{
	/* The next entry is inside the table, but outside memory. */
	entry_before(c, 0, AT(0, 4), c->dir | N, UINT16_MAX);
	indirect(c, 0, UINT32_MAX - 15);
}

static void next_outside_of_table(struct chain *c)
{
	entry(c, 0, AT(0, 4), c->dir | N);
	indirect(c, 0, 16);
}

static void loop_in_table(struct chain *c)
{
	entry(c, 0, AT(0, 1), N);
	entry_before(c, 1, AT(0, 1), N, 0);
	indirect(c, 0, 32);
}

static void table_with_next(struct chain *c)
{
	table_of_one(c);
	c->ring->desc[c->first].flags = I | N;
	c->ring->desc[c->first].next = c->first + 1;
	direct(c, 1, AT(100, 8), c->dir);
}

static const struct form illegal[] = {
	ILLEGAL("buffer_of_7_bytes_breaks", buffer_too_small),
	ILLEGAL("chain_of_4_and_3_bytes_breaks", chain_too_small),
	ILLEGAL("buffer_that_is_only_readable_breaks", readable_only),
	ILLEGAL("descriptor_that_is_its_own_next_breaks", loop_of_one),
	ILLEGAL("loop_of_two_descriptors_breaks", loop_of_two),
	ILLEGAL_IF_SPLIT("head_out_of_range_breaks", head_out_of_range),
	ILLEGAL_IF_SPLIT("next_out_of_range_breaks", next_out_of_range),
	ILLEGAL("buffer_outside_memory_breaks", buffer_outside),
	ILLEGAL("buffer_at_a_user_address_breaks", buffer_at_user_address),
	ILLEGAL("buffer_over_the_end_of_memory_breaks", buffer_over_the_end),
	ILLEGAL("buffer_that_wraps_breaks", buffer_that_wraps),
	ILLEGAL("indirect_inside_indirect_breaks", table_in_table),
	ILLEGAL("indirect_table_of_24_bytes_breaks", table_of_24_bytes),
	ILLEGAL("indirect_table_of_0_bytes_breaks", table_of_0_bytes),
	ILLEGAL("indirect_table_outside_memory_breaks", table_outside),
	ILLEGAL("indirect_table_over_the_end_breaks", table_over_the_end),
	ILLEGAL("indirect_table_of_4_gib_breaks", table_of_4_gib),
	ILLEGAL_IF_SPLIT("next_outside_of_indirect_table_breaks",
			 next_outside_of_table),
	ILLEGAL_IF_SPLIT("loop_in_indirect_table_breaks", loop_in_table),
	ILLEGAL("indirect_with_next_breaks", table_with_next),
	{ .name = "indirect_that_was_not_negotiated_breaks",
	  .build = table_of_one,
	  .without = UINT64_C(1) << VIRTIO_F_INDIRECT_DESC },
};

/* As rig_prepare(), but with scratch memory after the rings. */
static uint8_t *prepare(struct rig *rig, uint64_t without)
{
	struct frontend *fe = &rig->fe;

	rig->fe.want_features &= ~without;
	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(fe));
	assert_ok(fe_memory_init(&fe->mem, 4 * SCRATCH));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_make_ring(fe, i, NUM));
	uint8_t *scratch = fe_memory_alloc(&fe->mem, SCRATCH, 16);
	assert_non_null(scratch);
	memset(scratch, FILLER, SCRATCH);
	return scratch;
}

/*
 * Chain i of a queue, in its share of the descriptors and of the scratch
 * memory.
 */
static struct chain make_chain(struct rig *rig, unsigned int queue, uint16_t i,
			       uint8_t *scratch)
{
	uint8_t *mine = scratch + i * 2 * BUF_LEN;

	return (struct chain){
		.rig = rig,
		.ring = &rig->fe.ring[queue],
		.dir = queue == FE_EVENTQ ? W : 0,
		.first = i * PER,
		.buf = mine,
		.table = (struct vring_desc *)(void *)(mine + BUF_LEN),
	};
}

/* Only the pieces contain the event; all else is unchanged. */
static void check_pieces(const struct form *form, const uint8_t *buf,
			 const struct vi_event *ev)
{
	uint8_t expected[BUF_LEN];
	const uint8_t *bytes_of = (const uint8_t *)ev;

	memset(expected, FILLER, sizeof(expected));
	for (size_t i = 0; i < 8; i++) {
		memcpy(expected + form->pieces->piece[i].at, bytes_of,
		       form->pieces->piece[i].len);
		bytes_of += form->pieces->piece[i].len;
	}
	assert_memory_equal(buf, expected, sizeof(expected));
}

static void eventq_takes(void **state)
{
	struct rig *rig = *state;
	const struct form *form = rig->row;
	const struct vi_event ev[] = { KEY(KEY_A, 1), SYN };
	uint8_t *scratch = prepare(rig, form->without);
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

	for (uint16_t i = 0; i < 2; i++) {
		struct chain c = make_chain(rig, FE_EVENTQ, i, scratch);

		form->build(&c);
		fe_ring_post(ring, c.first);
	}
	fe_ring_publish(ring);
	assert_ok(fe_start(&rig->fe));
	rig_inject(rig, 0, ev, 2);
	rig_wait_used(rig, FE_EVENTQ, 2);
	for (uint16_t i = 0; i < 2; i++) {
		struct vring_used_elem elem;

		assert_ok(fe_ring_take(ring, &elem));
		assert_num(elem.id, i * PER);
		assert_num(elem.len, 8);
		check_pieces(form, scratch + i * 2 * BUF_LEN, &ev[i]);
	}
	assert_rc(fe_wait_call(&rig->fe, FE_EVENTQ, DEADLINE_MS), 0);
	rig_expect_nothing(rig);
}

static void restart_and_type(struct rig *rig)
{
	uint32_t base;

	for (unsigned int i = 0; i < FE_QUEUES; i++) {
		assert_ok(fe_stop_queue(&rig->fe, i, &base));
		fe_ring_reset(&rig->fe.ring[i]);
	}
	fe_post_buffers(&rig->fe, NUM);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(&rig->fe, i));
	/* Sent when the driver starts: A was pressed when the queue broke. */
	expect(rig, KEY(KEY_A, 1), SYN);
	inject(rig, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void eventq(void **state)
{
	struct rig *rig = *state;
	const struct form *form = rig->row;
	uint8_t *scratch = prepare(rig, form->without);
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	const struct vi_event led = LED(LED_CAPSL, 1);

	for (uint16_t i = 0; i < 2; i++) {
		struct chain c = make_chain(rig, FE_EVENTQ, i, scratch);

		form->build(&c);
		fe_ring_post(ring, c.first);
	}
	fe_ring_publish(ring);
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_expect_broken(rig, FE_EVENTQ);
	assert_num(fe_ring_n_used(ring), 0);
	/* The other queue continues. */
	assert_ok(fe_send_status(&rig->fe, &led));
	expect_status(rig, led);
	restart_and_type(rig);
}

static void statusq(void **state)
{
	struct rig *rig = *state;
	const struct form *form = rig->row;
	uint8_t *scratch = prepare(rig, form->without);
	struct fe_ring *ring = &rig->fe.ring[FE_STATUSQ];

	assert_ok(fe_start(&rig->fe));
	struct chain c = make_chain(rig, FE_STATUSQ, 0, scratch);
	form->build(&c);
	fe_ring_post(ring, c.first);
	fe_ring_publish(ring);
	fe_ring_kick(ring);
	rig_expect_broken(rig, FE_STATUSQ);
	rig_expect_no_status(rig, 0);
	/* The other queue continues. */
	fe_post_buffers(&rig->fe, NUM);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	restart_and_type(rig);
}

/* Wrong on either queue, not only for writable chains. */
static bool wrong_on_statusq(const struct form *form)
{
	return form->build != buffer_too_small &&
	       form->build != chain_too_small && form->build != readable_only;
}

static const struct vi_event caps_on[] = { { 0x11, 1, 1 } };

/* The statusq's chains: readable ones. */
static void status_8(struct chain *c)
{
	direct(c, 0, AT(0, 8), 0);
}

static void status_split(struct chain *c)
{
	direct(c, 0, AT(0, 3), N);
	direct(c, 1, AT(3, 5), 0);
}

static void status_table(struct chain *c)
{
	entry(c, 0, AT(0, 8), 0);
	indirect(c, 0, 16);
}

static void status_then_writable(struct chain *c)
{
	direct(c, 0, AT(0, 8), N);
	direct(c, 1, AT(100, 8), W);
}

/* After as much as is read of a chain, once more what it begins with. */
static void status_too_long(struct chain *c)
{
	direct(c, 0, AT(0, BUF_LEN), N);
	direct(c, 1, AT(8, BUF_LEN - 8), N);
	direct(c, 2, AT(8, 8), N);
	direct(c, 3, AT(0, 8), N);
	direct(c, 4, AT(0, 8), 0);
}

static void status_short(struct chain *c)
{
	direct(c, 0, AT(0, 7), 0);
}

static void status_unreadable(struct chain *c)
{
	direct(c, 0, AT(0, 8), W);
}

/* clang-format off */
static const struct form status_forms[] = {
	LEGAL("status_of_8_bytes_is_passed_on", status_8, whole),
	LEGAL("status_split_in_two_is_passed_on", status_split, whole),
	LEGAL("status_in_an_indirect_table_is_passed_on", status_table, whole),
	LEGAL("status_before_a_writable_buffer_is_passed_on", status_then_writable,
	      whole),
	LEGAL("status_before_too_many_is_passed_on", status_too_long, whole),
	ILLEGAL("status_of_7_bytes_is_used_and_dropped", status_short),
	ILLEGAL("status_in_a_writable_buffer_is_used_and_dropped",
		status_unreadable),
};
/* clang-format on */

static void statusq_returns(void **state)
{
	struct rig *rig = *state;
	const struct form *form = rig->row;
	uint8_t *scratch = prepare(rig, 0);
	struct fe_ring *ring = &rig->fe.ring[FE_STATUSQ];
	struct vring_used_elem elem;

	assert_ok(fe_start(&rig->fe));
	struct chain c = make_chain(rig, FE_STATUSQ, 1, scratch);
	form->build(&c);
	memcpy(c.buf, caps_on, sizeof(caps_on));
	fe_ring_post(ring, c.first);
	fe_ring_publish(ring);
	fe_ring_kick(ring);
	rig_wait_used(rig, FE_STATUSQ, 1);
	assert_ok(fe_ring_take(ring, &elem));
	assert_num(elem.id, PER);
	assert_num(elem.len, 0);
	if (form->pieces)
		expect_status(rig, caps_on[0]);
	rig_expect_no_status(rig, 0);
}

/* Post a chain of this form with an LED that is on or off. */
static void post_status(struct rig *rig, const struct form *form, uint16_t i,
			uint8_t *scratch, bool on)
{
	struct chain c = make_chain(rig, FE_STATUSQ, i, scratch);
	const struct vi_event led = LED(LED_CAPSL, on);

	form->build(&c);
	memcpy(c.buf, &led, sizeof(led));
	fe_ring_post(c.ring, c.first);
}

/* The second begins where the first ends, however long that is. */
static void statusq_takes_any_two_in_a_row(void **state)
{
	struct rig *rig = *state;
	uint8_t *scratch = prepare(rig, 0);
	struct fe_ring *ring = &rig->fe.ring[FE_STATUSQ];
	struct vring_used_elem elem;
	const size_t n = ARRAY_LEN(status_forms);

	assert_ok(fe_start(&rig->fe));
	for (size_t both = 0; both < n * n; both++) {
		const struct form *first = &status_forms[both / n];
		const struct form *second = &status_forms[both % n];

		post_status(rig, first, 0, scratch, true);
		post_status(rig, second, 1, scratch, false);
		fe_ring_publish(ring);
		fe_ring_kick(ring);
		rig_wait_used(rig, FE_STATUSQ, 2);
		for (uint16_t i = 0; i < 2; i++) {
			assert_ok(fe_ring_take(ring, &elem));
			assert_num(elem.id, i * PER);
			assert_num(elem.len, 0);
		}
		if (first->pieces)
			expect_status(rig, LED(LED_CAPSL, 1));
		if (second->pieces)
			expect_status(rig, LED(LED_CAPSL, 0));
	}
	rig_expect_no_status(rig, 0);
}

static struct CMUnitTest test_of(const char *prefix, CMUnitTestFunction func,
				 const struct form *form)
{
	char *name;

	assert_sys(asprintf(&name, "%s%s", prefix, form ? form->name : ""));
	return (struct CMUnitTest){
		.name = name,
		.test_func = func,
		.setup_func = rig_setup,
		.teardown_func = rig_teardown,
		.initial_state = (void *)form,
	};
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_LEN(legal) +
				       2 * ARRAY_LEN(illegal) +
				       ARRAY_LEN(status_forms) + 1];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(legal); i++)
		tests[n++] = test_of("eventq_takes_", eventq_takes, &legal[i]);
	for (size_t i = 0; i < ARRAY_LEN(illegal); i++) {
		if (illegal[i].split && rig_is_packed())
			continue;
		tests[n++] = test_of("eventq_", eventq, &illegal[i]);
		if (wrong_on_statusq(&illegal[i]))
			tests[n++] = test_of("statusq_", statusq, &illegal[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(status_forms); i++)
		tests[n++] = test_of("", statusq_returns, &status_forms[i]);
	tests[n++] = test_of("statusq_takes_any_two_in_a_row",
			     statusq_takes_any_two_in_a_row, NULL);
	int failed = _cmocka_run_group_tests("chains", tests, n, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)tests[i].name);
	return failed;
}
