/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "injector/rtc/rtc-peer-state.h"
#include "injector/rtc/rtc-peers.h"
#include "input/base/container.h"

static void peers_reap(struct rtc_peers *peers)
{
	struct rtc_peer *p;

	while ((p = LIST_FIRST(&peers->freed))) {
		LIST_REMOVE(p, link);
		rtc_early_fini(&p->early);
		rtc_channels_fini(&p->channels);
		rtc_media_fini(&p->media);
		rtc_dtls_fini(&p->dtls);
		free(p);
	}
}

static void peers_on_reap(struct ev_loop *loop, ev_timer *timer, int revents)
{
	peers_reap(container_of(timer, struct rtc_peers, reap));
}

void rtc_peers_init(struct rtc_peers *peers)
{
	LIST_INIT(&peers->all);
	LIST_INIT(&peers->freed);
	ev_timer_init(&peers->reap, peers_on_reap, 0, 0);
}

void rtc_peers_fini(struct rtc_peers *peers)
{
	ev_timer_stop(peers->loop, &peers->reap);
	peers_reap(peers);
}

struct rtc_peer *rtc_peers_find(const struct rtc_peers *peers,
				struct rtc_text ufrag)
{
	struct rtc_peer *p;

	LIST_FOREACH (p, &peers->all, link)
		if (rtc_text_is(ufrag, p->own.ufrag))
			return p;
	return NULL;
}

struct rtc_peer *rtc_peers_find_end(const struct rtc_peers *peers,
				    const struct rtc_path_end *end)
{
	struct rtc_peer *p;

	LIST_FOREACH (p, &peers->all, link)
		if (rtc_path_has(&p->path, end))
			return p;
	return NULL;
}
