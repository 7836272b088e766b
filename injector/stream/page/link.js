/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session with vinput-stream: a WebSocket, and a data channel beside it as
 * soon as WebRTC has one. Others are told by on(): 'hello', 'devices', 'way',
 * 'layouts', 'typed', 'error', 'textError', 'rtt', 'video', 'display',
 * 'closed'.
 */
import { texts } from './texts.js';

const RTC_MS = 3000; /* in which a data channel opens, or never */
const RETRY_MS = 1000;
const PING_MS = 1000;
export const USUAL = 255; /* the number of the usual device */

/* displays: those of VNC servers; readOnly: the user may only look. */
export const link = { devices: [], displays: [], socket: null, channel: null,
		      peer: null, readOnly: false };

/* --- who is told --- */

const listeners = new Map();

export function on(what, run)
{
	listeners.set(what, [...listeners.get(what) || [], run]);
}

export function emit(what, value)
{
	for (const run of listeners.get(what) || [])
		run(value);
}

export const withRole = role => link.devices.filter(
	d => d.roles.includes(role));
export const has = role => withRole(role).length > 0;

/* --- sending --- */

function send(data)
{
	if (link.channel && link.channel.readyState === 'open')
		link.channel.send(data);
	else if (link.socket && link.socket.readyState === WebSocket.OPEN)
		link.socket.send(data);
}

/*
 * The roles of which a message, or an opcode, needs one. What the server would
 * reject is not sent, as it disconnects a client with many errors.
 */
const NEEDS = {
	key: ['keyboard'], button: ['mouse', 'tablet'], pen: ['pen'],
	pad: ['gamepad'], switch: ['switches'], turn: ['rotary'],
	1: ['mouse'], 2: ['mouse', 'tablet'], 3: ['tablet'], 5: ['touch'],
	6: ['touch'], 7: ['pen'],
};
const LOOKING = ['hello', 'held', 'ping', 'layouts', 'offer'];

const isTaken = what => link.readOnly ? LOOKING.includes(what)
				      : !NEEDS[what] || NEEDS[what].some(has);

export function sendMessage(message)
{
	if (isTaken(message.type))
		send(JSON.stringify(message));
	else if (!link.readOnly && link.devices.length)
		emit('error', 'no device for this');
}

/* Fields are [size, value]: i16 is -2, u16 is 2. */
export function sendRecord(opcode, device, fields)
{
	if (!isTaken(opcode))
		return;
	const size = fields.reduce((sum, [n]) => sum + Math.abs(n), 2);
	const view = new DataView(new ArrayBuffer(size));
	let offset = 2;

	view.setUint8(0, opcode);
	view.setUint8(1, device);
	for (const [n, value] of fields) {
		if (n === 4)
			view.setInt32(offset, value, true);
		else if (n === 2)
			view.setUint16(offset, value, true);
		else if (n === -2)
			view.setInt16(offset, value, true);
		else
			view.setInt8(offset, value);
		offset += Math.abs(n);
	}
	send(view.buffer);
}

export const u16 = v => [2, Math.round(Math.min(1, Math.max(0, v)) * 65535)];

/* x and y, of which only whole counts are sent. Returns a function. */
function summed(opcode)
{
	const rest = [0, 0];

	return (x, y) => {
		const whole = [x, y].map((v, i) => {
			const sum = rest[i] + v;
			const n = Math.max(-32767,
					   Math.min(32767, Math.trunc(sum)));

			rest[i] = sum - n;
			return n;
		});

		if (whole[0] || whole[1])
			sendRecord(opcode, USUAL, whole.map(n => [-2, n]));
	};
}

export const sendMotion = summed(1), sendWheel = summed(2);

/* --- WebRTC --- */

function sayWay()
{
	const { channel, socket } = link;

	if (channel && channel.readyState === 'open')
		emit('way', 'WebRTC');
	else if (socket && socket.readyState === WebSocket.OPEN)
		emit('way', 'WebSocket');
	else
		emit('way', texts.disconnected);
}

