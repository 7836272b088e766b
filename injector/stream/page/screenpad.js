/* SPDX-License-Identifier: Apache-2.0 */
/* A gamepad on the screen. */
import { link, on } from './link.js';
import { removePad, sendPad } from './pads.js';
import { holdable, makeButton } from './press.js';
import { texts } from './texts.js';

const at = id => document.getElementById(id);
const state = { buttons: Array(17).fill(0), axes: [0, 0, 0, 0] };
const REST = 0;

const tell = () => sendPad('screen', state);

/* Its buttons, by their numbers in the standard gamepad. */
for (const [index, [text, label]] of Object.entries(texts.padButtons)) {
	const button = holdable(makeButton(text, label), down => {
		state.buttons[index] = Number(down);
		tell();
	});

	button.style.gridArea = `button${index}`;
	at('padButtons').append(button);
}

/* --- sticks: dragged, or pushed by the arrow keys --- */

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, -1],
		 ArrowDown: [1, 1] };

function addStick(first, label)
{
	const stick = document.createElement('div');
	const knob = document.createElement('div');

	function push(x, y)
	{
		if (link.readOnly)
			return;
		const length = Math.max(1, Math.hypot(x, y));

		state.axes[first] = x / length;
		state.axes[first + 1] = y / length;
		knob.style.left = `${50 + 30 * x / length}%`;
		knob.style.top = `${50 + 30 * y / length}%`;
		tell();
	}

	function drag(e)
	{
		const r = stick.getBoundingClientRect();

		push(2 * (e.clientX - r.left) / r.width - 1,
		     2 * (e.clientY - r.top) / r.height - 1);
	}

	function key(e, value)
	{
		const arrow = ARROWS[e.key];

		if (!arrow)
			return;
		e.preventDefault();
		const axes = state.axes.slice(first, first + 2);

		axes[arrow[0]] = value * arrow[1];
		push(...axes);
	}

	stick.className = 'stick';
	stick.tabIndex = 0;
	stick.setAttribute('role', 'application');
	stick.setAttribute('aria-label', label);
	stick.append(knob);
	stick.addEventListener('pointerdown', e => {
		stick.setPointerCapture(e.pointerId);
		drag(e);
	});
	stick.addEventListener('pointermove', e => {
		if (stick.hasPointerCapture(e.pointerId))
			drag(e);
	});
	stick.addEventListener('lostpointercapture', () => push(REST, REST));
	stick.addEventListener('keydown', e => key(e, 1));
	stick.addEventListener('keyup', e => key(e, REST));
	stick.addEventListener('blur', () => push(REST, REST));
	at('sticks').append(stick);
	return () => {
		knob.style.left = knob.style.top = '50%';
	};
}

const centre = texts.sticks.map((label, i) => addStick(2 * i, label));

on('letgo', () => {
	state.buttons.fill(0);
	state.axes.fill(0);
	centre.forEach(run => run());
	removePad('screen');
});
