/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that options of several programs have, for their handlers: each text
 * is read, or rejected with what it must be. Return, unless it says otherwise:
 * 0, or -EINVAL with c->why.
 */
#ifndef VINPUT_CMDLINE_VALUE_H
#define VINPUT_CMDLINE_VALUE_H

#include <sys/types.h>
#include "input/base/cmdline.h"
#include "input/base/log.h"

/* Return: the number, or -EINVAL with c->why. */
int cmdline_value_number(struct cmdline *c, const char *text, int min, int max);
int cmdline_value_seconds(struct cmdline *c, const char *text, double max,
			  double *seconds);
int cmdline_value_mode(struct cmdline *c, const char *text, mode_t *mode);
int cmdline_value_level(struct cmdline *c, const char *text,
			enum log_level *level);

/*
 * One of words, which end with NULL; list: the same for the message.
 * Return: its index, or -EINVAL with c->why.
 */
int cmdline_value_word(struct cmdline *c, const char *text,
		       const char *const *words, const char *list);

/* An fd that was inherited. */
int cmdline_value_fd(struct cmdline *c, const char *text, int *fd);
/* The same, to be closed when it was written to: not standard error. */
int cmdline_value_ready_fd(struct cmdline *c, const char *text, int *fd);

/* As account_user() and account_group() of account.h. */
int cmdline_value_user(struct cmdline *c, const char *text, uid_t *uid,
		       gid_t *gid);
int cmdline_value_group(struct cmdline *c, const char *text, gid_t *gid);

/* --- rows whose value goes to a member of TYPE: see cmdline.h --- */

#define CMDLINE_FD(TYPE, MEMBER) \
	cmdline_take_fd, CMDLINE_AT(TYPE, MEMBER, int : 0)
#define CMDLINE_READY_FD(TYPE, MEMBER) \
	cmdline_take_ready_fd, CMDLINE_AT(TYPE, MEMBER, int : 0)
#define CMDLINE_LEVEL(TYPE, MEMBER) \
	cmdline_take_level, CMDLINE_AT(TYPE, MEMBER, enum log_level : 0)
/* At most MAX, an int. */
#define CMDLINE_SECONDS(TYPE, MEMBER, MAX) \
	cmdline_take_seconds, CMDLINE_AT(TYPE, MEMBER, double : 0), MAX

#define CMDLINE_MODE(TYPE, MEMBER) \
	cmdline_take_mode, CMDLINE_AT(TYPE, MEMBER, mode_t : 0)
#define CMDLINE_GROUP(TYPE, MEMBER) \
	cmdline_take_group, CMDLINE_AT(TYPE, MEMBER, gid_t : 0)

int cmdline_take_fd(struct cmdline *c, char *value);
int cmdline_take_ready_fd(struct cmdline *c, char *value);
int cmdline_take_level(struct cmdline *c, char *value);
int cmdline_take_seconds(struct cmdline *c, char *value);
int cmdline_take_mode(struct cmdline *c, char *value);
int cmdline_take_group(struct cmdline *c, char *value);

#endif
