/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/suites.h"

const struct suite suites[] = {
	{ "latency", "one frame at a time", suite_latency },
	{ "apart", "on another CPU than the guest", suite_apart },
	{ "shared", "frames through shared memory", suite_shared },
	{ "receipts", "until the driver has taken it", suite_receipts },
	{ "to", "a node into an injection socket", suite_to },
	{ "stream", "a browser's message by a WebSocket", suite_stream },
	{ "burst", "many frames at once", suite_burst },
	{ "start", "from exec to the first answer", suite_start },
	{ "memory", "memory and file descriptors", suite_memory },
	{ "hold", "a holder before a server", suite_hold },
	{ "idle", "with nothing to do", suite_idle },
	{ "sources", "one device, many injectors", suite_sources },
	{ "devices", "many devices at once", suite_devices },
};

const unsigned int n_suites = sizeof(suites) / sizeof(*suites);
