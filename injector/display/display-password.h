/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords of VNC servers, from files, so that no command line and no browser
 * has them.
 */
#ifndef VINPUT_DISPLAY_PASSWORD_H
#define VINPUT_DISPLAY_PASSWORD_H

#include "injector/display/display-address.h"

/*
 * text: "[NAME=]FILE": the password of this display, or of all that have none
 * yet; the file's first line. Return: 0, or a negative errno with the fault:
 * what is wrong with the text.
 */
int display_password_add(struct displays *d, const char *text,
			 struct fault *why);

#endif
