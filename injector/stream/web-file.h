/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is a part of the program. */
#ifndef VINPUT_WEB_FILE_H
#define VINPUT_WEB_FILE_H

struct web_file {
	const char *path; /* "/main.js" */
	const char *type;
	const char *text;
};

#endif
