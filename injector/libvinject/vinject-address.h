/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address of a device, and its text form: see vinject_open(). Pure but for
 * the environment and, for error messages, the launcher's directory.
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
	int fd; /* inherited, for the first connection; -1: none */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint32_t cid, port; /* VSOCK; HYBRID has a port only */
	char label[64];	    /* "" if the address was not a label */
	bool only_dir;	    /* VINPUT_FDS is ignored */
};

/* One line, without a newline. */
struct vinject_error {
	char text[512];
};

/* Set the text. Return: code. */
__attribute__((format(printf, 3, 4))) int vinject_error_set(
	struct vinject_error *e, int code, const char *fmt, ...);

/* Return, both: 0, or -EINVAL, -ENAMETOOLONG or -ENOENT and *e. */
int vinject_address_read(struct vinject_address *a, const char *text,
			 struct vinject_error *e);
int vinject_address_of_label(struct vinject_address *a, const char *label,
			     const char *dir, struct vinject_error *e);

/*
 * Describe why a connection failed with code, and which devices exist instead.
 * Return: code.
 */
int vinject_address_explain(const struct vinject_address *a, int code,
			    struct vinject_error *e);

#endif
