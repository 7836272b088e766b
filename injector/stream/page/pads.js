/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gamepads: each is one in the guest, by the lowest number that is free, and has
 * it until it goes. They have no events for their buttons: they are looked at.
 */
import { held } from './held.js';
import { emit, link, sendMessage } from './link.js';

const BUTTONS = 17, AXES = 4; /* of the standard gamepad */
const PADS_MAX = 8; /* of a page */
const numbers = new Map(); /* by the index of a pad, or 'screen' */
const sent = new Map(); /* its state, by the same */
let watched = false;

/* Return: the pad's number; undefined: there are too many. */
function numberOf(pad)
{
	if (!numbers.has(pad)) {
		const taken = new Set(numbers.values());

		for (let n = PADS_MAX - 1; n >= 0; n--)
			if (!taken.has(n))
				numbers.set(pad, n);
	}
	return numbers.get(pad);
}

export function sendPad(pad, state)
{
	const number = numberOf(pad);
	const text = JSON.stringify(state);

	if (link.readOnly || number === undefined || text === sent.get(pad))
		return;
	sent.set(pad, text);
	held.pads.add(number);
	emit('held');
	sendMessage({ type: 'pad', pad: number, ...state });
}

export function removePad(pad)
{
	const number = numbers.get(pad);

	if (number === undefined)
		return;
	numbers.delete(pad);
	sent.delete(pad);
	held.pads.delete(number);
	emit('held');
	sendMessage({ type: 'pad', pad: number, gone: true });
}

/* What is still pressed when all was released is sent when it changes. */
function lookAtPads()
{
	const pads = [...navigator.getGamepads?.() || []].filter(p => p);

	for (const p of pads)
		sendPad(p.index, {
			buttons: p.buttons.slice(0, BUTTONS).map(b => b.value),
			axes: p.axes.slice(0, AXES).map(
				v => Math.min(1, Math.max(-1, v))),
		});
	watched = pads.length > 0;
	if (watched)
		requestAnimationFrame(lookAtPads);
}

addEventListener('gamepadconnected', () => {
	if (!watched)
		lookAtPads();
});
addEventListener('gamepaddisconnected', e => removePad(e.gamepad.index));
