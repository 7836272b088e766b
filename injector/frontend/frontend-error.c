/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/frontend/frontend-error.h"

#include <errno.h>
#include <string.h>

const char *fe_strerror(int rc)
{
	switch (rc) {
	case FE_E_CLOSED:
		return "the device closed the connection";
	case FE_E_REPLY:
		return "the answer is not that of a vhost-user device";
	case FE_E_REFUSED:
		return "the device refused a request";
	case FE_E_DEVICE:
		return "not a vhost-user-input device";
	case FE_E_RING:
		return "the device gave back a buffer that it did not have";
	case FE_E_LAYOUT:
		return "the device has no packed rings";
	case -ETIMEDOUT:
		return "no answer: not a vhost-user device, or it serves "
		       "another front-end";
	default:
		return rc < 0 ? strerror(-rc) : "no error";
	}
}
