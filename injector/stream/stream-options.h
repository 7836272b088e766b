/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-stream's command line, parsed. */
#ifndef VINPUT_STREAM_OPTIONS_H
#define VINPUT_STREAM_OPTIONS_H

#include "injector/display/display-address.h"
#include "injector/inject/inject-layout.h"
#include "injector/rtc/rtc.h"
#include "injector/stream/stream-device.h"
#include "injector/stream/web-server.h"
#include "input/base/log.h"
#include "input/sandbox/sandbox.h"

enum stream_mode {
	STREAM_RUN,
	STREAM_HELP,
	STREAM_VERSION_ONLY,
};

/* Strings are borrowed from argv. */
struct stream_options {
	enum stream_mode mode;
	const char *dir; /* a launcher's; NULL: none */
	bool passed;	 /* dir is that of VINPUT_DIR */
	struct stream_option_fd {
		char label[STREAM_LABEL_SIZE];
		int fd;
	} fd[STREAM_DEVICES_MAX]; /* inherited */
	size_t n_fds;
	unsigned int n_touch;
	struct displays displays;	    /* VNC servers that show them */
	const char *password[DISPLAYS_MAX]; /* of them: "[NAME=]FILE" */
	size_t n_passwords;
	struct web_options web;
	const char *rtc_address[RTC_ADDRESSES_MAX];
	size_t n_rtc; /* 0: no WebRTC */
	uint16_t rtc_port;
	struct inject_layout_names layout; /* of the guest's keyboard */
	const char *token_file;		   /* NULL: a random token */
	const char *stats_path;
	int ready_fd; /* -1: none */
	struct sandbox sandbox;
	enum log_level log_level;
};

/* Return: 0, or -EINVAL with one line about it in why. */
int stream_options_parse(struct stream_options *o, int argc, char **argv,
			 char why[256]);
void stream_options_help(void); /* print it */

#endif