/*
 * A section for the picture of each touchscreen whose size is known, and of
 * each VNC server. What comes is shown at once, not when it would be smooth.
 * Return: a promise of the streams, when they are connected.
 */
function askForVideo(peer)
{
	const codecs = RTCRtpReceiver.getCapabilities('video').codecs.filter(
		c => /VP8|rtx/.test(c.mimeType));
	const names = new Set(link.displays.map(d => `touch_${d.number}`));

	for (const d of withRole('touch'))
		if (d.width)
			names.add(d.label);
	for (let i = 0; i < names.size; i++) {
		const section = peer.addTransceiver('video',
						    { direction: 'recvonly' });

		section.setCodecPreferences(codecs);
		section.receiver.jitterBufferTarget = 0;
	}
	return new Promise(connected => {
		const streams = [];

		peer.ontrack = e => streams.push(e.streams[0]);
		peer.addEventListener('connectionstatechange', () => {
			if (peer.connectionState === 'connected')
				connected(streams);
		});
	});
}

/* What is sent meanwhile goes over the WebSocket. */
async function offer()
{
	const mine = link.peer = new RTCPeerConnection();

	link.channel = mine.createDataChannel('vinput.1');
	link.channel.onopen = sayWay;
	link.channel.onclose = () => hangUp(mine);
	mine.onconnectionstatechange = () => {
		if (mine.connectionState !== 'connecting' &&
		    mine.connectionState !== 'connected')
			hangUp(mine);
	};
	setTimeout(() => {
		if (mine === link.peer && link.channel.readyState !== 'open')
			hangUp(mine);
	}, RTC_MS);
	askForVideo(mine).then(streams => {
		if (mine === link.peer)
			emit('video', streams);
	});
	await mine.setLocalDescription();
	sendMessage({ type: 'offer', sdp: mine.localDescription.sdp });
}

function hangUp(which)
{
	if (which !== link.peer)
		return;
	link.peer = link.channel = null;
	if (which)
		which.close();
	emit('video', []);
	sayWay();
}

/* --- the session --- */

let mayOffer = false, pinger, pings = 0;
const pinged = new Map(); /* when, by number */

function ping()
{
	pinged.clear(); /* one that was lost */
	pinged.set(++pings, performance.now());
	sendMessage({ type: 'ping', id: pings });
}

const handlers = {
	hello(m) {
		link.readOnly = m.read_only;
		link.displays = m.displays;
		mayOffer = m.rtc && Boolean(self.RTCPeerConnection);
		pinger = setInterval(ping, PING_MS);
		sayWay();
		emit('hello', m);
		ping();
	},
	devices(m) {
		link.devices = m.devices;
		emit('devices', m.devices);
		if (mayOffer)
			offer();
		mayOffer = false;
	},
	answer(m) {
		if (link.peer)
			link.peer.setRemoteDescription({ type: 'answer',
							 sdp: m.sdp });
	},
	pong(m) {
		if (!pinged.has(m.id))
			return;
		const guestMs = m.guest_us ? m.guest_us / 1000 : null;

		emit('rtt', { ms: performance.now() - pinged.get(m.id),
			      guestMs });
	},
	layouts: m => emit('layouts', m.layouts),
	typed: () => emit('typed'),
	error(m) {
		if (m.for === 'text')
			emit('textError');
		emit('error', m.error);
	},
};

export function connect()
{
	const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
	const socket = link.socket = new WebSocket(
		`${scheme}//${location.host}/input`, 'vinput.1');
	let wasOpen = false;

	socket.onopen = () => {
		wasOpen = true;
		sendMessage({ type: 'hello', version: 1 });
	};
	socket.onmessage = e => {
		const m = JSON.parse(e.data);
		const handle = handlers[m.type];

		if (handle)
			handle(m);
		else
			emit('error', texts.unknownAnswer);
	};
	socket.onclose = () => {
		clearInterval(pinger);
		hangUp(link.peer);
		link.devices = [];
		emit('closed', wasOpen ? texts.lost : texts.refused);
		sayWay();
		setTimeout(connect, RETRY_MS);
	};
}
