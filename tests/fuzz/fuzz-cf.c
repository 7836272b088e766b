/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the path of a request for Cuttlefish's client, or as signalling
 * of its; the first chooses. What a path is about lies inside it.
 */
#include <stdlib.h>

#include "injector/stream/cf-client.h"
#include "injector/stream/cf-route.h"
#include "injector/stream/cf-signal.h"
#include "injector/stream/stream-parse.h"
#include "tests/fuzz/fuzz.h"

static void read_path(const uint8_t *data, size_t size)
{
	char *path = strndup((const char *)data, size);
	struct cf_route r;

	must(path);
	cf_route_read(&r, path);
	must(memchr(r.id, '\0', sizeof(r.id)));
	must(!strchr(r.id, '/'));
	must(!r.path == (r.kind != CF_FILE));
	must(!r.path || (*r.path && strstr(path, r.path)));
	must(!cf_route_posts(&r) || strstr(path, "polled"));
	free(path);
}

static void read_signal(const uint8_t *data, size_t size)
{
	struct fault why = { "" };
	struct cf_signal s;
	json_t *message =
		stream_parse((const char *)data, size, CF_MESSAGE_MAX, &why);

	if (message && !cf_signal_read(&s, message, &why))
		must(s.sdp && s.kind <= CF_ERROR);
	else
		must(why.text[0]);
	json_decref(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] & 1)
		read_path(data + 1, size - 1);
	else
		read_signal(data + 1, size - 1);
	return 0;
}
