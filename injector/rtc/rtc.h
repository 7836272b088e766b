/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WebRTC with browsers, and no more of it than data channels and video that we
 * send need: an ICE-lite agent and DTLS server on UDP sockets that all peers
 * share. This is
 * the only header of it that others include, so that another implementation
 * can take its place.
 *
 * Signalling is the caller's: it carries session descriptions, as text, to and
 * from the browser. Candidates need not be exchanged: ours are in the
 * description, the browser's are not used. The caller owns each peer, and frees
 * it also after closed().
 *
 * Loop thread only. Everything MAY be called from the callbacks, except
 * rtc_free(). rtc_start() starts a thread, which usrsctp never uses here but
 * requires: a sandbox that allows none MUST be entered after it.
 */
#ifndef VINPUT_RTC_H
#define VINPUT_RTC_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/base/fault.h"

#define RTC_ADDRESSES_MAX 4
#define RTC_CHANNELS_MAX  32	      /* of a peer */
#define RTC_TRACKS_MAX	  16	      /* of a peer */
#define RTC_MESSAGE_MAX	  65536	      /* bytes, in both directions */
#define RTC_WAITING_MAX	  (256 << 10) /* bytes of a peer who does not read */
#define RTC_CONNECT_MS	  20000	      /* from rtc_peer_new() to connected() */
#define RTC_CONSENT_MS	  30000	      /* without a check of the browser's */

struct rtc;
struct rtc_peer;

struct rtc_config {
	struct ev_loop *loop;
	/* Of this machine, IPv4 or IPv6, the preferred first; NULL: no more. */
	const char *address[RTC_ADDRESSES_MAX];
	uint16_t port; /* 0: any free one */
	unsigned int max_peers;
	/* From rtc_peer_new() to connected(); then without a check of the
	 * browser's, which makes one every few seconds. Each at most 30000. */
	unsigned int connect_ms, consent_ms;
};

struct rtc_message {
	uint16_t channel;
	bool binary;
	const uint8_t *data; /* borrowed for the call */
	size_t len;
};

/* Of VP8. */
struct rtc_frame {
	const uint8_t *data; /* borrowed for the call */
	size_t len;
	uint32_t time; /* in 1/90000 s */
};

struct rtc_events {
	/* From now on channels can be opened, and are. */
	void (*connected)(struct rtc_peer *peer);
	/* The browser opened a channel. */
	void (*opened)(struct rtc_peer *peer, uint16_t channel,
		       const char *label);
	void (*message)(struct rtc_peer *peer, const struct rtc_message *m);
	/* The browser closed a channel, whoever opened it. */
	void (*channel_closed)(struct rtc_peer *peer, uint16_t channel);
	/*
	 * The browser needs a key frame of this track: first when frames can
	 * be sent, then when it has lost too much. NULL if there are no tracks.
	 */
	void (*wants_key)(struct rtc_peer *peer, unsigned int track);
	/*
	 * The last call. why: for a log; a text of ours. Not after
	 * rtc_peer_free().
	 */
	void (*closed)(struct rtc_peer *peer, const char *why);
};

/* Since rtc_new(). */
struct rtc_counters {
	uint64_t datagrams;	/* received */
	uint64_t stun_rejected; /* not a check, or not with our password */
	uint64_t unchecked;	/* not STUN, and not from a checked address */
	uint64_t handshakes_failed; /* of DTLS, also by another certificate */
	uint64_t peers;		    /* connected so far */
	uint64_t messages_in, messages_out;
	uint64_t messages_rejected; /* not of an open channel */
	uint64_t packets_out;	    /* of video */
	uint64_t packets_resent;
	uint64_t keys_wanted;
	uint64_t media_rejected; /* not feedback about our video */
};

/*
 * Return: 0; -EINVAL: no address, or not one; -ENOTSUP: built without WebRTC;
 * another -errno. With the fault.
 */
int rtc_new(struct rtc **out, const struct rtc_config *config,
	    struct fault *fault);
/* Start its thread, before the first peer. */
void rtc_start(struct rtc *rtc);
/* All peers MUST have been freed. rtc: MAY be NULL. */
void rtc_free(struct rtc *rtc);
const struct rtc_counters *rtc_counters(const struct rtc *rtc);

/*
 * events: borrowed for the life of the peer.
 * Return: 0; -EBUSY: config.max_peers are in use; -ENOMEM.
 */
int rtc_peer_new(struct rtc_peer **peer, struct rtc *rtc,
		 const struct rtc_events *events, void *data);
/* The browser sees that it is closed. peer: MAY be NULL. */
void rtc_peer_free(struct rtc_peer *peer);
void *rtc_peer_data(const struct rtc_peer *peer);
/*
 * Return: for how many seconds nothing has come from a peer that is connected.
 * A browser that lives acknowledges a message, after 0.2 s at most.
 */
double rtc_peer_silence(const struct rtc_peer *peer);

/*
 * A video track that we send, if the browser takes it. Before the descriptions
 * are exchanged, in whose order tracks are. id: of its media stream, up to 32
 * letters, digits, - and _.
 * Return: its number, from 0; -ENOTSUP: built without video; -EMFILE:
 * RTC_TRACKS_MAX; -EINVAL: the id; -ENOMEM.
 */
int rtc_track_add(struct rtc_peer *peer, const char *id);
/*
 * The first frame MUST be a key frame. Return: 0; -ENOTCONN: not connected, or
 * the browser does not take this track; -ENOMEM.
 */
int rtc_track_send(struct rtc_peer *peer, unsigned int track,
		   const struct rtc_frame *f);

/* We offer: Return: the description, owned by the caller; NULL: no memory. */
char *rtc_peer_offer(struct rtc_peer *peer);
/*
 * ... and the browser answers. Once. Return: 0; -EINVAL with the fault;
 * -EALREADY: there is a description of the browser; -ENOMEM.
 */
int rtc_peer_accept(struct rtc_peer *peer, const char *answer,
		    struct fault *fault);
/* Or the browser offers. answer: owned by the caller. Return: as above. */
int rtc_peer_answer(struct rtc_peer *peer, const char *offer, char **answer,
		    struct fault *fault);

/*
 * Open a reliable and ordered channel; messages can be sent at once.
 * Return: its number; -ENOTCONN: not connected; -EMFILE: RTC_CHANNELS_MAX are
 * open; -EINVAL: the label is longer than 255 bytes; -ENOBUFS.
 */
int rtc_channel_open(struct rtc_peer *peer, const char *label);
/* Return: 0; -ENOENT: not open. */
int rtc_channel_close(struct rtc_peer *peer, uint16_t channel);

/*
 * Return: 0; -ENOENT: the channel is not open; -EMSGSIZE: more than the peer
 * takes; -ENOBUFS: the peer does not read, RTC_WAITING_MAX bytes wait already;
 * -ENOMEM.
 */
int rtc_send(struct rtc_peer *peer, const struct rtc_message *m);

#endif
