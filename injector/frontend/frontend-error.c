/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "injector/frontend/frontend-error.h"

const char *fe_strerror(int rc)
{
	switch (rc) {
	case FE_E_CLOSED:
		return "the device closed the connection";
	case FE_E_REPLY:
		return "invalid reply: not a vhost-user device";
	case FE_E_REFUSED:
		return "the device rejected a request";
	case FE_E_DEVICE:
		return "not a vhost-user-input device";
	case FE_E_RING:
		return "the device returned a buffer that it did not have";
	case FE_E_LAYOUT:
		return "the device does not offer packed rings";
	case -ETIMEDOUT:
		return "no reply: not a vhost-user device, or it serves "
		       "another front-end";
	case -ENOTSOCK:
		return "not a socket";
	default:
		return rc < 0 ? strerror(-rc) : "no error";
	}
}
