/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   0        head            scanned    whole      tail       SOURCE_BUF_LEN
 *   │consumed│ whole frames … unfinished frame, half event│ space │
 *
 * The buffer is not a ring, so that a frame is always contiguous. What waits is
 * moved to the front only when at least as much has been consumed since the
 * last move: each byte is moved once on average, however the stream is cut.
 * Usually everything has been consumed and nothing is left to move.
 *
 * The end of a frame is searched for when the frame is taken, over each event
 * once. A frame that is too long is noticed at reception, where events are
 * examined only when the bytes since the last known SYN_REPORT could be too
 * many.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "input/base/hot.h"
#include "input/device/source.h"
#include "input/device/type-a.h"

#define EVENT_LEN sizeof(struct vi_event)

void source_init_in(struct source *src, uint8_t *buf, bool packets)
{
	*src = (struct source){ .packets = packets, .buf = buf };
	merge_source_init(&src->held);
}

int source_init(struct source *src, bool packets)
{
	source_init_in(src, malloc(SOURCE_BUF_LEN), packets);
	src->owns_buf = src->buf;
	return src->buf ? 0 : -ENOMEM;
}

void source_fini(struct source *src)
{
	if (src->owns_buf)
		free(src->buf);
	src->buf = NULL;
	src->head = src->tail = src->scanned = src->whole = 0;
}

static const struct vi_event *event_at(const struct source *src, size_t pos)
{
	return (const struct vi_event *)(const void *)(src->buf + pos);
}

/* Return: pos without the bytes of a half event at the end. */
static size_t whole_events(size_t pos)
{
	return pos - pos % EVENT_LEN;
}

/* Moves at most as many bytes as were consumed since the last move. */
static void move_to_front(struct source *src)
{
	const size_t first = src->head;

	if (src->tail != first)
		memmove(src->buf, src->buf + first, src->tail - first);
	src->tail -= first;
	src->scanned -= first;
	src->whole -= first;
	src->head = 0;
}

/*
 * If less than a packet fits after tail, either head is past the middle of what
 * was received, and a move frees half the buffer; or more than FRAME_EVENTS_MAX
 * events wait, with a SYN_REPORT among them.
 */
WARM void *source_space(struct source *src, size_t *len)
{
	const size_t waits = src->tail - src->head;

	if (SOURCE_BUF_LEN - src->tail < SOURCE_PACKET_MAX || !waits)
		if (waits <= src->head)
			move_to_front(src);
	*len = SOURCE_BUF_LEN - src->tail;
	if (src->packets && *len < SOURCE_PACKET_MAX)
		*len = 0;
	return src->buf + src->tail;
}

/* Find the last SYN_REPORT, or a frame that is too long. */
static int check_lengths(struct source *src)
{
	size_t run = 0;

	for (size_t pos = src->whole; pos + EVENT_LEN <= src->tail;
	     pos += EVENT_LEN) {
		if (vi_is_syn_report(event_at(src, pos))) {
			src->whole = pos + EVENT_LEN;
			run = 0;
		} else if (++run > FRAME_EVENTS_MAX) {
			src->tail = src->whole;
			if (src->scanned > src->tail)
				src->scanned = src->tail;
			return SOURCE_E_FRAME;
		}
	}
	return 0;
}

WARM int source_received(struct source *src, size_t n)
{
	assert(n <= SOURCE_BUF_LEN - src->tail);
	if (src->packets && n % EVENT_LEN)
		return SOURCE_E_PACKET;
	src->tail += n;
	if (src->tail - src->whole < (FRAME_EVENTS_MAX + 1) * EVENT_LEN)
		return 0;
	return check_lengths(src);
}

int source_resume(struct source *src, size_t head, size_t tail)
{
	src->head = src->scanned = src->whole = head;
	src->tail = tail;
	if (head > tail || tail > SOURCE_BUF_LEN || head % EVENT_LEN)
		return SOURCE_E_FRAME;
	return check_lengths(src);
}

WARM size_t source_frame(struct source *src, const struct vi_event **ev)
{
	size_t pos = src->scanned;

	for (; pos + EVENT_LEN <= src->tail; pos += EVENT_LEN) {
		const struct vi_event *at = event_at(src, pos);

		if (vi_type(at) != EV_SYN)
			continue;
		if (vi_is_syn_report(at))
			break;
		src->type_a |= type_a_is_end(at);
	}
	src->scanned = pos;
	if (pos + EVENT_LEN > src->tail)
		return 0;
	*ev = event_at(src, src->head);
	return (pos - src->head) / EVENT_LEN + 1;
}

size_t source_unfinished(const struct source *src)
{
	size_t pos = whole_events(src->tail);

	while (pos > src->head &&
	       !vi_is_syn_report(event_at(src, pos - EVENT_LEN)))
		pos -= EVENT_LEN;
	return src->tail - pos;
}
