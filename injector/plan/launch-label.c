/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/plan/launch-label.h"

bool launch_label_is_valid(const char *text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_-";

	return text && *text && *text != '-' &&
	       strlen(text) <= LAUNCH_LABEL_MAX && !text[strspn(text, letters)];
}
