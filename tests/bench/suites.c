/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/suites.h"

const struct suite suites[] = {
	{ "latency", "one frame at a time", suite_latency, 1 },
	{ "apart", "on another CPU than the guest", suite_apart, 3 },
	{ "shared", "frames through shared memory", suite_shared, 2 },
	{ "receipts", "until the driver has taken it", suite_receipts, 1 },
	{ "to", "a node into an injection socket", suite_to, 1 },
	{ "stream", "a browser's message by a WebSocket", suite_stream, 2 },
	{ "burst", "many frames at once", suite_burst, 2 },
	{ "start", "from exec to the first answer", suite_start, 1 },
	{ "memory", "memory and file descriptors", suite_memory, 1 },
	{ "hold", "a holder before a server", suite_hold, 1 },
	{ "idle", "with nothing to do", suite_idle, 4 },
	{ "sources", "one device, many injectors", suite_sources, 2 },
	{ "devices", "many devices at once", suite_devices, 4 },
	{ "launch", "many devices by vinput-launch", suite_launch, 4 },
};

const unsigned int n_suites = sizeof(suites) / sizeof(*suites);
