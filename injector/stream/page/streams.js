/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streams of video that WebRTC has brought, by the numbers of their
 * displays. 'streams' tells that they have changed.
 */
import { emit, on } from './link.js';

const WAIT_MS = 1000; /* so long, nothing else is shown instead */
let streams = new Map();
let timer;

/* mayCome: whether some are on their way, for all that is known. */
export const video = { mayCome: false };
export const streamOf = number => streams.get(`display_${number}`) || null;

function set(list)
{
	clearTimeout(timer);
	video.mayCome = false;
	streams = new Map(list.map(stream => [stream.id, stream]));
	emit('streams');
}

on('hello', ({ rtc }) => {
	video.mayCome = rtc && Boolean(self.RTCPeerConnection);
	if (video.mayCome)
		timer = setTimeout(() => set([]), WAIT_MS);
});
on('video', set);
