/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The measurements. A suite measures all subjects side by side, once; the
 * caller repeats it for each round. A subject that fails has no figures in it.
 */
#ifndef VINPUT_BENCH_SUITES_H
#define VINPUT_BENCH_SUITES_H

#include "tests/bench/backend.h"
#include "tests/bench/figures.h"

/* Those that are always measured; then come other projects'. */
enum {
	FLOOR,	    /* reads the injection socket */
	OURS,	    /* vhost-user-input */
	NODE_FLOOR, /* reads a node */
	PASSTHROUGH,
	SUBJECTS_OWN,
};

struct bench {
	struct subject subject[SUBJECTS_MAX];
	unsigned int n_subjects;
	const char *dir;      /* for sockets and files */
	const char *build;    /* where the programs are */
	unsigned int next_id; /* of a backend */
	unsigned int idle_s;
	unsigned int gap_us; /* between frames whose latency is measured */
	double load;	     /* of the machine before the first measurement */
	struct figures figures;
};

/* A figure of this round; its name is formatted. */
#define put(b, subject, value, unit, ...) \
	figures_put(&(b)->figures, subject, value, unit, __VA_ARGS__)

struct suite {
	const char *name;
	const char *what;
	void (*run)(struct bench *b);
	unsigned int every; /* in each nth round only: it takes long */
};

/* suites-speed.c */
void suite_latency(struct bench *b);
void suite_burst(struct bench *b);
void suite_sources(struct bench *b);
void suite_apart(struct bench *b);
/* suites-shared.c */
void suite_shared(struct bench *b);
/* suites-receipts.c */
void suite_receipts(struct bench *b);
/* suites-to.c */
void suite_to(struct bench *b);
/* suites-stream.c */
void suite_stream(struct bench *b);
/* suites-hold.c */
void suite_hold(struct bench *b);
/* suites-footprint.c */
void suite_start(struct bench *b);
void suite_memory(struct bench *b);
void suite_idle(struct bench *b);
void suite_devices(struct bench *b);
/* suites-launch.c */
void suite_launch(struct bench *b);

extern const struct suite suites[];
extern const unsigned int n_suites;

#endif
