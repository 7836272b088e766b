/* SPDX-License-Identifier: Apache-2.0 */
/* Gamepads, which have no events for their buttons: they are looked at. */
import { held } from './held.js';
import { emit, sendMessage } from './link.js';

const BUTTONS = 17, AXES = 4; /* of the standard gamepad */
let watched = false;
const padState = [];

function lookAt(p)
{
	const state = {
		buttons: p.buttons.slice(0, BUTTONS).map(b => b.value),
		axes: p.axes.slice(0, AXES),
	};
	const text = JSON.stringify(state);

	if (text === padState[p.index])
		return;
	padState[p.index] = text;
	held.pads.add(p.index);
	emit('held');
	sendMessage({ type: 'pad', pad: p.index, ...state });
}

function lookAtPads()
{
	const pads = [...navigator.getGamepads()].filter(p => p);

	pads.forEach(lookAt);
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
	emit('held');
	sendMessage({ type: 'pad', pad: e.gamepad.index, gone: true });
});
