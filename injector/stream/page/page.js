/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bare page to try the protocol with: an area that takes keys, mouse, wheel,
 * touch and pen; gamepads; and controls for the rest. What is held is kept in
 * one place, `held`, from which each heartbeat is made.
 */
'use strict';

const RTC_MS = 3000; /* in which a data channel opens, or never */
const USUAL = 255; /* the number of the usual device */

const at = id => document.getElementById(id);
const area = at('area');
const held = {
	keys: new Set(),
	buttons: new Set(),
	contacts: new Set(),
	pads: new Set(),
	pen: false,
};
let socket, channel, peer, devices = [], beat;

const has = role => devices.some(d => d.roles.includes(role));

/* --- sending --- */

function send(data)
{
	if (channel && channel.readyState === 'open')
		channel.send(data);
	else if (socket.readyState === WebSocket.OPEN)
		socket.send(data);
}

const sendMessage = message => send(JSON.stringify(message));

/* Fields are [size, value]: i16 is -2, u16 is 2. */
function sendRecord(opcode, fields)
{
	const size = fields.reduce((sum, [n]) => sum + Math.abs(n), 2);
	const view = new DataView(new ArrayBuffer(size));
	let offset = 2;

	view.setUint8(0, opcode);
	view.setUint8(1, USUAL);
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
			sendRecord(opcode, whole.map(n => [-2, n]));
	};
}

const sendMotion = summed(1), sendWheel = summed(2);

/* --- what is held --- */

function pulse()
{
	sendMessage({
		type: 'held',
		keys: [...held.keys],
		buttons: { [mouseLabel()]: [...held.buttons] },
		contacts: { '': [...held.contacts] },
		pads: [...held.pads],
		pen: held.pen,
	});
}

function forget()
{
	held.keys.clear();
	held.buttons.clear();
	held.contacts.clear();
	held.pads.clear();
	held.pen = false;
}

function letGo()
{
	forget();
	pulse();
}

addEventListener('blur', letGo);
addEventListener('pagehide', letGo);
document.addEventListener('visibilitychange', () => {
	if (document.hidden)
		letGo();
});

/* --- connections --- */

function say(way, text)
{
	at('way').textContent = way;
	if (text)
		at('state').textContent = text;
}

/* What is sent meanwhile goes over the WebSocket. */
async function offer()
{
	const mine = peer = new RTCPeerConnection();

	channel = mine.createDataChannel('vinput.1');
	channel.onopen = () => say('WebRTC');
	channel.onclose = () => hangUp(mine);
	mine.onconnectionstatechange = () => {
		if (mine.connectionState !== 'connecting' &&
		    mine.connectionState !== 'connected')
			hangUp(mine);
	};
	setTimeout(() => {
		if (mine === peer && channel.readyState !== 'open')
			hangUp(mine);
	}, RTC_MS);
	await mine.setLocalDescription();
	sendMessage({ type: 'offer', sdp: mine.localDescription.sdp });
}

function hangUp(which)
{
	if (which !== peer)
		return;
	peer = channel = null;
	if (which)
		which.close();
	say('WebSocket');
}

function onMessage(e)
{
	const m = JSON.parse(e.data);

	say(channel && channel.readyState === 'open' ? 'WebRTC' : 'WebSocket',
	    e.data);
	if (m.type === 'hello') {
		beat = setInterval(pulse, m.heartbeat_ms);
		if (m.rtc && self.RTCPeerConnection)
			offer();
	} else if (m.type === 'answer' && peer) {
		peer.setRemoteDescription({ type: 'answer', sdp: m.sdp });
	} else if (m.type === 'devices') {
		devices = m.devices;
	}
}

function connect()
{
	const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';

	socket = new WebSocket(`${scheme}//${location.host}/input`, 'vinput.1');
	socket.onopen = () => sendMessage({ type: 'hello', version: 1 });
	socket.onmessage = onMessage;
	socket.onclose = () => {
		clearInterval(beat);
		hangUp(peer);
		forget();
		say('disconnected');
		setTimeout(connect, 1000);
	};
}

/* --- keys --- */

function key(e, down)
{
	e.preventDefault();
	if (e.isComposing || e.repeat || !e.code)
		return;
	if (down)
		held.keys.add(e.code);
	else
		held.keys.delete(e.code);
	sendMessage({ type: 'key', code: e.code, down });
}

area.addEventListener('keydown', e => key(e, true));
area.addEventListener('keyup', e => key(e, false));

/* --- pointers --- */

const fraction = v => Math.min(1, Math.max(0, v));
const u16 = v => [2, Math.round(fraction(v) * 65535)];

function place(e)
{
	const r = area.getBoundingClientRect();

	return [u16((e.clientX - r.left) / r.width),
		u16((e.clientY - r.top) / r.height)];
}

