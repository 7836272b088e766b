/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a device is, and how that is written: see vinject_open().
 */
#ifndef VINJECT_ADDRESS_H
#define VINJECT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

enum vinject_transport {
	VINJECT_NOWHERE,
	VINJECT_UNIX,
	VINJECT_VSOCK,
	VINJECT_HYBRID,
};

struct vinject_address {
	enum vinject_transport transport;
	int fd; /* an inherited one to begin with, -1: none */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint32_t cid, port; /* VSOCK, HYBRID: port */
	char label[64];	    /* "" if it was not looked for by its label */
	bool only_dir;	    /* VINPUT_FDS does not count */
};

/* One line that says what is wrong. */
struct vinject_error {
	char text[512];
};

/* Set the text. Return: code. */
__attribute__((format(printf, 3, 4))) int vinject_error_set(
	struct vinject_error *e, int code, const char *fmt, ...);

/* Both: return 0, -EINVAL, -ENAMETOOLONG or -ENOENT, with words. */
int vinject_address_read(struct vinject_address *a, const char *text,
			 struct vinject_error *e);
int vinject_address_of_label(struct vinject_address *a, const char *label,
			     const char *dir, struct vinject_error *e);

/* Say why it cannot be connected to, and what is there instead. */
int vinject_address_explain(const struct vinject_address *a, int code,
			    struct vinject_error *e);

#endif
