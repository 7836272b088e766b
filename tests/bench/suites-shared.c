/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of several lengths through shared memory, beside the floor, which
 * reads them from a socket. The ring is libvinject's; what it would do with the
 * events before is left out, as it is of what the floor is sent.
 */
#include <string.h>
#include <unistd.h>
#include "injector/libvinject/vinject-handle.h"
#include "tests/bench/lanes.h"
#include "tests/bench/load.h"
#include "tests/bench/process-cost.h"

#define LONGEST	  1024
#define KEYS	  32 /* from KEY_1 on */
#define FRAMES	  100
#define ANSWER_MS 2000

struct sender {
	struct lane *lane;
	struct vinject *v; /* NULL: a socket */
	bool down[KEYS];
	size_t next; /* key */
};

/* Each event changes something, so that none is left out. */
static void make_frame(struct sender *s, struct vi_event *ev, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		const size_t key = s->next++ % KEYS;

		s->down[key] = !s->down[key];
		ev[i] = vi_event(EV_KEY, (uint16_t)(KEY_1 + key), s->down[key]);
	}
	ev[n - 1] = vi_event(EV_SYN, SYN_REPORT, 0);
}

static bool send_frame(struct sender *s, const struct vi_event *ev, size_t n)
{
	const ssize_t len = (ssize_t)(n * sizeof(*ev));

	if (s->v)
		return vinject_ring_put(&s->v->link.ring, ev, n) == n;
	return write(s->lane->be.inject[0], ev, (size_t)len) == len;
}

static void measure(struct bench *b, struct sender *s, size_t n)
{
	struct lane *l = s->lane;
	const int64_t cpu_ns = cost_cpu_ns(l->be.pid);
	struct vi_event ev[LONGEST];
	int64_t start, ns;

	for (unsigned int i = 0; i < FRAMES && l->good; i++) {
		sleep_ns(b->gap_us * INT64_C(1000));
		make_frame(s, ev, n);
		start = now_ns();
		l->good = send_frame(s, ev, n) &&
			  !load_await(&l->be, &ns, load_patience_ms) &&
			  !load_take(&l->be, 0);
		l->sample[l->n++] = (double)(ns - start) / 1e3;
	}
	l->cpu_ns += cost_cpu_ns(l->be.pid) - cpu_ns;
}

static void put_figures(struct bench *b, unsigned int i, size_t n)
{
	struct lane *l = &lanes[i];

	if (!l->good)
		return;
	put(b, i, quantile(l->sample, l->n, 0.5), "us", "shared.%zu.p50", n);
	put(b, i, quantile(l->sample, l->n, 0.99), "us", "shared.%zu.p99", n);
	put(b, i, (double)l->cpu_ns / 1e3 / (double)l->n, "us",
	    "shared.%zu.cpu", n);
}

static void measure_length(struct bench *b, struct sender *senders, size_t n)
{
	for (unsigned int i = FLOOR; i <= OURS; i++) {
		lanes[i].n = 0;
		lanes[i].cpu_ns = 0;
	}
	for (unsigned int slice = 0; slice < LANES_SLICES; slice++)
		for (unsigned int i = FLOOR; i <= OURS; i++)
			measure(b, &senders[i], n);
	for (unsigned int i = FLOOR; i <= OURS; i++)
		put_figures(b, i, n);
}

/* Return: a handle whose ring the server reads, or NULL. */
static struct vinject *share(const struct backend *be)
{
	const struct sockaddr_un address = backend_inject_address(be);
	struct vinject *v = vinject_new();

	if (v && !vinject_open(v, address.sun_path) &&
	    !vinject_share_memory(v, ANSWER_MS))
		return v;
	vinject_free(v);
	return NULL;
}

void suite_shared(struct bench *b)
{
	static const size_t lengths[] = { 2, 8, 64, 256, LONGEST };
	struct sender senders[] = { { .lane = &lanes[FLOOR] },
				    { .lane = &lanes[OURS] } };
	struct shape shape = usual_shape;
	const unsigned int n_subjects = b->n_subjects;

	shape.num = LONGEST;
	b->n_subjects = OURS + 1;
	lanes_start(b, &shape);
	if (lanes[OURS].good)
		senders[OURS].v = share(&lanes[OURS].be);
	lanes[OURS].good &= senders[OURS].v != NULL;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		measure_length(b, senders, lengths[i]);
	vinject_free(senders[OURS].v);
	lanes_stop(b);
	b->n_subjects = n_subjects;
}