function touch(e, down)
{
	const sizes = [e.width, e.height].map(v => v / area.clientWidth);

	if (down === null && !held.contacts.has(e.pointerId))
		return;
	if (down === false) {
		held.contacts.delete(e.pointerId);
		sendRecord(6, [[4, e.pointerId]]);
		return;
	}
	held.contacts.add(e.pointerId);
	sendRecord(5, [[4, e.pointerId], ...place(e), u16(e.pressure),
		       u16(Math.max(...sizes)), u16(Math.min(...sizes))]);
}

function pen(e)
{
	held.pen = e.type !== 'pointerleave';
	if (!held.pen) {
		sendMessage({ type: 'pen', near: false });
		return;
	}
	sendRecord(7, [...place(e), u16(e.pressure), [-1, e.tiltX],
		       [-1, e.tiltY],
		       [1, e.buttons >> 1 & 1 | (e.buttons & 32 ? 8 : 0)]]);
}

function mouseLabel()
{
	const tablet = devices.find(d => d.roles.includes('tablet'));

	return tablet ? tablet.label : '';
}

/* Their bits in PointerEvent.buttons, by their numbers. */
const BUTTON_BITS = [1, 4, 2, 8, 16];

function buttons(e)
{
	const device = mouseLabel();

	BUTTON_BITS.forEach((bit, button) => {
		const down = (e.buttons & bit) !== 0;

		if (down === held.buttons.has(button))
			return;
		if (down)
			held.buttons.add(button);
		else
			held.buttons.delete(button);
		sendMessage({ type: 'button', button, down,
			      ...(device && { device }) });
	});
}

function mouse(e)
{
	if (has('tablet'))
		sendRecord(3, place(e));
	else
		sendMotion(e.movementX, e.movementY);
	buttons(e);
}

/* down: null: it neither begins nor ends. */
function pointer(e, down)
{
	e.preventDefault();
	if (down) {
		area.focus();
		area.setPointerCapture(e.pointerId);
	}
	if (e.pointerType === 'touch')
		touch(e, down);
	else if (e.pointerType === 'pen' && has('pen'))
		pen(e);
	else
		mouse(e);
}

area.addEventListener('pointerdown', e => pointer(e, true));
area.addEventListener('pointerup', e => pointer(e, false));
area.addEventListener('pointercancel', e => pointer(e, false));
area.addEventListener('pointermove', e => pointer(e, null));
area.addEventListener('pointerleave', e => {
	if (e.pointerType === 'pen')
		pointer(e, null);
});
area.addEventListener('contextmenu', e => e.preventDefault());

/* In 1/120 of a notch: by WheelEvent.deltaMode a pixel, a line, a page. */
const WHEEL_UNITS = [1, 40, 800];

function onWheel(e, take)
{
	const unit = WHEEL_UNITS[e.deltaMode];

	e.preventDefault();
	take(e.deltaX * unit, e.deltaY * unit);
}

area.addEventListener('wheel', e => onWheel(e, sendWheel), { passive: false });

/* --- gamepads --- */

let watched = false; /* gamepads have no events for their buttons */
const padState = [];

function lookAtPads()
{
	const pads = [...navigator.getGamepads()].filter(p => p);

	for (const p of pads) {
		const state = {
			buttons: p.buttons.slice(0, 17).map(b => b.value),
			axes: p.axes.slice(0, 4),
		};
		const text = JSON.stringify(state);

		if (text === padState[p.index])
			continue;
		padState[p.index] = text;
		held.pads.add(p.index);
		sendMessage({ type: 'pad', pad: p.index, ...state });
	}
	watched = pads.length > 0;
	if (watched)
		requestAnimationFrame(lookAtPads);
}

addEventListener('gamepadconnected', () => {
	if (!watched)
		lookAtPads();
});
addEventListener('gamepaddisconnected', e => {
	delete padState[e.gamepad.index];
	held.pads.delete(e.gamepad.index);
	sendMessage({ type: 'pad', pad: e.gamepad.index, gone: true });
});

/* --- controls --- */

let degrees = 0, lid = false;

at('controls').addEventListener('submit', e => {
	e.preventDefault();
	sendMessage({ type: 'text', text: at('text').value });
});
at('rotate').addEventListener('click', () => {
	degrees = (degrees + 90) % 360;
	sendMessage({ type: 'rotate', degrees });
});
at('lid').addEventListener('click', () => {
	lid = !lid;
	sendMessage({ type: 'switch', name: 'lid', on: lid });
});
at('dial').addEventListener('wheel', e => onWheel(e, (x, y) => {
	if (y)
		sendMessage({ type: 'turn', y });
}), { passive: false });

connect();
